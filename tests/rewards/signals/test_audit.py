"""Which samples each signal is about, and what it says of groups by hand."""

from __future__ import annotations

from math import isfinite

import pytest

from harmo.rewards.combine import combine
from harmo.rewards.signals import Audit, Layout, Window, audit, recorded
from harmo.rewards.signals.siblings import MIN_GROUPS
from harmo.rewards.signals.window import BASELINE_SCORES
from harmo.scorers.types import Group, Sample
from tests.rewards import tables
from tests.rewards.signals import made

PLENTY = MIN_GROUPS * 4
DEADLINE = tables.DEADLINE
EVEN = [[0.8, 1.0], [0.2, 0.0]]
"""A right completion that the model likes and a wrong one that it does not."""


def audited(*groups, columns: str = "mr", **fields) -> Audit:
    """The signals of a run that sent these groups: each a table and what else is true of it."""
    plan = tables.plan(columns=columns, **fields)
    window = Window(Layout.of(plan))
    for table, of_group in groups:
        known = {"lengths": range(1, len(table) + 1), "truncated": (), "texts": None} | of_group
        samples = tuple(
            Sample(
                completion=(known["texts"] or "abcdefghi")[i],
                num_tokens=n,
                truncated=i in known["truncated"],
            )
            for i, n in enumerate(known["lengths"])
        )
        group = Group(id="g", samples=samples, size=known.get("size", len(samples)))
        answer = combine(plan, group, tables.rows(table))
        window.add(recorded(group, answer.rewards))
    return audit(window.read())


def many(table, *, times: int = PLENTY, **of_group) -> list:
    return [(table, of_group)] * times


def test_pieces_of_groups_say_nothing_of_siblings_and_all_else() -> None:
    whole, pieces = audited(*many(EVEN)), audited(*many(EVEN, size=8))
    for signal in ("reward_share", "model_auc", "length_correlation"):
        assert getattr(whole, signal), signal
        assert getattr(pieces, signal) == {}, signal
    assert (whole.duplicate_siblings_ratio, pieces.duplicate_siblings_ratio) == (0.0, None)
    for signal in ("groups", "fooled_ratio", "abstained_ratio", "truncated_ratio"):
        assert getattr(pieces, signal) == getattr(whole, signal), signal


def test_pieces_among_whole_groups_change_nothing_between_siblings() -> None:
    inverted = [[0.2, 1.0], [0.8, 0.0]]
    alone = audited(*many(EVEN))
    among = audited(*many(EVEN), *many(inverted, size=8))
    assert among.reward_share == pytest.approx(alone.reward_share)
    assert among.model_auc == alone.model_auc == {"m0": 1.0}


def test_completions_without_a_reward_have_no_vote_among_siblings() -> None:
    """The rule abstains on the third; the model likes it, it is the longest."""
    unscored = [*EVEN, [9.0, DEADLINE]]
    found, alone = audited(*many(unscored)), audited(*many(EVEN))
    assert found.reward_share == pytest.approx(alone.reward_share)
    assert found.length_correlation == alone.length_correlation
    assert found.model_auc == alone.model_auc
    assert found.fooled_ratio == alone.fooled_ratio == {"m0": 0.0}
    assert found.abstained_ratio == {"m0": 0.0, "r0": pytest.approx(1 / 3)}


def test_one_sibling_with_a_reward_is_compared_with_nobody() -> None:
    found = audited(*many([EVEN[0], [0.2, DEADLINE]]))
    assert (found.reward_share, found.model_auc, found.length_correlation) == ({}, {}, {})


def test_a_column_that_scores_nothing_has_abstentions_and_no_more() -> None:
    found = audited(*many([[DEADLINE, 1.0], [DEADLINE, 0.0]]))
    assert found.abstained_ratio == {"m0": 1.0, "r0": 0.0}
    assert found.reward_share == pytest.approx({"m0": 0.0, "r0": 1.0})
    assert "m0" not in found.model_auc | found.fooled_ratio | found.length_correlation


def test_cut_and_repeated_completions_count_whether_scored_or_not() -> None:
    table = [[0.8, 1.0], [0.2, 0.0], [0.1, DEADLINE], [0.1, DEADLINE]]
    found = audited(*many(table, truncated=(2,), texts="abcc"))
    assert found.truncated_ratio == 0.25
    assert found.duplicate_siblings_ratio == 0.5


