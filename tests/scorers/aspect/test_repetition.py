"""How much repetition costs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.aspect.repetition import repetition
from harmo.scorers.types import Sample

ROWS = [
    # text, ngram_size, unit, value, reason
    ("a b c d", 2, "token", 0.0, "nothing repeats"),
    ("a a a a a", 2, "token", -0.75, "TRL's own example: 1 unique of 4"),
    ("a a a a a", 2, "word", -0.75, "the same in words"),
    ("A a", 1, "token", -0.5, "case does not hide repetition"),
    ("a b", 3, "token", 0.0, "fewer than n units"),
    ("", 1, "token", 0.0, "nothing"),
    ("x, x, x, x,", 1, "token", -0.75, "marks are tokens: 2 unique of 8"),
    ("x, x. x; x!", 1, "word", 0.0, "words keep their marks"),
    ("好好好好好", 2, "token", -0.75, "a script without spaces: one character, one token"),
    ("好好好好好", 2, "word", 0.0, "one word to open-r1's splitter"),
]


@pytest.mark.parametrize(("text", "ngram_size", "unit", "value", "reason"), ROWS)
def test_share_of_repeated_ngrams(text, ngram_size, unit, value, reason):
    score = repetition(Sample(completion=text), ngram_size=ngram_size, unit=unit)
    assert score.value == pytest.approx(value), reason


def test_penalty_scales_it():
    assert repetition(
        Sample(completion="a a a a a"), ngram_size=2, max_penalty=-0.05
    ).value == pytest.approx(-0.0375)


@settings(deadline=None)
@given(st.text(), st.integers(1, 5), st.floats(-1, 0), st.sampled_from(["token", "word"]))
def test_value_lies_between_the_penalty_and_0(text, ngram_size, max_penalty, unit):
    score = repetition(
        Sample(completion=text), ngram_size=ngram_size, max_penalty=max_penalty, unit=unit
    )
    assert max_penalty <= score.value <= 0.0


@pytest.mark.parametrize("params", [{"max_penalty": 0.5}, {"ngram_size": 0}, {"unit": "byte"}])
def test_params_out_of_range_are_refused_at_load(params):
    with pytest.raises(registry.ScorerParamsError, match=next(iter(params))):
        registry.bind("aspect.repetition", params)
