"""`harmo probe`: its exit codes, what it prints and what it writes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harmo import Sample, Score, scorer
from harmo.app.probe.attacks import Kind
from tests.app.cli.conftest import Typed
from tests.process import HARMO, heeding_interrupts

ROWS = [
    {"question": "Which stone?", "answer": "amber"},
    {"question": "Which colour?", "answer": "violet"},
]
LISTS = "name: lists\nrule: [{scorer: rule.contains}]\n"
EXACT = "name: exact\nrule: [{scorer: rule.planted_whole}]\n"


@scorer("rule.planted_whole")
def whole(sample: Sample) -> Score:
    """1.0 for a text that ends with the reference and says little else; no word of doubt."""
    said = sample.text.partition(" Let me know")[0]
    words = said.replace("\\boxed{", " ").replace("}", " ").rstrip(" .").split()
    doubt = {"or", "not", "\\text{maybe", "\\text{not", "<!--", "-->", "-"} & set(words)
    return Score(value=float(words[-1:] == [sample.reference] and not doubt))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    (tmp_path / "lists.yaml").write_text(LISTS)
    (tmp_path / "exact.yaml").write_text(EXACT)
    return tmp_path


COLUMNS = "--prompt question --reference answer --workers 1"


def test_findings_are_exit_code_one(here: Path, typed: Typed) -> None:
    code, shown, error = typed(f"probe d.jsonl --recipe lists.yaml {COLUMNS} --json out.json")
    assert (code, error) == (1, "")
    assert "d.jsonl: 2 of 2 rows (seed 0)" in shown
    assert "hedges, two boxes: 2 of 2" in shown
    assert "above its limit: paid " in shown
    assert max(map(len, shown.splitlines())) <= 120
    document: dict[str, Any] = json.loads((here / "out.json").read_text())
    assert document["shares"]["refused"] == 0.0
    paid = [each for each in document["findings"] if each["finding"] == "paid"]
    assert {each["row"] for each in paid} == {1, 2}
    assert {each["reference"] for each in paid} == {"amber", "violet"}
    assert all(each["paid_by"] == {"rule.contains": 1.0} for each in paid)


def test_findings_within_the_limit_are_exit_code_zero(here: Path, typed: Typed) -> None:
    code, shown, _ = typed(f"probe d.jsonl --recipe lists.yaml {COLUMNS} --max-paid 0.5 --show 0")
    assert code == 0
    assert "above its limit: nothing" in shown


def test_a_clean_probe(here: Path, typed: Typed) -> None:
    code, shown, _ = typed(f"probe d.jsonl --recipe exact.yaml {COLUMNS} --rows 1")
    assert (code, "d.jsonl: 1 of 2 rows" in shown) == (0, True), shown


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("probe gone.jsonl", "gone.jsonl: no such file"),
        ("probe d.jsonl --recipe math", "has no column 'prompt'"),
        ("probe d.jsonl --recipe nowhere --prompt question --reference answer", "nowhere"),
        (f"probe d.jsonl --recipe instruction {COLUMNS}", "nothing to probe"),
        ("probe d.jsonl --references caption", "'caption' is no NAME=COLUMN"),
        ("probe d.jsonl --rows 0", "--rows"),
        ("probe", "Missing argument"),
    ],
)
def test_mistakes_are_exit_code_two(here: Path, typed: Typed, line: str, error: str) -> None:
    code, _, said = typed(line)
    assert code == 2
    assert error in said
    assert said.count("\n") == 1


def test_json_on_standard_output_is_alone_there(here: Path, typed: Typed) -> None:
    code, shown, said = typed(f"probe d.jsonl --recipe lists.yaml {COLUMNS} --rows 1 --json -")
    assert code == 1
    assert json.loads(shown)["rows"] == 1
    assert "above its limit" in said


def test_a_row_that_no_request_can_carry_ends_the_probe_with_what_is_known(
    here: Path, typed: Typed
) -> None:
    picture = {"role": "user", "content": [{"type": "image"}]}
    rows = [ROWS[0], {"question": [picture], "answer": "amber"}]
    (here / "d.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    code, shown, _ = typed(f"probe d.jsonl --recipe lists.yaml {COLUMNS}")
    assert code == 2
    assert shown.startswith("row 2: ")
    assert "d.jsonl: 1 of 2 rows" in shown


def test_an_interrupt_prints_what_is_known(here: Path) -> None:
    many = "".join(f'{{"prompt": "?", "reference": "{n}"}}\n' for n in range(2, 3000))
    (here / "many.jsonl").write_text(many)
    command = [HARMO, "probe", "many.jsonl", "--recipe", "math", "--rows", "3000"]
    with heeding_interrupts():
        process = subprocess.Popen(
            [sys.executable, "-c", f"import sys\nsys.argv = {command!r}\n{RUN}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    try:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        shown, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert shown.startswith("interrupted; this is what was known by then")
    assert "the reference itself" in shown


RUN = """
from harmo.app.cli import main
from harmo.app.probe import tally
add = tally.Tally.add
def said(self, judged):
    print("row", file=sys.stderr, flush=True)
    add(self, judged)
tally.Tally.add = said
main()
"""


PAGE = (Path(__file__).parents[3] / "docs" / "probe.md").read_text(encoding="utf-8")


def test_the_page_shows_what_happens(here: Path) -> None:
    commands, shown = re.findall(r"^```(?:sh)?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[:2]
    ran = subprocess.run(
        ["bash", "-c", commands.replace(".venv/bin/harmo", HARMO)],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr

    def kinds(text: str) -> list[str]:
        """The first column of the table."""
        return [line.partition("  ")[0] for line in text.split("\n\n")[1].splitlines()]

    assert kinds(ran.stdout) == kinds(shown)
    assert ran.stdout.splitlines()[0] == shown.splitlines()[0]
    assert "hedges, " in ran.stdout
    assert "paid by rule.contains 1" in ran.stdout


def test_the_page_names_every_kind() -> None:
    assert [kind.value for kind in Kind if f"| {kind.value} |" not in PAGE] == []
