"""The figures of docs/verification.md, computed on a handful of verdicts by hand."""

import pytest

from harmo.scorers.confidence.calibrate import LabelledPair, wilson_lower
from harmo.scorers.confidence.reliability import Judged, by_settled, coverage, report
from harmo.scorers.types import Reason, Score


def judged(label: float | str, value: float | None, confidence: float) -> Judged:
    pair = LabelledPair(scorer="rule.x", reference="1", completion="1", label=label)
    if value is None:
        return Judged(pair=pair, score=Score.abstain(Reason.DEADLINE))
    return Judged(pair=pair, score=Score(value=value, confidence=confidence))


FIVE = [
    judged(1, 1.0, 0.9),  # right
    judged(0, 1.0, 0.9),  # wrongly equal
    judged(1, 0.0, 0.95),  # wrongly different, and trusted
    judged(0, 0.0, 0.5),  # right, and not trusted
    judged(1, None, 0.0),  # withheld
]


def test_a_report_counts_what_it_names():
    row = report(FIVE)
    assert (row.n, row.abstained, row.trusted) == (5, 1, (0, 1))
    assert row.right == pytest.approx(2 / 5)
    assert row.precision == pytest.approx(1 / 2)
    assert row.recall == pytest.approx(1 / 3)
    assert row.different_right == pytest.approx(1 / 2)
    assert row.brier == pytest.approx((0.1**2 + 0.9**2 + 0.95**2 + 0.5**2) / 4)


def test_figures_without_verdicts_are_empty_not_zero():
    row = report([judged("abstain", None, 0.0)])
    assert (row.right, row.precision, row.recall, row.brier) == (1.0, None, None, None)


@pytest.mark.parametrize(
    ("outcomes", "accuracy", "share", "why"),
    [
        ([(1, 0.9), (1, 0.8)], 0.99, 1.0, "all are right"),
        ([(1, 0.9), (1, 0.9), (0, 0.8)], 0.99, 2 / 3, "the surest two are right"),
        ([(0, 0.9), (1, 0.8)], 0.99, 0.0, "the surest is wrong"),
        ([(0, 0.9), (1, 0.8), (1, 0.8), (1, 0.8)], 0.75, 1.0, "right often enough together"),
        ([(1, 0.9), (0, 0.9)], 0.99, 0.0, "equal confidences stand or fall together"),
        ([], 0.99, 0.0, "nothing to cover"),
    ],
)
def test_coverage_takes_the_surest_verdicts_first(outcomes, accuracy, share, why):
    verdicts = [judged(label, 1.0, confidence) for label, confidence in outcomes]
    assert coverage(verdicts, accuracy) == pytest.approx(share), why


def settled(label, value, confidence, **detail):
    pair = LabelledPair(scorer="rule.x", reference="1", completion="1", label=label)
    return Judged(pair=pair, score=Score(value=value, confidence=confidence, detail=detail))


def test_verdicts_are_counted_by_what_settled_them_and_by_how_they_were_read():
    rows = by_settled(
        [
            settled(0, 0.0, 0.9, pair="num-num", settled_by="number"),
            settled(1, 0.0, 0.5, pair="num-num/prose", settled_by="number"),
            settled(1, 1.0, 1.0, pair="a kind of tomorrow", settled_by="divination"),
            settled(0, 0.0, 0.6, pair="expr-expr", settled_by="number", unread=True),
            judged(1, 1.0, 0.8),  # a rule that does not say
            judged(1, None, 0.0),  # no verdict
        ]
    )
    assert [(row.how, row.verdict, row.n, row.right) for row in rows] == [
        ("-", "equal", 1, 1),
        ("divination", "equal", 1, 1),
        ("number", "different", 3, 2),
        ("from prose", "different", 1, 0),
        ("unread words", "different", 1, 1),
    ]
    number = rows[2]
    assert number.confidence == pytest.approx((0.9 + 0.5 + 0.6) / 3)
    assert number.lower == pytest.approx(wilson_lower(2, 3))
