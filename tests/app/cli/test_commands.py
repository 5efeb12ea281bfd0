"""The commands as a user types them: every mistake is one sentence, and help is help."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.app.cli.conftest import Typed
from tests.process import HARMO, HARMO_TRAIN, free_port, heeding_interrupts, run, wait_ready

INNER = re.compile(r"Traceback|pydantic|click|typer|function-after|instance of|Error:|\[type=|\x1b")
"""Names of our own machinery, and colours where nobody looks at a terminal."""

FILES = {
    "bad.jsonl": b"{",
    "field.jsonl": b'{"prompt": "?", "completion": "4", "surprise": 1}',
    "nothing.jsonl": b'{"prompt": "?"}',
    "both.jsonl": b'{"prompt": "?", "completion": "4", "completions": []}',
    "null.jsonl": b'{"prompt": "?", "completions": null}',
    "list.jsonl": b'{"prompt": "?", "completion": "4"}\n[{"prompt": "?"}]',
    "nan.jsonl": b'{"prompt": "?", "completion": "4", "reference": NaN}',
    "latin.jsonl": b'{"prompt": "?", "completion": "4"}\n{"prompt": "\xe9", "completion": "4"}',
    "deep.jsonl": b"[" * 100_000,
    "role.jsonl": b'{"prompt": [{"content": "x"}], "completion": "4"}',
    "id.jsonl": b'{"id": true, "prompt": "?", "completion": "4"}',
    "image.jsonl": b'{"prompt": [{"role": "user", "content": [{"type": "image"}]}], '
    b'"completion": "4"}',
    "good.jsonl": b'{"prompt": "2+2?", "reference": "4", "completion": "\\\\boxed{4}"}',
    "empty": b"",
    "latin": b"name: \xe9",
    "broken.yaml": b"name: a\nrule: [",
    "list.yaml": b"- port",
    "port.yaml": b"port: abc",
    "mistyped.yaml": b"prot: 1",
    "scorer.yaml": b"name: a\nrule: [{scorer: rule.maths}]",
    "param.yaml": b"name: a\nrule: [{scorer: rule.numeric, params: {tolerance_: 1}}]",
    "zero.yaml": b"name: a\nweights: {rule: 0}\nrule: [{scorer: rule.math}]",
    "negative.yaml": b"name: a\nrule: [{scorer: rule.math, weight: -1}]",
    "union.yaml": b"name: a\nweights: {rule: {start: 1}}\nrule: [rule.math]",
    "scored.jsonl": b'{"score": 1' + b"0" * 400 + b"}",
}
MISTYPED: list[tuple[str, str, str]] = [
    ("srve", "srve", "a command that does not exist"),
    ("serve --prot 1", "--prot", "an option that does not exist"),
    ("serve --port abc", "--port", "a value of the wrong type"),
    ("serve surplus", "surplus", "an argument too many"),
    ("score", "FILE", "an argument too few"),
    ("recipes check", "RECIPE", "an argument of a command of a command"),
    ("models calibrate good.jsonl --kind wavy", "wavy", "a choice that there is not"),
    ("serve --recipe zero.yaml --port 0", "zero", "serve refuses a bad recipe"),
    ("recipes check broken.yaml", "broken.yaml: not YAML at line 2", "a recipe that is no YAML"),
    ("score image.jsonl", "image.jsonl:1: ", "a picture that was not sent"),
    ("score - --recipe math", "--out", "standard input has no name to put the rewards beside"),
]
MISTAKES: list[tuple[str, str, str]] = [
    ("serve --port", "--port", "an option without its value"),
    ("recipes chekc math", "chekc", "a command of a command"),
    ("serve --port 99999", "--port: ", "a port that cannot be"),
    ("serve --host nowhere.invalid", "nowhere.invalid", "an address that nobody has"),
    ("serve --log-level loud", "--log-level: ", "a level that does not exist"),
    ("serve --config nowhere.yaml", "nowhere.yaml", "a settings file that is not there"),
    ("serve --config .", ".: Is a directory", "a folder for a settings file"),
    ("serve --config latin", "latin: not UTF-8", "settings in another encoding"),
    ("serve --config broken.yaml", "broken.yaml: not YAML at line 2", "settings that are no YAML"),
    ("serve --config list.yaml", "list.yaml: settings are a mapping", "settings that are a list"),
    ("serve --config port.yaml", "port.yaml: port: ", "a value in the file of the wrong type"),
    ("serve --config mistyped.yaml", "mistyped.yaml: prot: ", "a setting that does not exist"),
    ("recipes check nope", "shipped:", "an unknown recipe lists the known ones"),
    ("recipes check .", "'.'", "a folder for a recipe"),
    ("recipes check latin", "latin: not UTF-8", "a recipe in another encoding"),
    ("recipes check union.yaml", "weights.rule.end: ", "a schedule without its end"),
    ("recipes check union.yaml", "rule.0: Input should be a mapping", "a term that is a string"),
    ("recipes show scorer.yaml", "rule.maths", "an unknown scorer is named"),
    ("recipes show param.yaml", "tolerance_", "an unknown param is named"),
    ("recipes show zero.yaml", "zero", "all weights zero"),
    ("recipes show negative.yaml", "rule.0.weight: ", "a negative weight within a family"),
    ("scorers calibrate .", ".: Is a directory", "a folder for labelled pairs"),
    ("scorers calibrate bad.jsonl", "bad.jsonl:1: not JSON", "labelled pairs that are no JSON"),
    ("scorers calibrate empty", "empty: no labelled pairs", "labelled pairs that are not there"),
    ("models inspect nowhere", "nowhere", "a checkpoint that is not there"),
    ("models calibrate latin", "latin: not UTF-8", "scores in another encoding"),
    ("models calibrate scored.jsonl", "scored.jsonl:1: ", "a score beyond every float"),
    ("score nowhere.jsonl", "nowhere.jsonl: No such file", "a file that is not there"),
    ("score .", ".: Is a directory", "a folder for rollouts"),
    ("score bad.jsonl", "bad.jsonl:1: not JSON", "a line that is not JSON"),
    ("score deep.jsonl", "deep.jsonl:1: not JSON", "a line that is nested too deeply"),
    ("score latin.jsonl", "latin.jsonl:2: not JSON", "a line in another encoding"),
    ("score list.jsonl", "list.jsonl:2: ", "a line that is a list"),
    ("score nan.jsonl", "nan.jsonl:1: reference: Input should be a finite number", "no reference"),
    ("score nothing.jsonl", "nothing.jsonl:1: give 'completions'", "a line with no completions"),
    ("score both.jsonl", "both.jsonl:1: give 'completions'", "a line with both forms of them"),
    ("score null.jsonl", "null.jsonl:1: completions: ", "completions that are null"),
    ("score field.jsonl", "field.jsonl:1: surprise: ", "a field that does not exist"),
    ("score role.jsonl", "role.jsonl:1: prompt.0.role: ", "a prompt that may be text or turns"),
    ("score id.jsonl", "id.jsonl:1: id: ", "an id that is neither text nor number"),
    ("score good.jsonl --step -1", "--step: ", "a step before the first"),
    ("score good.jsonl --recipe model", "--model", "the recipe of a model that is not hosted"),
    ("score good.jsonl --out nowhere/out", "nowhere", "a folder that is not there"),
    ("score good.jsonl --out .", ".: Is a directory", "a folder for the rewards"),
    ("score good.jsonl --out empty/out", "empty", "a file for the folder of the rewards"),
    ("score good.jsonl --out good.jsonl", "good.jsonl", "the rollouts for the rewards"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    return made


def require_one_sentence(code: int, error: str, named: str) -> None:
    assert code == 2, error
    assert named in error
    sentence = error.strip().splitlines()[-1]
    assert sentence.startswith("harmo: ")
    assert not INNER.search(sentence), sentence
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("line", "named", "why"), MISTYPED, ids=[f"{line}: {why}" for line, _, why in MISTYPED]
)
def test_the_installed_command_says_what_was_mistyped(
    folder: Path, line: str, named: str, why: str
) -> None:
    ran = run(HARMO, *line.split(), cwd=folder, stdin="")
    require_one_sentence(ran.returncode, ran.stderr, named)


@pytest.mark.parametrize(
    ("line", "named", "why"), MISTAKES, ids=[f"{line}: {why}" for line, _, why in MISTAKES]
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(
    typed: Typed,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    named: str,
    why: str,
) -> None:
    monkeypatch.chdir(folder)
    code, _, error = typed(line)
    require_one_sentence(code, error, named)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES), "nothing is left behind"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("command", ["score", "recipes check", "serve --config"])
def test_a_file_that_may_not_be_read_is_named(typed: Typed, tmp_path: Path, command: str) -> None:
    secret = tmp_path / "secret.yaml"
    secret.touch(mode=0)
    code, _, error = typed(f"{command} {secret}")
    require_one_sentence(code, error, f"{secret}: Permission denied")


SETTINGS = [
    ("serve", "HARMO_PORT", "abc", "HARMO_PORT: ", "a variable is named as it is set"),
    ("score good.jsonl", "HARMO_PORT", "abc", "HARMO_PORT: ", "in whichever command"),
    ("serve", "HARMO_RECIPES", "[math", "HARMO_RECIPES: ", "a list that is no JSON"),
    ("serve --port 0", "HARMO_CALIBRATION", "empty", "empty: ", "no table of confidences"),
    ("score good.jsonl", "HARMO_CALIBRATION", "nowhere", "nowhere: ", "a table that is not there"),
]


@pytest.mark.parametrize(
    ("line", "variable", "value", "named", "why"), SETTINGS, ids=[why for *_, why in SETTINGS]
)
def test_a_mistake_in_the_environment_is_one_sentence(
    folder: Path, line: str, variable: str, value: str, named: str, why: str
) -> None:
    ran = run(HARMO, *line.split(), cwd=folder, env={variable: value})
    require_one_sentence(ran.returncode, ran.stderr, f"harmo: {named}")
    assert len(ran.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_said_before_anything_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run(HARMO, "serve", "--port", str(port))
    assert ran.returncode == 2
    assert ran.stderr == f"harmo: cannot listen on 127.0.0.1:{port}: Address already in use\n"


COMMANDS = (
    "",
    "serve",
    "score",
    "scorers",
    "scorers calibrate",
    "recipes",
    "recipes list",
    "recipes check",
    "recipes show",
    "models",
    "models inspect",
    "models calibrate",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_80_columns(typed: Typed, command: str) -> None:
    code, shown, _ = typed(f"{command} --help")
    assert code == 0
    assert shown.startswith("Usage: harmo")
    assert max(map(len, shown.splitlines())) <= 80
    summaries = shown.partition("Commands:")[2]
    assert "..." not in summaries, "a summary that is cut short says nothing"
    assert not INNER.search(shown)


@pytest.mark.parametrize("command", ["", "recipes", "models"])
def test_a_command_that_needs_another_prints_its_help_and_is_no_mistake(
    typed: Typed, command: str
) -> None:
    code, shown, error = typed(command)
    assert (code, error) == (0, "")
    assert shown == typed(f"{command} --help")[1]


@pytest.mark.parametrize(
    ("command", "shown"), [(HARMO, "harmo 0."), (HARMO_TRAIN, "harmo-train 0.")]
)
def test_version(command: str, shown: str) -> None:
    ran = run(command, "--version")
    assert ran.returncode == 0
    assert ran.stdout.startswith(shown)
    assert len(ran.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("", "CONFIG.yaml"),
        ("--srvice x list.yaml", "--srvice"),
        ("nowhere.yaml", "nowhere.yaml"),
        (".", "Is a directory"),
        ("latin", "latin"),
        ("broken.yaml", "broken.yaml"),
        ("list.yaml", "list.yaml"),
    ],
)
def test_harmo_train_is_as_plain(folder: Path, line: str, named: str) -> None:
    ran = run(HARMO_TRAIN, *line.split(), cwd=folder)
    assert ran.returncode == 2
    assert named in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("line", ["scorers", "--help"])
def test_a_reader_that_leaves_is_no_error(line: str) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([HARMO, *line.split()], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert ran.returncode == 1
    assert ran.stderr == b""


def test_an_interrupted_score_says_where_the_rewards_are_that_it_has(tmp_path: Path) -> None:
    row = FILES["good.jsonl"].replace(b"4}", b"4}" + b" " * 2000)
    (tmp_path / "in.jsonl").write_bytes((row + b"\n") * 20_000)
    with heeding_interrupts():
        process = subprocess.Popen(
            [HARMO, "score", "in.jsonl"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    partial = tmp_path / "in.rewards.jsonl.partial"
    while process.poll() is None and not (partial.exists() and partial.stat().st_size):
        time.sleep(0.05)
    # As a terminal does: to every process of the command.
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert error.decode().splitlines() == [f"cut short; so far: {partial.name}"]
    assert not (tmp_path / "in.rewards.jsonl").exists()


def test_recipes_check_looks_at_every_file_and_its_exit_code_is_the_worst(tmp_path: Path) -> None:
    inverted = "name: a\nweights: {rule: 0.1, aspect: 1}\nrule: [{scorer: rule.math}]\n"
    (tmp_path / "refused.yaml").write_text(inverted + "aspect: [{scorer: aspect.format}]")
    (tmp_path / "broken.yaml").write_bytes(FILES["broken.yaml"])
    ran = run(HARMO, "recipes", "check", "math", "refused.yaml", cwd=tmp_path)
    assert ran.returncode == 1
    assert "refused.yaml:\nrefuse inversion: " in ran.stdout
    ran = run(HARMO, "recipes", "check", "broken.yaml", "refused.yaml", "ocr", cwd=tmp_path)
    assert ran.returncode == 2
    headed = [line for line in ran.stdout.splitlines() if line.endswith(":")]
    assert headed == ["broken.yaml:", "refused.yaml:", "ocr:"]
    assert "refuse inversion: " in ran.stdout
    assert ran.stderr.startswith("harmo: broken.yaml: not YAML")
    assert run(HARMO, "recipes", "check", "refused.yaml", cwd=tmp_path).returncode == 1
    assert run(HARMO, "recipes", "check", "math").returncode == 0


def test_a_drained_service_exits_with_0(tmp_path: Path) -> None:
    port = free_port()
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([HARMO, "serve", "--port", str(port)], stderr=log, stdout=log)
    wait_ready(port, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, (tmp_path / "log").read_text()


def test_scorers_lists_origin_and_confidence() -> None:
    ran = run(HARMO, "scorers")
    assert ran.returncode == 0
    assert "rule.math" in ran.stdout
    assert "num-num" in ran.stdout
