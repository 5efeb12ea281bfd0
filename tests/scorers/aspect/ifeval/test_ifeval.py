"""The scorer of IFEval: any text gets a verdict, any constraints a verdict or a reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.types import Reason, Sample

COMMA = "punctuation:no_comma"
QUOTE = "startend:quotation"
WORDS = "length_constraints:number_words"


@pytest.mark.parametrize("params", [{"mode": "lax"}, {"credit": "some"}, {"weights": {QUOTE: 0}}])
def test_bad_params_are_refused_at_load(params):
    with pytest.raises(registry.ScorerParamsError, match=next(iter(params))):
        registry.bind("aspect.ifeval", params)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["strict", "loose"]))
def test_any_text_gets_the_same_finite_verdict_twice(text, mode):
    constraints = [
        {"instruction_id": COMMA},
        {"instruction_id": "detectable_format:title"},
        {"instruction_id": "detectable_format:json_format"},
        {"instruction_id": "detectable_format:number_bullet_lists", "kwargs": {"num_bullets": 1}},
        {
            "instruction_id": "change_case:capital_word_frequency",
            "kwargs": {"capital_frequency": 1, "capital_relation": "at least"},
        },
        {"instruction_id": "language:response_language", "kwargs": {"language": "en"}},
    ]
    sample = Sample(completion=text, constraints=constraints)
    score = ifeval(sample, mode=mode)
    assert 0.0 <= score.value <= 1.0
    assert ifeval(sample, mode=mode) == score


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
)


@settings(max_examples=100, deadline=None)
@given(JSON | st.builds(lambda kwargs: [{"instruction_id": WORDS, "kwargs": kwargs}], JSON))
def test_any_constraints_get_a_verdict_or_a_reason(constraints):
    score = ifeval(Sample(completion="a b", constraints=constraints))
    assert score.value is not None or score.reason in {
        Reason.NO_CONSTRAINTS,
        Reason.UNREADABLE_CONSTRAINTS,
    }