def test_a_run_that_is_cut_and_left_out_still_says_that_it_is_cut() -> None:
    found = audited(*many(EVEN, truncated=(0, 1)), on_truncated="unscored")
    assert found.truncated_ratio == 1.0
    assert found.reward_share == {}


COMBINERS = [
    ("sum", {"m0": 0.4, "r0": 0.6}, "columns pay what they pay"),
    ("gate", {"m0": 0.4, "r0": 0.6, "combine.interaction": 0.0}, "no aspect: nothing is gated"),
    ("hero", {"r0": 1.0, "combine.interaction": 0.0}, "one of each: strata have no width"),
    ("lexicographic", {"combine.interaction": 1.0}, "a rank is made by all of them together"),
]


@pytest.mark.parametrize(("combiner", "shares", "why"), COMBINERS, ids=[r[0] for r in COMBINERS])
def test_shares_under_each_combiner(combiner: str, shares: dict[str, float], why: str) -> None:
    table = [[1.0, 1.0], [0.0, 0.0]]
    weights = {"model": 0.4, "rule": 0.6}
    found = audited(*many(table), combine=combiner, weights=weights)
    assert found.reward_share == pytest.approx(shares, abs=1e-9), why


def test_what_a_gate_keeps_from_wrong_ones_stands_under_interaction() -> None:
    """The wrong one would have had the aspect's pay, 0.5; the aspect itself gives it more."""
    table = [[1.0, 0.0], [0.0, 1.0]]
    found = audited(*many(table), columns="ra", combine="gate", weights={"rule": 1, "aspect": 0.5})
    expected = {"r0": 1.0, "a0": -0.5, "combine.interaction": 0.5}
    assert found.reward_share == pytest.approx(expected)


def test_a_geometric_mean_is_paid_by_columns_and_what_they_do_not_explain() -> None:
    table = [[0.9, 1.0], [0.4, 1.0], [0.6, 0.2]]
    found = audited(*many(table), combine="geometric", p_correct=True)
    assert sum(found.reward_share.values()) == pytest.approx(1.0)
    assert set(found.reward_share) == {"m0", "r0", "combine.interaction"}


def test_a_shadow_rule_judges_a_model_that_pays_alone() -> None:
    found = audited(*many([[0.9, 0.0], [0.1, 1.0]]), columns="ms")
    assert found.model_auc == {"m0": 0.0}
    assert found.fooled_ratio == {"m0": 0.5}
    assert found.shadow_correlation == {"s0": -1.0}


def test_rewards_that_differ_by_less_than_counts_order_nobody() -> None:
    found = audited(*many([[1e-8, 1.0], [0.0, 1.0]]))
    assert "reward" not in found.length_correlation
    assert found.length_correlation["m0"] == -1.0


def test_drift_is_that_of_later_groups_though_the_first_are_still_in_the_window() -> None:
    """Eight siblings a group: 128 groups are the baseline."""
    first = many([[0.1, 1.0]] * 8, times=BASELINE_SCORES // 8)
    later = many([[0.9, 1.0]] * 8, times=BASELINE_SCORES // 8)
    assert audited(*first, *later[1:]).drift == {}, "one group too few"
    expected = made.stability_index([0.1] * BASELINE_SCORES, [0.9] * BASELINE_SCORES)
    assert audited(*first, *later).drift == {"m0": pytest.approx(expected)}


def test_an_empty_window_has_no_signals() -> None:
    found = audited()
    assert found.groups == 0
    assert found.truncated_ratio is None
    assert not any(isinstance(value, dict) and value for value in as_mappings(found))


def as_mappings(found: Audit) -> list[object]:
    return [getattr(found, name) for name in found.__slots__]


def test_everything_is_finite_whatever_the_scores() -> None:
    tall = [[1e12 * (-1) ** i, float(i % 2)] for i in range(9)]
    tiny = [[5e-324 * i, float(i % 2)] for i in range(9)]
    found = audited(*many(tall, lengths=range(9)), *many(tiny, lengths=[0] * 9))
    for mapping in as_mappings(found):
        assert all(isfinite(v) for v in (mapping.values() if isinstance(mapping, dict) else ()))
