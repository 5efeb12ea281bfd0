"""The closed sets of the protocol say what the rest of the service and the docs say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harmo.models.base import Fault, Rung
from harmo.models.forward.rungs import LADDER
from harmo.scorers.types import Cause, Reason

DOCS = Path(__file__).parents[2] / "docs"

CAUSES = {
    Fault.PROMPT_TOO_LONG: Cause.REQUEST,
    Fault.UNREADABLE_IMAGE: Cause.REQUEST,
    Fault.UNREADABLE_REFERENCE: Cause.REQUEST,
    Fault.UNSUPPORTED_IMAGES: Cause.REQUEST,
    Fault.UNSUPPORTED_LANGUAGE: Cause.REQUEST,
    Fault.UNSUPPORTED_TURNS: Cause.REQUEST,
    Fault.COMPLETION_TOO_LONG: Cause.COMPLETION,
    Fault.DEADLINE: Cause.SERVICE,
    Fault.OVERLOADED: Cause.SERVICE,
    Fault.OUT_OF_MEMORY: Cause.SERVICE,
    Fault.NON_FINITE: Cause.SERVICE,
}


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_a_reason_with_one_cause(fault: Fault) -> None:
    assert Reason(fault).cause is CAUSES[fault]


def test_every_rung_but_the_last_is_on_the_ladder_in_order() -> None:
    assert [*LADDER, Rung.ALONE] == list(Rung)


@pytest.mark.parametrize("page", ["performance.md", "reward-models.md"])
def test_the_docs_have_a_row_for_every_rung_in_order(page: str) -> None:
    table = (DOCS / page).read_text().partition("| rung |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(Rung)
