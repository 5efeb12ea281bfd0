"""docs/instructions.md lists where verdicts differ from the published checkers; each row is so."""

import json
import re
from pathlib import Path

import pytest

from harmo.scorers.aspect.ifeval.ifbench import IFBENCH
from harmo.scorers.aspect.ifeval.instruction import Instruction
from harmo.scorers.aspect.ifeval.mm_ifeval import MM_IFEVAL

PAGE = Path(__file__).parents[4] / "docs" / "instructions.md"
ROW = re.compile(
    r"\| `(\S+:\S+|check_\w+)` \| `(\{.*?\})` \| `(\".*\")` \| (\w+) \| (\w) \| (.+) \|"
)
ROWS = [pytest.param(*row, id=f"{row[0]}-{row[5]}") for row in ROW.findall(PAGE.read_text("utf-8"))]


@pytest.mark.parametrize(("id_", "kwargs", "text", "there", "here", "why"), ROWS)
def test_a_listed_deviation_is_one(id_, kwargs, text, there, here, why):
    checks = MM_IFEVAL if id_ in MM_IFEVAL.ids else IFBENCH
    kept = checks.bind(Instruction(id=id_, kwargs=json.loads(kwargs)))(json.loads(text)) is None
    assert str(int(kept)) == here, why
    assert there in {"0", "1", "raises"} - {here}, why


def test_the_page_lists_every_deviation_in_one_form():
    tables = PAGE.read_text("utf-8").partition("## Where verdicts differ")[2]
    lines = [line for line in tables.split("\n") if line.startswith("| `")]
    assert len(ROWS) == len(lines) > 20
