"""`harmo score`: what it reads, what it writes, and that its summary adds up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Typed
from tests.models import tiny, tiny_encoders
from tests.process import HARMO, run

Row = dict[str, Any]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.checkpoint(tmp_path_factory.mktemp("score") / "small-rm")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_encoders.sentence_encoder(tmp_path_factory.mktemp("score") / "small-encoder")


def write(file: Path, *rows: Row) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def rewards(answers: list[Row]) -> list[float | None]:
    return [c["reward"] for answer in answers for c in answer["completions"]]


ROWS: list[Row] = [
    {"prompt": "2+2?", "reference": "4", "completions": ["\\boxed{4}", "\\boxed{5}", ""]},
    {"id": "x", "prompt": "?", "completions": [{"text": "4", "num_tokens": 3}]},
    {"prompt": "3*3?", "reference": "9", "completion": "so 9"},
]


def test_every_completion_gets_a_reward_or_a_reason(here: Path) -> None:
    write(here / "rollouts.jsonl", *ROWS)
    ran = run(HARMO, "score", "rollouts.jsonl", "--recipe", "math", "--workers", "1", cwd=here)
    assert (ran.returncode, ran.stderr) == (0, "")
    answers = read(here / "rollouts.rewards.jsonl")
    assert [answer["id"] for answer in answers] == ["1", "x", "3"]
    right, wrong, nothing, unknown, last = rewards(answers)
    assert right > wrong >= nothing
    assert last >= 1
    assert unknown is None
    assert "answer: 1 no_reference" in ran.stdout
    assert "unscored: 1 no_reference" in ran.stdout
    assert [path.name for path in here.glob("*.partial")] == []


def test_every_line_can_be_read_alone(here: Path, typed: Typed) -> None:
    write(here / "in.jsonl", *ROWS)
    typed("score in.jsonl --recipe math --workers 1")
    for answer in read(here / "in.rewards.jsonl"):
        assert answer["recipe"]["name"] == "math"
        assert answer["recipe"]["version"].startswith("sha256:")
        assert answer["recipe"]["scorer_version"].startswith("sha256:")
        for completion in answer["completions"]:
            assert len(completion["scores"]) == len(answer["columns"])
    assert answer["columns"][0]["name"] == "answer"


def test_ids_come_back_as_they_were(here: Path, typed: Typed) -> None:
    completions = [{"id": 30, "text": "4"}, {"id": "b", "text": "4"}, {"id": 2.5, "text": "4"}, "4"]
    write(
        here / "in.jsonl",
        {"id": 7, "prompt": "?", "completions": completions},
        {"id": 7, "prompt": "?", "completion": {"id": 10**30, "text": "4"}},
    )
    typed("score in.jsonl --recipe math --workers 1")
    first, second = read(here / "in.rewards.jsonl")
    assert (first["id"], second["id"]) == (7, 7)
    assert [c["id"] for c in first["completions"]] == [30, "b", 2.5, "3"]
    assert [c["id"] for c in second["completions"]] == [10**30]


def test_two_ids_that_read_alike_are_refused(here: Path, typed: Typed) -> None:
    write(here / "in.jsonl", {"prompt": "?", "completions": [{"id": "0", "text": "4"}] * 2})
    code, _, error = typed("score in.jsonl")
    assert (code, error) == (
        2,
        "harmo: in.jsonl:1: completion ids must be unique within a group\n",
    )


def test_no_completions_stay_none(here: Path, typed: Typed) -> None:
    write(here / "in.jsonl", {"id": "a", "prompt": "?", "completions": []})
    code, shown, _ = typed("score in.jsonl --recipe math --workers 1")
    assert code == 0
    assert [(a["id"], a["completions"]) for a in read(here / "in.rewards.jsonl")] == [("a", [])]
    assert "no completions" in shown


@pytest.mark.parametrize(
    ("content", "groups", "why"),
    [
        (b"", 0, "an empty file"),
        (b"\n \n", 0, "blank lines alone"),
        (b"\xef\xbb\xbf" + b'{"prompt": "?", "completion": "4"}', 1, "a byte order mark"),
        (b'{"prompt": "?", "completion": "4"}\r\n\r\n' * 2, 2, "lines as Windows ends them"),
        (b'{"prompt": "?", "completion": "4"}', 1, "a last line without its end"),
    ],
)
def test_files_come_in_many_forms(
    here: Path, typed: Typed, content: bytes, groups: int, why: str
) -> None:
    (here / "in.jsonl").write_bytes(content)
    code, _, error = typed("score in.jsonl --recipe math --workers 1")
    assert (code, error) == (0, ""), why
    assert len(read(here / "in.rewards.jsonl")) == groups, why


GATED = """
name: gated
combine: gate
rule: [{scorer: rule.by_task, name: answer}]
aspect: [{scorer: aspect.format, params: {pattern: boxed}}]
shadow: [{scorer: aspect.repetition}]
default_task: math
"""


@pytest.mark.parametrize(("recipe", "interacts"), [("math", False), ("gated.yaml", True)])
def test_mean_contributions_add_up_to_the_mean_reward(
    here: Path, typed: Typed, recipe: str, interacts: bool
) -> None:
    (here / "gated.yaml").write_text(GATED)
    write(here / "in.jsonl", *ROWS)
    _, shown, _ = typed(f"score in.jsonl --recipe {recipe} --workers 1")
    table = [line.split() for line in shown.splitlines()]
    cells = {row[0]: row for row in table if row and row[-1].replace("-", "").replace(".", "")}
    last = list(cells).index("reward")
    shares = [float(cells[name][-1]) for name in list(cells)[1:last]]
    assert sum(shares) == pytest.approx(float(cells["reward"][-1]), abs=3e-4)
    scored = [r for r in rewards(read(here / "in.rewards.jsonl")) if r is not None]
    assert float(cells["reward"][-1]) == pytest.approx(sum(scored) / len(scored), abs=1e-4)
    assert cells["reward"][1] == str(len(scored))
    assert ("combine.interaction" in cells) is interacts


def test_the_hosted_model_alone_is_a_recipe(here: Path, typed: Typed, model: Path) -> None:
    write(here / "in.jsonl", {"prompt": "a", "completions": ["b", "c c"]})
    for flags in (f"--recipe model --model {model}", f"--model {model}"):
        code, _, error = typed(f"score in.jsonl --device cpu --workers 1 {flags}")
        assert code == 0, error
        (answer,) = read(here / "in.rewards.jsonl")
        assert answer["recipe"]["name"] == "model"
        assert [column["name"] for column in answer["columns"]] == ["model.small-rm"]
        assert None not in rewards([answer])


def test_of_several_hosted_models_each_is_a_recipe(here: Path, typed: Typed, model: Path) -> None:
    write(here / "in.jsonl", {"prompt": "a", "completion": "b"})
    hosted = f"--model a={model} --model b={model} --device cpu --workers 1"
    assert typed(f"score in.jsonl --recipe model.b {hosted}")[0] == 0
    assert read(here / "in.rewards.jsonl")[0]["recipe"]["name"] == "model.b"
    code, _, error = typed(f"score in.jsonl --recipe model.c {hosted}")
    assert code == 2
    assert "model.a, model.b" in error


def test_an_encoder_of_ones_own_gives_similarities(here: Path, typed: Typed, encoder: Path) -> None:
    similar = "name: s\nmodel: [{scorer: model.similarity, part: full, params: {encoder: mine}}]"
    (here / "similar.yaml").write_text(similar)
    write(here / "in.jsonl", {"prompt": "a", "reference": "b b", "completion": "b b"})
    flags = f"--encoder mine={encoder} --device cpu --workers 1"
    assert typed(f"score in.jsonl --recipe similar.yaml {flags}")[0] == 0
    assert rewards(read(here / "in.rewards.jsonl")) == [pytest.approx(1.0, abs=1e-3)]


def test_a_tokenizer_counts_and_a_step_moves_a_schedule(
    here: Path, typed: Typed, encoder: Path
) -> None:
    (here / "scheduled.yaml").write_text(
        "name: s\nweights: {rule: 1, length: {start: 1, end: 0.5, steps: 10}}\n"
        "rule: [{scorer: rule.exact}]\n"
        "length: [{scorer: length.linear, params: {target_tokens: 1}}]"
    )
    write(here / "in.jsonl", {"prompt": "a", "reference": "b", "completion": "b"})
    lengths = []
    for flags in ("", f"--tokenizer {encoder}", f"--tokenizer {encoder} --step 10"):
        assert typed(f"score in.jsonl --recipe scheduled.yaml --workers 1 {flags}")[0] == 0
        (answer,) = read(here / "in.rewards.jsonl")
        (completion,) = answer["completions"]
        lengths.append((completion["reasons"][1], completion["contributions"][1]))
    assert lengths == [("no_token_count", 0.0), (None, -1.0), (None, -0.5)]


def test_settings_come_from_a_file_and_flags_win(here: Path, typed: Typed) -> None:
    (here / "harmo.yaml").write_text("recipes: [vqa]\nworkers: 1\n")
    write(here / "in.jsonl", {"prompt": "a", "reference": "b", "completion": "b"})
    names = []
    for flags in ("", "--recipe ocr"):
        assert typed(f"score in.jsonl --config harmo.yaml {flags}")[0] == 0
        names.append(read(here / "in.rewards.jsonl")[0]["recipe"]["name"])
    assert names == ["vqa", "ocr"]


def test_it_reads_a_pipe_and_writes_one(here: Path) -> None:
    rows = "".join(json.dumps(row) + "\n" for row in ROWS)
    flags = ("--recipe", "math", "--workers", "1")
    ran = run(HARMO, "score", "-", "--out", "-", *flags, cwd=here, stdin=rows)
    assert ran.returncode == 0
    assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == ["1", "x", "3"]
    assert "mean contribution" in ran.stderr
    assert list(here.iterdir()) == []


def test_rewards_of_a_run_that_fails_do_not_take_the_place_of_older_ones(
    here: Path, typed: Typed
) -> None:
    picture = [{"role": "user", "content": [{"type": "image"}]}]
    groups = [{"prompt": "?", "completions": ["4"] * 200} for _ in range(2)]
    write(here / "in.jsonl", *groups, {"prompt": picture, "completion": "4"})
    (here / "in.rewards.jsonl").write_text("older\n")
    code, _, error = typed("score in.jsonl --recipe math --workers 1")
    assert code == 2
    assert "in.jsonl:2-3: group '3': 1 image parts but 0 images" in error
    assert "cut short; so far: in.rewards.jsonl.partial" in error
    assert (here / "in.rewards.jsonl").read_text() == "older\n"
    assert len(read(here / "in.rewards.jsonl.partial")) == 1
