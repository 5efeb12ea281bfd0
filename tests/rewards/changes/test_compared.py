"""What a trainer would notice, group by group: by hand, and against the definitions."""

from __future__ import annotations

from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.rewards.changes import Compared
from tests.rewards.changes import defined
from tests.rewards.changes.defined import Both

BEST = [
    ([1.0, 0.0], [0.0, 1.0], True, "another is best"),
    ([1.0, 0.0], [5.0, -5.0], False, "the same is, by more"),
    ([1.0, 1.0, 0.0], [1.0, 0.0, 0.0], False, "one of the best still is"),
    ([1.0, 0.0, 0.0], [0.0, 1.0, 1.0], True, "two others are"),
    ([1.0, 1.0], [0.0, 1.0], False, "of equal ones one is left"),
    ([1.0, 0.0, 0.5], [None, 0.0, 0.5], True, "the best has no reward any more"),
    ([None, 0.0, 0.5], [1.0, 0.0, 0.5], True, "one that had none is best"),
    ([1.0, None], [0.0, 1.0], False, "one reward has nobody to be compared with"),
    ([1.0, 1.0 - 1e-7], [1.0 - 1e-7, 1.0], False, "closer than what counts as equal"),
    ([], [], False, "nobody is here"),
]


@pytest.mark.parametrize(("before", "after", "changed", "why"), BEST, ids=[r[3] for r in BEST])
def test_whether_the_best_completion_is_another(before, after, changed, why):
    found = Compared.of(defined.pairs(Both(before=before, after=after)))
    assert found.best_changed.tolist() == [changed], why


SIGNS = [
    ([1.0, 0.0], [0.0, 1.0], (2, 0, 0), "both turn round"),
    ([1.0, 0.0], [1.0, 1.0], (0, 2, 0), "without variance nobody is taught"),
    ([1.0, 1.0], [1.0, 0.0], (0, 0, 2), "and with it again"),
    ([3.0, 2.0, 0.0], [3.0, 1.0, 0.0], (1, 0, 0), "the middle one falls below the mean"),
    ([3.0, 1.5, 0.0], [3.0, 1.0, 0.0], (0, 0, 1), "who stood at the mean has none"),
    ([1.0, 0.0, 0.5], [None, 0.0, 0.5], (0, 0, 1), "who has no reward has no sign to change"),
    ([1.0, 0.0], [1.0 + 1e-8, 1.0], (0, 2, 0), "rounding teaches nothing"),
]


@pytest.mark.parametrize(("before", "after", "counts", "why"), SIGNS, ids=[r[3] for r in SIGNS])
def test_whose_advantage_changes_its_sign(before, after, counts, why):
    found = Compared.of(defined.pairs(Both(before=before, after=after)))
    seen = (found.flipped.sum(), found.silenced.sum(), found.woken.sum())
    assert seen == counts, why


RANKS = [
    ([0.0, 1.0, 2.0], [2.0, 1.0, 0.0], -1.0, "turned round"),
    ([0.1 + 0.2, 0.3, 1.0], [0.0, 0.0, 1.0], 1.0, "rounding is no order"),
    ([0.1 + 0.2, 0.3], [0.0, 1.0], None, "a group without variance has none"),
    ([0.0, 1.0, None], [1.0, None, 2.0], None, "one is there on both sides"),
    ([0.0, 8e-7, 1.6e-6, 1.0], [0.0, 0.0, 0.0, 1.0], 1.0, "each is as good as its neighbour"),
]


@pytest.mark.parametrize(("before", "after", "rho", "why"), RANKS, ids=[r[3] for r in RANKS])
def test_in_which_order_siblings_stand(before, after, rho, why):
    (found,) = Compared.of(defined.pairs(Both(before=before, after=after))).rank_correlation
    assert isnan(found) if rho is None else found == pytest.approx(rho), why


OTHERS = [
    (1.0, 1.0 + 0.9e-6, False, "within 1e-6"),
    (1.0, 1.0 + 1.5e-6, True, "beyond 1e-6: not absolute and relative together"),
    (1e3, 1e3 + 0.9e-3, False, "of large rewards relative"),
    (None, None, False, "null on both sides"),
    (0.0, None, True, "null on one"),
]


@pytest.mark.parametrize(("before", "after", "other", "why"), OTHERS, ids=[r[3] for r in OTHERS])
def test_whether_a_reward_is_another(before, after, other, why):
    found = Compared.of(defined.pairs(Both(before=[before], after=[after])))
    assert found.other_reward.tolist() == [other], why


def test_a_piece_of_a_group_is_compared_with_nobody():
    found = Compared.of(defined.pairs(Both(before=[1.0, 0.0], after=[0.0, 1.0], whole=False)))
    assert not found.both.any()
    assert not found.flipped.any()
    assert not found.compared.any()
    assert isnan(found.rank_correlation[0])
    assert found.other_reward.all()


REWARD = st.none() | st.sampled_from([0.0, 0.5, 1.0, 1.0 + 1e-8, -2.0]) | st.floats(-1e6, 1e6)
GROUP = st.lists(st.tuples(REWARD, REWARD), max_size=7)


@st.composite
def groups(draw: st.DrawFn) -> Both:
    rows = draw(GROUP)
    return Both(
        before=[old for old, _ in rows],
        after=[new for _, new in rows],
        task=draw(st.sampled_from(["math", "count", ""])),
        whole=draw(st.booleans()) or draw(st.booleans()),
    )


@settings(deadline=None)
@given(st.lists(groups(), max_size=6))
def test_every_group_is_compared_by_the_definitions(asked):
    found = Compared.of(defined.pairs(*asked))
    assert found.best_changed.tolist() == [defined.best_changed(group) for group in asked]
    assert found.compared.tolist() == [defined.compared(group) for group in asked]
    assert found.moved.tolist() == pytest.approx([defined.moved(group) for group in asked])
    for rho, group in zip(found.rank_correlation.tolist(), asked, strict=True):
        expected = defined.rank_correlation(group)
        assert (rho != rho) if expected is None else rho == pytest.approx(expected)
    rows = [pair for group in asked for pair in zip(group.before, group.after, strict=True)]
    assert found.other_reward.tolist() == [defined.differs(old, new) for old, new in rows]


@settings(deadline=None)
@given(st.lists(groups(), max_size=6))
def test_signs_are_those_of_the_definitions(asked):
    found = Compared.of(defined.pairs(*asked))
    signs = [pair for group in asked for pair in defined.sign_pairs(group)]
    assert int(found.both.sum()) == len(signs)
    assert int(found.flipped.sum()) == sum(old * new < 0 for old, new in signs)
    assert int(found.silenced.sum()) == sum(bool(old) and not new for old, new in signs)
    assert int(found.woken.sum()) == sum(not old and bool(new) for old, new in signs)
