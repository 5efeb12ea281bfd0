"""`harmo audit` as it is typed: what it prints, what it writes, and what it says of mistakes."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pyarrow.parquet
import pytest

from harmo.app.cli.audit.asked import named_run, run_of
from harmo.app.cli.audit.leaving import byte_count
from harmo.audit.read import Reader
from harmo.audit.write import Writer
from tests.app.cli.conftest import Typed
from tests.audit.made import made_store


def test_runs_are_listed_the_last_written_first(typed: Typed, store: Path) -> None:
    code, out, _ = typed(f"audit runs {store}")
    assert code == 0
    heading, _, first, second = out.splitlines()
    assert heading.split() == [
        "run",
        "recipe",
        "groups",
        "steps",
        "mean",
        "null",
        "flat",
        "last",
        "size",
    ]
    assert (first.split()[0], second.split()[0]) == ("exp-2", "exp-1")
    assert first.split()[1:3] == ["kept", "100"]


def test_runs_as_json_have_every_figure(typed: Typed, store: Path) -> None:
    code, out, _ = typed(f"audit runs {store} --json")
    runs = json.loads(out)
    assert code == 0
    assert [run["run"] for run in runs] == ["exp-2", "exp-1"]
    assert runs[0]["groups"] == 100


def test_a_run_is_shown_with_columns_reasons_steps_and_groups(typed: Typed, store: Path) -> None:
    code, out, _ = typed(f"audit show {store} exp-2")
    assert code == 0
    for shown in (
        " train groups, ",
        "model.similarity",
        "aspect.repetition",
        "answer is missing: ",
        "steps ",
        "worth opening",
        "model fooled",
    ):
        assert shown in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_runs_json_adds_up(typed: Typed, store: Path) -> None:
    _, out, _ = typed(f"audit show {store} exp-2 --json")
    shown = json.loads(out)
    paid = sum(column["mean_contribution"] for column in shown["columns"])
    assert paid == pytest.approx(shown["mean"])
    assert sum(column["share"] for column in shown["columns"]) == pytest.approx(1.0)
    assert shown["scored"] + sum(shown["reasons"].values()) == shown["completions"]


@pytest.mark.parametrize(
    ("flags", "splits", "why"),
    [
        ("", ["train"], "what a policy learned from"),
        ("--split eval", ["eval"], "what it was examined with"),
        ("--split all", ["eval", "train"], "both"),
    ],
)
def test_train_and_eval_are_told_apart(
    typed: Typed, store: Path, flags: str, splits: list[str], why: str
) -> None:
    _, out, _ = typed(f"audit show {store} exp-2 --json {flags}")
    assert sorted(json.loads(out)["splits"]) == splits, why


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("--steps 2:4", "steps"),
        ("--steps 0:99999999999999999999", "a step that no store has"),
        ("--steps 2:4 --split train", "steps and split"),
        ("--task math", "task"),
        ("--column answer --reason no_reference", "where a column abstained"),
        ("--recipe kept", "recipe"),
    ],
)
def test_filters_narrow_what_is_counted(typed: Typed, store: Path, flags: str, why: str) -> None:
    _, all_of_it, _ = typed(f"audit show {store} exp-1 --json")
    code, out, _ = typed(f"audit show {store} exp-1 --json {flags}")
    assert code == 0
    assert 0 < json.loads(out)["groups"] <= json.loads(all_of_it)["groups"], why
    if "2:4" in flags:
        assert {step["step"] for step in json.loads(out)["steps"]} <= {2, 3, 4}


def test_nothing_that_fits_is_said(typed: Typed, store: Path) -> None:
    code, out, _ = typed(f"audit show {store} exp-1 --steps 90000:")
    assert (code, out.strip()) == (0, "no group is as asked")


def test_a_group_is_shown_with_numbers_texts_and_why_it_abstained(
    typed: Typed, store: Path
) -> None:
    _, found, _ = typed(f"audit show {store} exp-2 --json")
    worth = json.loads(found)["worth_opening"]["model fooled"][0]
    code, out, _ = typed(f"audit show {store} exp-2 --group {worth['group']}")
    assert code == 0
    assert out.startswith(f"group {worth['group']}: run exp-2 step {worth['step']}, ")
    for shown in ("reward", "advantage", "right", "answer", "prompt", "reference"):
        assert shown in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_groups_json_has_everything(typed: Typed, store: Path) -> None:
    _, out, _ = typed(f"audit show {store} --group 5 --json")
    group = json.loads(out)
    assert group["group"] == 5
    assert len(group["completions"]) == 8
    for completion in group["completions"]:
        assert len(completion["scores"]) == len(group["columns"])
        if completion["reward"] is not None:
            assert sum(completion["contributions"]) == pytest.approx(completion["reward"])


def test_texts_can_be_left_out(typed: Typed, store: Path) -> None:
    _, out, _ = typed(f"audit show {store} --group 5 --chars 0")
    assert "prompt" not in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("show {store}", "which run? name one of exp-2, exp-1"),
        ("show {store} exp-9", "no run 'exp-9' in the store; did you mean 'exp-2'?"),
        ("show {store} -", "no run '-' in the store; there are exp-2, exp-1"),
        ("show nowhere", "nowhere: no audit.sqlite in it"),
        ("show {store} --group 99999", "--group: no group 99999 in the store"),
        ("show {store} --group " + "9" * 30, "in the store; `show` names some"),
        ("show {store} exp-1 --group 150", "--group: group 150 is of run 'exp-2', not 'exp-1'"),
        ("show {store} exp-1 --steps 9:3", "--steps: '9:3' ends before it begins"),
        ("show {store} exp-1 --steps x", "--steps: 'x' is no A:B"),
        ("show {store} exp-1 --steps 0:" + "9" * 5000, "--steps: no step has more than 100 digits"),
        ("show {store} exp-1 --steps :", "--steps: ':' is no A:B"),
        ("show {store} exp-1 --steps -3:5", "--steps: '-3:5' is no A:B"),
        ("show {store} exp-1 --column anwser", "did you mean 'answer'?"),
        ("show {store} exp-1 --reason no_ref", "did you mean 'no_reference'?"),
        ("show {store} exp-1 --recipe math", "--recipe: no recipe 'math'; there are kept"),
        ("export {store} --to x.csv", "'x.csv' says neither parquet nor jsonl"),
        ("export {store} --to nowhere/x.jsonl", "nowhere: no such folder for x.jsonl"),
        ("prune {store}", "say what may stay: --max-days, --max-bytes or both"),
        ("prune {store} --max-bytes 5X", "--max-bytes: '5X' is no size"),
        ("prune {store} --max-bytes 0", "--max-bytes: '0' is no size"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    typed: Typed, store: Path, line: str, said: str
) -> None:
    code, out, err = typed(f"audit {line.format(store=store)}")
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_an_export_has_a_row_for_each_completion(typed: Typed, store: Path, tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    code, out, _ = typed(f"audit export {store} --to {target} --run exp-1 --steps 0:3")
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert code == 0
    assert f"{len(rows)} rows written" in out
    assert {row["run"] for row in rows} == {"exp-1"}
    assert {row["step"] for row in rows} == {0, 1, 2, 3}
    assert list(tmp_path.iterdir()) == [target]


def test_an_export_as_parquet_has_the_same_rows(typed: Typed, store: Path, tmp_path: Path) -> None:
    for form in ("parquet", "jsonl"):
        typed(f"audit export {store} --to {tmp_path}/rows --format {form} --run exp-2")
        shutil.move(tmp_path / "rows", tmp_path / f"rows.{form}")
    table = pyarrow.parquet.read_table(tmp_path / "rows.parquet")
    assert table.num_rows == len((tmp_path / "rows.jsonl").read_text().splitlines())


@pytest.mark.parametrize("bound", ["--max-days 1", "--max-bytes 500K", "--max-bytes 1K"])
def test_a_dry_run_says_what_prune_then_does_and_drops_nothing(
    typed: Typed, store: Path, tmp_path: Path, bound: str
) -> None:
    own = tmp_path / "own"
    shutil.copytree(store, own)
    before = typed(f"audit runs {own} --json")
    code, would, warned = typed(f"audit prune {own} {bound} --dry-run")
    assert code == 0
    assert typed(f"audit runs {own} --json") == before
    code, out, err = typed(f"audit prune {own} {bound}")
    assert code == 0
    dropped = out.splitlines()
    assert "dropped exp-1: 100 groups" in dropped
    assert [line.replace("would drop", "dropped") for line in would.splitlines()[:-1]] == (
        dropped[:-1]
    )
    assert warned == err


def test_what_is_left_of_a_store_without_runs_is_said(
    typed: Typed, store: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    shutil.copytree(store, own)
    typed(f"audit prune {own} --max-days 1")
    assert json.loads(typed(f"audit runs {own} --json")[1]) == []
    assert "no groups yet" in typed(f"audit runs {own}")[1]


@pytest.mark.parametrize("flag", ["", "--dry-run"])
def test_a_store_that_a_service_writes_is_left_to_the_service(
    typed: Typed, store: Path, tmp_path: Path, flag: str
) -> None:
    own = tmp_path / "own"
    shutil.copytree(store, own)
    with closing(Writer(own)):
        code, out, err = typed(f"audit prune {own} --max-days 1 {flag}")
    assert (code, out) == (2, "")
    assert "prunes it by audit_max_bytes and audit_max_days" in err


def test_for_bytes_the_run_that_was_written_last_stays(
    typed: Typed, store: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    shutil.copytree(store, own)
    code, out, err = typed(f"audit prune {own} --max-bytes 1K")
    assert code == 0
    assert "dropped exp-1" in out
    assert "exp-2" not in out
    assert "larger than asked" in err


@pytest.mark.parametrize(
    ("text", "count"), [("1", 1), ("5000000", 5_000_000), ("20GiB", 20 << 30), ("1.5 k", 1536)]
)
def test_a_size_is_read(text: str, count: int) -> None:
    assert byte_count(text) == count


NAMES = ["\x1b[2Jred\u202e\r\nx", "half \ud83d", "x" * 500, "[red]", "-x"]


@pytest.mark.parametrize("name", NAMES, ids=map(ascii, NAMES))
def test_a_run_is_found_by_its_name_as_the_table_has_it(tmp_path: Path, name: str) -> None:
    made_store(tmp_path, groups=2, siblings=2, runs=[name, "other"])
    with closing(Reader(tmp_path)) as reader:
        for said in (name, named_run(name)):
            assert run_of(said, reader) == name


def test_the_only_run_is_shown_whatever_its_name(typed: Typed, tmp_path: Path) -> None:
    made_store(tmp_path, groups=2, siblings=2, runs=["\x1b[2Jred\n"])
    code, out, _ = typed(f"audit show {tmp_path}")
    assert code == 0
    assert "2 train groups" in out


def test_a_name_that_two_runs_may_have_is_asked_for(tmp_path: Path) -> None:
    made_store(tmp_path, groups=2, siblings=2, runs=["a\x01", "a\x02"])
    with closing(Reader(tmp_path)) as reader:
        with pytest.raises(ValueError, match="may be any of 2"):
            run_of("a·", reader)
        assert run_of("a\x02", reader) == "a\x02"
