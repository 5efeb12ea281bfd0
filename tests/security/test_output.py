"""Attack 35: text that means something to a terminal, a table, a page or a scraper.

Tables of training: `tests/client/train/record/test_record.py`; a recipe's text on pages:
`tests/app/test_pages.py`; the client's log: `tests/client/test_transfer.py`.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.process import HARMO, run
from tests.security.target import Target, completions, group, require_nothing_leaked

ROOT = Path(__file__).parents[2]
FORGED = "x\r\n2026-01-01 00:00:00,000 CRITICAL harmo.main forged \x1b[31mred\x1b[0m\x07\u2028next"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x9b]")


@pytest.mark.parametrize("field", ["recipe", "run", "split", "id", "task", "prompt", "metadata"])
def test_no_field_forges_a_line_of_the_log(target: Target, field: str) -> None:
    before = target.new_log()
    del before
    asked = group("5")
    more = {}
    if field in ("recipe", "run", "split"):
        more[field] = FORGED
    else:
        asked[field] = {"a": FORGED} if field == "metadata" else FORGED
    for content in (
        {"recipe": "answer", "groups": [asked], **more},
        {"recipe": "answer", "groups": [asked], **more, FORGED: 1},
    ):
        target.post(json.dumps(content).encode(), {"X-Deadline-Ms": "abc"})
        target.post(json.dumps(content).encode(), {"Idempotency-Key": "k" * 300})
        target.post(json.dumps(content).encode())
    log = target.new_log()
    assert not CONTROL.search(log), repr(log[-500:])
    assert "forged" not in log


@pytest.mark.parametrize("path", ["/a%0d%0ab", "/recipes/%1b[31m", "/%e2%80%a8", "/<script>"])
def test_no_path_does_either(target: Target, path: str) -> None:
    answer = target.ask("GET", path)
    assert answer.status == 404
    assert not CONTROL.search(target.new_log())
    assert answer.headers["content-type"] == "application/json"
    require_nothing_leaked(target)


def test_no_header_of_an_answer_holds_what_was_sent(target: Target) -> None:
    answer = target.post(b"{", {"Idempotency-Key": "evil-value", "X-Request-Id": "evil-value"})
    assert "evil-value" not in str(answer.headers)


def test_a_run_is_one_label_whatever_it_is_called(target: Target) -> None:
    """A scraper reads every line, and no name adds one."""
    runs = ['a"b', "a\nharmo_forged_total 1", "a\\", 'x"} 1\nharmo_forged{a="', "\x1b[31m", "{}"]
    for name in runs:
        assert target.score(group("5"), run=name).status == 200
    text = target.ask("GET", "/metrics").content.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert not any("forged" in name for name in families)
    labels = {s.labels.get("run") for s in families["harmo_groups"].samples}
    assert labels & {*runs, "other"}, (
        "as it is called, or with those that have no label of their own"
    )


def test_a_command_prints_no_control_characters(tmp_path: Path) -> None:
    """`harmo score` shows ids, runs and answers that others wrote."""
    file = tmp_path / "rollouts.jsonl"
    evil = "\x1b]0;title\x07\x1b[2J[red]=cmd|' /C calc'!A1"
    asked = {"id": evil, "prompt": evil, "reference": "5", "task": "math",
             "completions": completions(f"\\boxed{{5}}{evil}", evil)}  # fmt: skip
    file.write_text(json.dumps(asked) + "\n")
    for flags in ([], ["--explain"]):
        ran = run(HARMO, "score", str(file), "--recipe", "math", *flags, cwd=tmp_path)
        shown = ran.stdout + ran.stderr
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x9b]", shown), repr(shown[-500:])


def test_nothing_of_ours_writes_csv() -> None:
    """A cell that begins with `=` is harmless in JSON and Parquet; no spreadsheet is written."""
    writers = []
    for top in ("app", "rewards", "scorers", "models", "client/harmo_client"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = node.attr if isinstance(node, ast.Attribute) else ""
                if name in ("to_csv", "to_excel", "writer", "DictWriter"):
                    writers.append(f"{path.relative_to(ROOT)}: {name}")
    assert writers == []
