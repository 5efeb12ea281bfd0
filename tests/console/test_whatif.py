"""What another composition would have paid stored groups, beside `rewards.combine`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.console.model.whatif.asked import asked
from harmo.console.model.whatif.composed import composed
from harmo.console.model.whatif.curves import POINTS
from harmo.console.model.whatif.edits import edited
from harmo.console.model.whatif.outcome import outcome, right_of_best
from harmo.console.model.whatif.paid import Gaps, Groups, Paid, Was, Weighed, joined, weighed
from harmo.console.model.whatif.siblings import siblings
from harmo.console.model.whatif.stored import STRETCHES, blocks, sampled
from harmo.console.model.whatif.worked import worked, worked_over
from harmo.console.view.latest import Latest
from harmo.rewards.plan import Plan
from tests.audit.made import made_groups, made_plan, made_store
from tests.console.combined import by_combine

BASE = made_plan().recipe.model_dump(mode="json")
KEPT = [replace(each, number=i + 1) for i, each in enumerate(made_groups(groups=120, seed=5))]
WAS = Was.of(KEPT)


class Store:
    """Groups that are there, as a reader gives them."""

    def __init__(self, kept: Sequence[KeptGroup]) -> None:
        self.kept = kept

    def groups(self, query, *, texts=True, pictures=False) -> Iterator[KeptGroup]:
        first, last = query.steps
        for each in self.kept:
            step = each.group.step
            if first is not None and (step is None or step < first):
                continue
            if last is not None and (step is None or step > last):
                continue
            yield each


def plan_of(edits) -> Plan:
    made = composed(edited(BASE, edits))
    assert made.plan is not None, made.refusals
    return made.plan


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {"w.rule": 2.0, "w.model": 0.1},
        {"w.length": 0.0},
        {"t.aspect.ifeval": 0.5},
        {"t.aspect.format": 0.0},
        {"t.aspect.repetition": 0.2},
        {"accuracy": "route"},
        {"combine": "gate"},
        {"combine": "lexicographic"},
        {"missing": "impute_group_mean"},
        {"missing": "renormalise"},
        {"truncated": "wrong"},
        {"truncated": "unscored"},
        {"model_trust": True},
        {"accuracy": "route", "combine": "gate", "truncated": "wrong", "w.accuracy": 0.7},
    ],
)
def test_what_would_be_paid_is_what_combine_pays(edits):
    plan = plan_of(edits)
    both = weighed(WAS, plan)
    expected = [value for each in KEPT for value in by_combine(plan, each)]
    found = [None if np.isnan(value) else value for value in both.after.rewards]
    assert found == [value if value is None else pytest.approx(value) for value in expected]
    paid = ~np.isnan(both.after.rewards)
    assert both.after.contributions.sum(axis=1)[paid] == pytest.approx(both.after.rewards[paid])
    assert both.gaps.groups == 0


def test_without_edits_nothing_changes():
    found = outcome(weighed(WAS, plan_of({})))
    changes = found.changes
    assert changes.other_rewards == changes.flipped == changes.best_changed == 0
    assert changes.rank_correlation == pytest.approx(1.0)
    assert found.before == found.after
    assert found.rewards.before == found.rewards.after
    assert found.top == ()


def test_a_column_that_no_stored_score_stands_for_is_named_and_its_groups_are_left_out():
    other = {**BASE, "aspect": [{**BASE["aspect"][0], "params": {"pattern": "boxed"}}]}
    made = composed(other)
    assert made.plan is not None
    found = weighed(WAS, made.plan)
    assert found.gaps.columns == ("aspect.format",)
    assert found.gaps.groups == len(KEPT)
    assert outcome(found).changes.groups == 0


def test_groups_that_cannot_be_weighed_are_left_out_of_both_sides():
    other = replace(KEPT[0].recipe, version="sha256:1", recipe={**BASE, "aspect": []})
    columns = tuple(c for c in other.columns if c.name not in ("aspect.format", "aspect.ifeval"))
    keep = [0, 1, 4, 5]
    old = [
        replace(
            each,
            recipe=replace(other, columns=columns),
            rewards=tuple(
                replace(
                    r,
                    scores=tuple(r.scores[k] for k in keep),
                    contributions=tuple(r.contributions[k] for k in keep),
                )
                for r in each.rewards
            ),
        )
        for each in KEPT[:3]
    ]
    found = weighed(Was.of([*old, *KEPT[3:9]]), plan_of({}))
    assert found.gaps.groups == 3
    assert found.groups.numbers.tolist() == [each.number for each in KEPT[3:9]]
    assert len(found.before.rewards) == len(found.after.rewards) == len(found.groups.index)
    assert outcome(found).changes.other_rewards == 0


def test_lots_of_groups_come_to_what_they_come_to_at_once():
    plan = plan_of({"combine": "gate", "w.model": 0.2})
    at_once = outcome(weighed(WAS, plan))
    parts = [weighed(Was.of(KEPT[i : i + 7]), plan) for i in range(0, len(KEPT), 7)]
    in_lots = outcome(joined(parts))
    assert in_lots.changes == at_once.changes
    assert in_lots.rewards == at_once.rewards
    assert in_lots.top == at_once.top
    assert in_lots.after.shares == pytest.approx(at_once.after.shares)


def test_less_of_the_model_pays_wrong_completions_less():
    found = outcome(weighed(WAS, plan_of({"w.model": 0.05})))
    pairs = zip(found.wrong.before, found.wrong.after, strict=True)
    both = [(before, after) for before, after in pairs if before is not None]
    assert all(after < before for before, after in both)
    assert found.after.shares["model.similarity"] < found.before.shares["model.similarity"]


GROUPS = Groups(
    numbers=np.array([1, 2, 3]),
    steps=np.zeros(3),
    tasks=("", "", ""),
    index=np.array([0, 0, 1, 1, 2, 2]),
    whole=np.ones(3, dtype=bool),
    right=np.array([1.0, 0.0, 1.0, 1.0, 0.0, np.nan]),
)


@pytest.mark.parametrize(
    ("is_best", "share", "why"),
    [
        ([1, 0, 1, 0, 0, 1], 1.0, "the right one is paid most"),
        ([0, 1, 1, 0, 0, 1], 0.0, "the wrong one"),
        ([1, 1, 1, 0, 0, 1], 0.5, "both alike"),
        ([0, 0, 1, 0, 0, 1], np.nan, "nobody is paid"),
    ],
)
def test_the_worth_of_what_is_paid_most_is_asked_where_siblings_differ(is_best, share, why):
    found = right_of_best(GROUPS, np.array(is_best, dtype=bool))
    assert found.tolist() == pytest.approx([share, np.nan, np.nan], nan_ok=True), why


def paid(rewards: Sequence[float]) -> Paid:
    return Paid(
        rewards=np.array(rewards),
        columns=(),
        contributions=np.zeros((len(rewards), 0)),
        why=(None,) * len(rewards),
    )


def test_ranks_of_siblings_are_of_their_rewards_and_equals_share_the_better():
    groups = replace(
        GROUPS, numbers=np.array([4, 9]), index=np.array([0, 1, 1, 1, 1]), right=np.ones(5)
    )
    before, after = paid([9, 1, 1, 0.5, np.nan]), paid([9, 0.1, 0.2, 0.3, 0.4])
    both = Weighed(groups=groups, before=before, after=after, gaps=Gaps())
    found = siblings(both, 9)
    assert [each.before.rank for each in found] == [1, 1, 3, None]
    assert [each.after.rank for each in found] == [4, 3, 2, 1]
    assert [each.before.advantage is None for each in found] == [False, False, False, True]
    assert [each.reward for each in (found[0].before, found[3].before)] == [1.0, None]
    assert siblings(both, 5) == []


def test_few_groups_are_all_taken():
    taken = sampled(Store(KEPT), Query(), steps=(0, 59))
    assert taken.whole
    assert taken.said(120) == "all 120 groups"
    assert list(taken.groups) == KEPT


def test_of_many_a_sample_is_even_over_the_steps():
    many = [replace(KEPT[0], group=replace(KEPT[0].group, step=i // 10)) for i in range(3000)]
    taken = sampled(Store(many), Query(), steps=(0, 299))
    assert not taken.whole
    steps = [each.group.step for each in taken.groups]
    assert len(steps) == 1000
    assert steps == sorted(steps)
    assert len({step // 6 for step in steps}) == STRETCHES
    assert taken.said(3000).startswith("a sample of 1\u202f000 groups of a run of 3\u202f000: ")


@pytest.mark.parametrize(
    ("asked_steps", "run_steps", "why"),
    [
        ((100, 149), (0, 299), "a range inside the run"),
        ((None, 49), (0, 299), "open below"),
        ((250, None), (0, 299), "open above"),
    ],
)
def test_a_sample_stays_within_the_steps_asked_for(asked_steps, run_steps, why):
    many = [replace(KEPT[0], group=replace(KEPT[0].group, step=i // 10)) for i in range(3000)]
    taken = sampled(Store(many), Query(steps=asked_steps), steps=run_steps, most=50)
    first, last = (r if a is None else a for a, r in zip(asked_steps, run_steps, strict=True))
    assert 0 < len(taken.groups) <= 50, why
    assert all(first <= each.group.step <= last for each in taken.groups), why


def test_of_large_groups_a_sample_has_fewer():
    large = replace(KEPT[0].group, samples=KEPT[0].group.samples[:1] * 800)
    many = [replace(KEPT[0], group=replace(large, step=i)) for i in range(100)]
    taken = sampled(Store(many), Query(), steps=(0, 99))
    assert [each.group.step for each in taken.groups] == list(range(0, 100, 5))
    one = sampled(Store(many), Query(steps=(3, 3)), steps=(0, 99))
    assert one.whole
    assert len(one.groups) == 1


def test_a_run_without_steps_gives_its_first_groups_and_says_so():
    many = [replace(KEPT[0], group=replace(KEPT[0].group, step=None))] * 30
    taken = sampled(Store(many), Query(), steps=None, most=10)
    assert len(taken.groups) == 10
    assert taken.said(30) == "the first 10 groups of a run of 30: they came without steps"
    found = outcome(weighed(Was.of(taken.groups), plan_of({})))
    assert found.rewards.steps == ()


def test_blocks_give_every_group_once_and_stop_where_nobody_waits():
    seen = []
    store = Store(KEPT)
    assert [e for block in blocks(store, Query(), of=50, seen=seen.append) for e in block] == KEPT
    assert seen == [50, 100, 120]

    def leave(read: int) -> None:
        raise TimeoutError(str(read))

    with pytest.raises(TimeoutError, match="50"):
        list(blocks(store, Query(), of=50, seen=leave))


def test_all_groups_of_a_store_come_to_what_the_same_groups_in_memory_do(tmp_path):
    reader = Reader(made_store(tmp_path, groups=60, runs=("only",)))
    edits = {"combine": "gate"}
    query = Query(run="only")
    over_all = worked_over(BASE, edits, reader, query, seen=lambda _: None)
    in_memory = worked(BASE, edits, Was.of(list(reader.groups(query, texts=False))))
    assert over_all.outcome == in_memory.outcome
    assert over_all.document == in_memory.document


def test_a_refused_composition_has_no_numbers():
    found = worked(BASE, {"combine": "median"}, WAS)
    assert found.outcome is None
    assert found.composed.refusals
    nothing = worked_over(BASE, {"combine": "median"}, Store(KEPT), Query(), seen=lambda _: None)
    assert nothing.outcome is None


def test_no_group_at_all_is_an_outcome_of_nothing():
    found = worked_over(BASE, {}, Store([]), Query(), seen=lambda _: None)
    assert found.outcome is not None
    assert found.outcome.changes.groups == 0
    assert found.outcome.before.mean is None


def test_a_curve_of_many_steps_is_pooled():
    many = [replace(KEPT[i % 50], group=replace(KEPT[i % 50].group, step=i)) for i in range(500)]
    found = outcome(weighed(Was.of(many), plan_of({})))
    assert len(found.rewards.steps) == POINTS
    assert found.rewards.steps[0] == 0
    assert list(found.rewards.steps) == sorted(set(found.rewards.steps))


class Summary:
    run = "exp"
    splits = ("eval", "train")


@pytest.mark.parametrize(
    ("params", "field", "value", "why"),
    [
        ({}, "split", "train", "what one trains on"),
        ({"split": "eval"}, "split", "eval", "as asked"),
        ({"split": "nope"}, "split", "train", "a split that the run lacks"),
        ({"steps": "10:20"}, "steps", (10, 20), "a range"),
        ({"steps": "x"}, "steps", (None, None), "no range"),
        ({"groups": "all"}, "everything", True, "no sample"),
        ({"group": "12"}, "group", 12, "a group"),
        ({"group": "1e9"}, "group", None, "no number"),
        ({"group": "9" * 40}, "group", None, "no number of a group"),
    ],
)
def test_what_an_address_asks_for(params, field, value, why):
    assert getattr(asked(params, Summary()), field) == value, why


async def test_of_work_asked_for_meanwhile_only_the_latest_is_done():
    wanted, done, go = [0], [], asyncio.Event()

    async def work() -> None:
        value = wanted[0]
        await go.wait()
        done.append(value)

    latest = Latest(work)
    latest.ask()
    await asyncio.sleep(0)
    for value in range(1, 6):
        wanted[0] = value
        latest.ask()
    assert latest.newer
    go.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert done == [0, 5]
    assert not latest.newer
    latest.ask()
    for _ in range(20):
        await asyncio.sleep(0)
    assert done == [0, 5, 5]
