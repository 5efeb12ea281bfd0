"""Tables of several versions as one, and what siblings come to among each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer
from harmo.console.model.flat import REASONS, Flat, flat
from harmo.console.model.groups.filters import FILTERS, alike_of
from harmo.console.model.groups.listed import Wanted, listed
from harmo.console.model.overview import paid_wrong
from harmo.scorers.types import Reason
from tests.audit.made import RECIPE, kept_recipe, made_groups, made_plan

SHORT = RECIPE.replace("  - {scorer: aspect.format, params: {pattern: think_answer}}\n", "")


def of(folder: Path, *groups: KeptGroup) -> Flat:
    """What a store of these groups comes to."""
    writer = Writer(folder)
    writer.write(groups)
    writer.close()
    return flat(list(Reader(folder).tables(Query())))


def numbers(**fields: object) -> Flat:
    """Two groups of two, of which the first has no sample, and what is told of them."""
    filled: dict[str, object] = {
        "numbers_G": np.array([1, 2, 3]),
        "steps_G": np.array([0.0, 1.0, 2.0]),
        "split_G": np.zeros(3, dtype=np.int64),
        "splits": ("train",),
        "tasks_G": np.full(3, "", dtype=object),
        "group_N": np.array([1, 1, 2, 2]),
        "rewards_N": np.array([1.0, 0.0, 0.5, np.nan]),
        "correct_N": np.full(4, np.nan),
        "rule_N": np.full(4, np.nan),
        "tokens_N": np.full(4, np.nan),
        "truncated_N": np.zeros(4, dtype=bool),
        "digests_N": np.zeros(4, dtype=np.uint64),
        "scores_NK": np.zeros((4, 0)),
    }
    return replace(flat([]), **filled | fields)


def test_a_group_without_samples_is_between_the_others_and_unknown() -> None:
    seen = numbers()
    np.testing.assert_array_equal(seen.place_N, [0, 1, 0, 1])
    np.testing.assert_array_equal(seen.most(seen.rewards_N), [np.nan, 1.0, 0.5])
    np.testing.assert_array_equal(seen.means_G, [np.nan, 0.5, 0.5])
    np.testing.assert_array_equal(seen.spreads_G, [np.nan, 1.0, np.nan])
    for each in FILTERS.values():
        assert len(each.find(seen, None).listed) == 4


def test_columns_of_two_versions_are_one_by_name_and_their_abstentions_go_along(
    tmp_path: Path,
) -> None:
    other = kept_recipe(made_plan(SHORT))
    first, later = list(made_groups(groups=20, runs=("run",)))[:2]
    place = [c.name for c in first.recipe.columns].index("aspect.format")

    def without(each: tuple[object, ...]) -> tuple[object, ...]:
        return each[:place] + each[place + 1 :]

    shorter = replace(
        later,
        recipe=other,
        weights=without(later.weights),
        rewards=tuple(
            replace(r, scores=without(r.scores), contributions=without(r.contributions))
            for r in later.rewards
        ),
    )
    seen = of(tmp_path, first, shorter)
    names = [c.name for c in seen.columns]
    assert names == [c.name for c in first.recipe.columns]
    second = seen.group_N == 1
    assert np.isnan(seen.scores_NK[second, names.index("aspect.format")]).all()
    for place, name in enumerate(names):
        codes = seen.missing(place)
        for n, reward in enumerate(first.rewards):
            reason = reward.scores[place].reason
            assert codes[n] == (-1 if reason is None else REASONS.index(Reason(reason))), name
    last = names.index("length.cosine")
    told = [reward.scores[last - 1].reason for reward in shorter.rewards]
    expected = [-1 if reason is None else REASONS.index(Reason(reason)) for reason in told]
    assert seen.missing(last)[second].tolist() == expected


@pytest.mark.parametrize(
    ("digests", "expected", "why"),
    [
        ([7, 7, 7, 7], [2, 2, 2, 2], "siblings alone are compared"),
        ([7, 8, 8, 8], [1, 1, 2, 2], "two of one group"),
        ([0, 0, 0, 7], [0, 0, 0, 1], "nothing is said of what was not kept"),
    ],
)
def test_who_wrote_the_same_is_told_by_digests(
    digests: list[int], expected: list[int], why: str
) -> None:
    seen = numbers(digests_N=np.array(digests, dtype=np.uint64))
    assert alike_of(seen).tolist() == expected, why


def test_of_nothing_nothing_is_alike() -> None:
    assert alike_of(flat([])).tolist() == []


def test_the_run_counts_as_many_groups_as_its_link_lists(tmp_path: Path) -> None:
    unsettled = [
        replace(each, group=replace(each.group, correctness=None))
        for each in made_groups(groups=200, runs=("a", "b"))
    ]
    seen = of(tmp_path, *unsettled)
    assert paid_wrong(seen).sum() == len(listed([seen], Wanted(filter="paid_wrong"))) > 0
