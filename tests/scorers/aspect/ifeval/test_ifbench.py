"""All of IFBench's instructions together, and those of IFEval beside them."""

from harmo.scorers.aspect.ifeval.ifbench import IFBENCH, ifbench
from harmo.scorers.aspect.ifeval.ifeval_checks import IFEVAL
from harmo.scorers.types import Sample


def test_ifeval_instructions_are_checked_too():
    constraints = [{"instruction_id": "punctuation:no_comma"}, {"instruction_id": "words:vowel"}]
    assert ifbench(Sample(completion="a, b", constraints=constraints)).value == 0.5


def test_every_instruction_is_there():
    assert set(IFEVAL.ids) < set(IFBENCH.ids)
    assert len(IFBENCH.ids) == 58 + 25
