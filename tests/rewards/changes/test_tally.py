"""Sums over blocks: as if all groups had come at once, and as the definitions have them."""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.rewards.changes import Changes, ColumnChanges, Compared, Tally
from harmo.rewards.changes.tally import MAX_TASKS, MOST_CHANGED, OTHER_TASKS
from tests.rewards.changes import defined
from tests.rewards.changes.defined import Both, reward
from tests.rewards.changes.test_compared import groups


def told(asked: list[Both], block: int = 0) -> Tally:
    """Of the groups, some at a time."""
    tally, block = Tally(), block or len(asked) or 1
    for first in range(0, len(asked), block):
        tally.add(Compared.of(defined.pairs(*asked[first : first + block], first=first + 1)))
    return tally


@settings(deadline=None)
@given(st.lists(groups(), max_size=8), st.integers(1, 4))
def test_counts_are_those_of_the_definitions_however_the_groups_are_cut(asked, block):
    found = told(asked, block).changes
    rows = [pair for group in asked for pair in zip(group.before, group.after, strict=True)]
    assert found.groups == len(asked)
    assert found.completions == len(rows)
    assert found.pieces == sum(not group.whole for group in asked)
    assert found.best_changed == sum(map(defined.best_changed, asked))
    assert found.compared_groups == sum(map(defined.compared, asked))
    assert found.newly_scored == sum(old is None and new is not None for old, new in rows)
    assert found.newly_unscored == sum(old is not None and new is None for old, new in rows)
    assert found.scored_before == sum(old is not None for old, _ in rows)
    whole = [group for group in asked if group.whole]
    assert found.zero_variance_before == sum(defined.flat(group.before) for group in whole)
    assert found.zero_variance_after == sum(defined.flat(group.after) for group in whole)
    rhos = [rho for rho in map(defined.rank_correlation, asked) if rho is not None]
    assert found.ranked_groups == len(rhos)
    assert found.rank_correlation == (pytest.approx(fmean(rhos)) if rhos else None)
    for scaled in (False, True):
        total = sum(defined.change(group, scaled=scaled) for group in asked)
        name = "scaled_advantage_change" if scaled else "advantage_change"
        assert getattr(found, name) == pytest.approx(total, abs=1e-6)
    both = [(old, new) for old, new in rows if old is not None and new is not None]
    largest = max((abs(new - old) for old, new in both), default=0.0)
    assert found.largest_change == pytest.approx(largest)


@settings(deadline=None)
@given(st.lists(groups(), max_size=8))
def test_tasks_add_up_to_all(asked):
    found = told(asked, 3)
    assert sum(changes.groups for changes in found.tasks.values()) == found.changes.groups
    for task, changes in found.tasks.items():
        alone = told([group for group in asked if group.task == task]).changes
        assert changes.flipped == alone.flipped
        assert changes.best_changed == alone.best_changed
        assert changes.advantage_change == pytest.approx(alone.advantage_change)


def test_tasks_beyond_a_hundred_are_counted_together():
    asked = [Both(before=[1.0], after=[2.0], task=f"t{k}") for k in range(MAX_TASKS + 20)]
    found = told(asked, 7)
    assert len(found.tasks) == MAX_TASKS + 1
    assert found.tasks[OTHER_TASKS].groups == 20


def test_nothing_is_told_of_nothing():
    found = Tally()
    assert found.changes == Changes()
    assert found.changes.rank_correlation is None
    assert found.changes.flipped_ratio is None
    assert found.changes.best_changed_ratio is None
    assert found.changes.mean_advantage_change is None
    assert found.changes.mean_scaled_advantage_change is None
    assert found.most_changed == []


@pytest.mark.parametrize("block", [1, 7, 100])
def test_the_groups_in_which_most_changes_come_first(block):
    draw = random.Random(3)
    asked = [
        Both(before=(row := [draw.random() for _ in range(4)]), after=[draw.random() for _ in row])
        for _ in range(99)
    ]
    asked += [Both(before=[0.5, 0.1], after=[0.5, 0.1])]
    found = told(asked, block).most_changed
    expected = sorted(range(1, 101), key=lambda n: (-defined.moved(asked[n - 1]), n))
    assert [group.number for group in found] == expected[:MOST_CHANGED]


def test_of_equally_changed_groups_the_first_is_kept():
    asked = [Both(before=[1.0, 0.0], after=[0.0, 1.0])] * (MOST_CHANGED + 5)
    numbers = [group.number for group in told(asked, 4).most_changed]
    assert sorted(numbers) == numbers == list(range(1, MOST_CHANGED + 1))


def test_a_group_in_which_nothing_changes_is_not_listed():
    asked = [Both(before=[1.0, 0.0], after=[1.0, 0.0]), Both(before=[0.3, 0], after=[0.1 + 0.2, 0])]
    assert told(asked).most_changed == [], "nor is one that rounding moves"


def test_a_changed_group_says_what_changed():
    (found,) = told([Both(before=[1.0, 0.5, None], after=[0.0, 0.5, 0.2], task="t")]).most_changed
    assert (found.task, found.completions) == ("t", 3)
    assert (found.best_before, found.best_after, found.best_changed) == (0, 1, True)
    assert (found.flipped, found.newly_scored, found.newly_unscored) == (2, 1, 0)
    assert found.rank_correlation == pytest.approx(-1.0)


def test_columns_say_what_each_of_them_moved():
    """`b` pays everybody more, which moves nobody; `a` changes places."""
    rows = [
        (reward(1.0, (1.0, 0.0)), reward(1.0, (0.0, 1.0))),
        (reward(0.0, (0.0, 0.0)), reward(2.0, (1.0, 1.0))),
    ]
    tally = Tally()
    tally.add(Compared.of(defined.with_columns("ab", rows)))
    a, b = tally.columns["a"], tally.columns["b"]
    assert (a.other_scores, a.mean_moved) == (2, 1.0)
    assert (b.other_scores, b.mean_moved) == (2, 0.0)
    assert (a.mean_score_before, b.mean_score_before, b.mean_score_after) == (0.5, 0.0, 1.0)
    assert (b.paid_before, b.paid_after, b.rewarded) == (0.0, 2.0, 2)


def test_a_piece_of_a_group_is_paid_but_moves_nobody():
    rows = [(reward(1.0, (1.0,)), reward(2.0, (2.0,))), (reward(0.0, (0.0,)), reward(0.0, (0.0,)))]
    tally = Tally()
    for whole in (False, True):
        tally.add(Compared.of(defined.with_columns("a", rows, whole=whole)))
    a = tally.columns["a"]
    assert (a.rewarded, a.compared, a.mean_moved) == (4, 2, 0.5)
    assert a.mean_paid_after == 1.0


def test_columns_say_who_is_newly_scored():
    rows = [
        (reward(1.0, (1.0,)), reward(None, (None,))),
        (reward(None, (None,)), reward(0.0, (0.0,))),
        (reward(0.5, (0.5,)), reward(0.5, (0.5 + 1e-9,))),
    ]
    tally = Tally()
    tally.add(Compared.of(defined.with_columns("a", rows)))
    tally.add(Compared.of(defined.with_columns("a", rows)))
    found = tally.columns["a"]
    assert (found.newly_scored, found.newly_unscored, found.other_scores) == (2, 2, 0)
    assert (found.completions, found.scored_before, found.scored_after) == (6, 4, 4)
    assert found.rewarded == 2


def test_an_empty_column_has_no_means():
    empty = ColumnChanges()
    assert empty.mean_score_before is None
    assert empty.mean_score_after is None
    assert empty.mean_moved is None
