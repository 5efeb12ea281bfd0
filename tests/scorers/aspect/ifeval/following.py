"""What an instruction scorer says of one instruction."""

from __future__ import annotations

from harmo.scorers.aspect.ifeval.ifbench import ifbench
from harmo.scorers.types import Sample


def assert_told_apart(id_: str, kwargs: dict[str, object], right: str, wrong: str) -> None:
    """The right text follows the instruction; the wrong one does not, and it is said why."""
    constraints = {"instruction_id_list": [id_], "kwargs": [kwargs]}
    good = ifbench(Sample(completion=right, constraints=constraints))
    assert good.value == 1.0, good.detail
    bad = ifbench(Sample(completion=wrong, constraints=constraints))
    assert bad.value == 0.0
    assert bad.detail["instructions"][0]["why"]


def followed(id_: str, kwargs: dict[str, object], text: str) -> float | None:
    """1.0 if the text follows the instruction, else 0.0."""
    constraints = [{"instruction_id": id_, "kwargs": kwargs}]
    return ifbench(Sample(completion=text, constraints=constraints)).value
