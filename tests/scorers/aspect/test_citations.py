"""Citations of the sources that were given."""

import pytest

from harmo.scorers.aspect.citations import citations
from harmo.scorers.types import Reason, Sample

CITED = [
    # text, sources, min_sources, value, reason
    ("So [1].", 2, 1, 1.0, "one real citation"),
    ("So [1][7].", 2, 1, 0.5, "one of two is real"),
    ("So [1, 2] and [1-2].", 2, 2, 1.0, "lists and ranges"),
    ("So [1].", 2, 2, 0.5, "one source of two"),
    ("So.", 2, 1, 0.0, "no citation"),
    ("So [1](http://a).", 2, 1, 0.0, "a link is none"),
    ("So [sic] [^2].", 2, 1, 1.0, "a word in brackets is none, a footnote is one"),
    ("So [lee20] [@kim21].", ["lee20"], 1, 0.5, "named sources"),
    ("<think>[1]</think>So.", 2, 1, 0.0, "the thinking is not read"),
    ("So [1]. <think>Or not", 2, 1, 0.0, "thinking that never closes leaves no answer"),
    ("[1-999999]", 2, 1, 2 / 10_001, "a range cannot flood"),
    ("[" * 20_000, 2, 1, 0.0, "brackets that never close"),
]


@pytest.mark.parametrize(("text", "sources", "min_sources", "value", "reason"), CITED)
def test_citations_of_given_sources(text, sources, min_sources, value, reason):
    sample = Sample(completion=text, constraints={"sources": sources})
    assert citations(sample, min_sources=min_sources).value == pytest.approx(value), reason


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        (None, Reason.NO_CONSTRAINTS),
        ({"sources": 0}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": True}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": []}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": ["a", ""]}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": "a"}, Reason.UNREADABLE_CONSTRAINTS),
    ],
)
def test_sources_that_are_none_abstain(constraints, reason):
    assert citations(Sample(completion="[1]", constraints=constraints)).reason is reason
