"""Every example of the page on documents, lists and screens pays what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harmo.scorers import registry
from harmo.scorers.rule.by_task import TASKS

PAGE = (Path(__file__).parents[1] / "docs" / "documents.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
EXAMPLES = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RULES = {"rule.table", "rule.formula", "rule.order", "rule.labels", "rule.gui_action"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_an_example_runs_as_pasted(section: str) -> None:
    (example,) = EXAMPLES.findall(section)
    exec(compile(example, section.partition("\n")[0], "exec"), {})


def test_every_rule_has_its_example() -> None:
    named = set(re.findall(r'run_table\(\s*"([a-z_.]+)"', PAGE))
    assert named == RULES


def test_an_example_that_is_wrong_would_be_seen() -> None:
    (example,) = EXAMPLES.findall(SECTIONS[0])
    with pytest.raises(AssertionError, match="half a cell"):
        exec(example.replace("11 / 12", "10 / 12"), {})


def test_the_tasks_of_the_page_are_those_of_the_map() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(rule\.\w+)` \|", PAGE, re.MULTILINE)
    assert {task: TASKS[task] for task, _ in rows} == dict(rows)


def test_every_param_is_on_the_page() -> None:
    registry.load()
    missing = {
        (name, param)
        for name in RULES
        for param in registry.params_of(registry.get(name))
        if param not in PAGE
    }
    assert missing == set()
