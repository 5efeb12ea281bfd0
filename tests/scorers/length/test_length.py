"""What length costs: defaults in [-1, 0] for correct completions, 0 for wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.registry import ScorerParamsError, bind
from harmo.scorers.types import Group, Reason, Sample, Score

registry.load()

NEEDED = {
    "length.linear": {"target_tokens": 100},
    "length.cosine": {"max_tokens": 1000},
    "length.soft_overlong": {"max_tokens": 1000},
    "length.l1_exact": {"target_tokens": 300},
    "length.l1_max": {"target_tokens": 300},
    "length.alp": {"max_tokens": 1000},
    "length.laser": {"target_tokens": (100, 200, 400)},
    "length.acoer": {"budget_tokens": 500},
    "length.profile_band": {"free_tokens": 100, "max_tokens": 400},
    "length.dast": {"max_tokens": 1000},
}
"""Params without a default."""
STATED = {"reference_tokens": 200, "reference_accuracy": 0.5}
OURS = [spec for spec in registry.all_specs() if spec.origin.startswith("harmo.")]
TERMS = sorted(spec.name for spec in OURS if spec.name.startswith("length."))
ALONE = {
    "length.linear",
    "length.cosine",
    "length.soft_overlong",
    "length.l1_exact",
    "length.l1_max",
    "length.o1_pruner",
    "length.trunc",
    "length.acoer",
    "length.nv_reason",
    "length.profile_band",
}
RELATIVE = sorted(set(TERMS) - ALONE)


def group(lengths, correct, *, truncated=(), metadata=None, **fields) -> Group:
    samples = tuple(
        Sample(num_tokens=n, truncated=i in truncated, metadata=metadata or STATED)
        for i, n in enumerate(lengths)
    )
    right = tuple(None if c is None else bool(c) for c in correct)
    return Group(id="g", samples=samples, **{"size": len(samples), "correctness": right, **fields})


def run(name, asked: Group, **params) -> list[Score]:
    bound = bind(name, {**NEEDED.get(name, {}), **params})
    scores = bound.spec.fn(asked, **bound.params)
    low, high = bound.bounds or (float("-inf"), float("inf"))
    assert all(s.value is None or low - 1e-12 <= s.value <= high + 1e-12 for s in scores)
    return scores


def values(scores) -> list[float | Reason]:
    return [score.reason or pytest.approx(score.value, abs=1e-9) for score in scores]


@pytest.mark.parametrize("name", TERMS)
@given(
    lengths=st.lists(st.integers(0, 5000), min_size=1, max_size=6),
    correct=st.lists(st.booleans(), min_size=6, max_size=6),
    truncated=st.sets(st.integers(0, 5)),
)
@settings(max_examples=25, deadline=None)
def test_defaults_pay_no_accuracy(name, lengths, correct, truncated):
    """Correct ones stay in [-1, 0], wrong ones at 0, whatever the lengths."""
    right = correct[: len(lengths)]
    scores = run(name, group(lengths, right, truncated=truncated))
    assert len(scores) == len(lengths)
    for score, is_right in zip(scores, right, strict=True):
        assert score.value is not None
        assert -1.0 <= score.value <= 0.0
        if not is_right:
            assert score.value == 0.0


@pytest.mark.parametrize("name", TERMS)
@given(
    lengths=st.lists(st.integers(0, 5000), min_size=2, max_size=6),
    correct=st.lists(st.sampled_from([True, False, None]), min_size=6, max_size=6),
    random=st.randoms(use_true_random=False),
)
@settings(max_examples=15, deadline=None)
def test_the_order_of_siblings_does_not_matter(name, lengths, correct, random):
    right = correct[: len(lengths)]
    order = list(range(len(lengths)))
    random.shuffle(order)
    straight = values(run(name, group(lengths, right)))
    shuffled = run(name, group([lengths[i] for i in order], [right[i] for i in order]))
    assert [s.reason or s.value for s in shuffled] == [straight[i] for i in order]


@pytest.mark.parametrize("name", TERMS)
def test_a_missing_token_count_abstains(name):
    scores = run(name, group([None, 200], [True, True]))
    reasons = [score.reason for score in scores]
    expected = None if name in ALONE else Reason.NO_TOKEN_COUNT
    assert reasons == [Reason.NO_TOKEN_COUNT, expected]


@pytest.mark.parametrize("name", TERMS)
def test_unknown_correctness_abstains_and_has_no_vote(name):
    lengths, correct = [100, 300, 5], [1, 1, None]
    scores = run(name, group(lengths, correct))
    assert scores[2].reason is Reason.UNKNOWN_CORRECTNESS
    assert values(scores[:2]) == values(run(name, group(lengths[:2], correct[:2])))


@pytest.mark.parametrize("name", TERMS)
def test_correctness_that_was_never_settled_is_unknown(name):
    asked = group([100, 200], [], correctness=())
    assert values(run(name, asked)) == [Reason.UNKNOWN_CORRECTNESS] * 2


@pytest.mark.parametrize("name", RELATIVE)
def test_a_partial_group_abstains(name):
    asked = group([100, 200], [1, 1], size=3)
    assert values(run(name, asked)) == [Reason.PARTIAL_GROUP] * 2


@pytest.mark.parametrize("name", sorted(ALONE))
def test_terms_that_look_at_one_completion_do_not_need_its_siblings(name):
    whole = run(name, group([100, 200], [1, 1]))
    part = run(name, group([100, 200], [1, 1], size=3))
    assert values(part) == values(whole)


EDGES = [
    # why, term, lengths, correct, params, values
    ("equal lengths", "kimi", [200] * 4, [1, 1, 0, 0], {"offset": 0.5}, [0.0] * 4),
    ("one alone", "kimi", [200], [1], {"offset": 0.5}, [0.0]),
    ("default of the same", "kimi", [100, 300], [1, 1], {}, [0.0, -1.0]),
    ("none correct", "arora", [100, 200], [0, 0], {"bonus": 1.0}, [0.0, 0.0]),
    ("one correct: no spread", "arora", [100, 200], [1, 0], {}, [-0.5, 0.0]),
    ("none correct, default", "shorterbetter", [100, 200], [0, 0], {}, [0.0, 0.0]),
    ("shortest correct of no length", "shorterbetter", [0, 5], [1, 1], {}, [0.0, -1.0]),
    ("no length at all", "gr3", [0, 0], [1, 1], {}, [0.0, 0.0]),
    ("no length at all", "linear_pass", [0, 0], [1, 0], {}, [0.0, 0.0]),
    ("one success is no yardstick", "excess_over_siblings", [100, 900], [1, 0], {}, [0.0, 0.0]),
    ("twice the median", "excess_over_siblings", [100, 100, 200], [1, 1, 1], {}, [0.0, 0.0, -1.0]),
    (
        "slack, slope and cap",
        "excess_over_siblings",
        [100, 100, 200, 900],
        [1, 1, 1, 0],
        {"relative": 0.1, "absolute": 10, "beta": 0.5, "cap": 0.3, "quantile": 0.0},
        [0.0, 0.0, -0.3, 0.0],
    ),
    ("between two", "excess_over_siblings", [100, 200], [1, 1], {}, [0.0, -1 / 3]),
    ("no spread", "zmad", [100, 100, 100, 900], [1] * 4, {}, [0.0] * 4),
    ("an outlier", "zmad", [100, 110, 120, 130, 900], [1] * 5, {}, [0.0] * 4 + [-1.0]),
    ("none correct: budget is the limit", "dast", [500, 1000], [0, 0], {}, [0.0, 0.0]),
    ("at the budget", "dast", [400, 400], [1, 1], {}, [-0.5, -0.5]),
    ("no correct sibling", "harmo", [100, 200], [0, 0], {"applies_to": "all"}, [0.0, 0.0]),
    ("correct ones of no length", "harmo", [0, 0], [1, 1], {}, [0.0, 0.0]),
    ("half the mean and beyond", "harmo", [100, 300], [1, 1], {}, [-0.5, 0.0]),
    ("shortfall that is free", "harmo", [100, 300], [1, 1], {"tau": 0.5}, [0.0, 0.0]),
    ("two-sided", "harmo", [100, 300], [1, 1], {"two_sided": True}, [-0.5, -0.5]),
    (
        "a wrong one that is too short",
        "harmo",
        [200, 50],
        [1, 0],
        {"applies_to": "wrong", "max_penalty": 2.0},
        [0.0, -1.5],
    ),
    ("the shortest is the target", "harmo", [100, 300], [1, 1], {"target": "min"}, [0.0, 0.0]),
    ("easy: short target", "laser", [150, 50, 90], [1, 1, 1], {}, [-1.0, 0.0, 0.0]),
    ("hard: long target", "laser", [350, 50, 90, 90], [1, 0, 0, 0], {}, [0.0, 0.0, 0.0, 0.0]),
    (
        "the paper's step",
        "laser",
        [50, 150, 150],
        [1, 1, 0],
        {"target_tokens": 100, "alpha": 0.5, "bonus": 1.5},
        [1.5, 1.0, 0.0],
    ),
    (
        "the paper's exploration of wrong ones",
        "laser",
        [50, 150],
        [0, 0],
        {"target_tokens": 100, "alpha": 0.5, "explore_tokens": 100},
        [0.0, 0.5],
    ),
    ("at the target and twice it", "linear", [100, 150, 300], [1, 1, 1], {}, [0.0, -0.5, -1.0]),
    ("a wrong one", "linear", [300], [0], {}, [0.0]),
    ("ends and beyond", "cosine", [0, 1000, 2000, 900], [1, 1, 1, 0], {}, [0.0, -1.0, -1.0, 0.0]),
    ("at the limit", "cosine", [1000], [0], {"exceed": -10.0, "wrong_short": -1.0}, [-10.0]),
    ("a step", "soft_overlong", [1000, 1001], [1, 1], {"soft_tokens": 0}, [0.0, -1.0]),
    ("a fifth of the limit", "soft_overlong", [800, 900, 1000], [1] * 3, {}, [0.0, -0.5, -1.0]),
    ("no length is in time", "trunc", [0, 4000, 4001], [1] * 3, {}, [0.0, 0.0, -1.0]),
    ("the paper's", "trunc", [10, 9000, 10], [1, 1, 0], {"bonus": 1.0}, [1.0, 0.0, 0.0]),
    ("from a length to a limit", "profile_band", [100, 250, 900], [1] * 3, {}, [0.0, -0.5, -1.0]),
    (
        "a multiplier",
        "profile_band",
        [100, 250, 900],
        [1, 1, 1],
        {"least": 0.5, "bonus": 1.0},
        [1.0, 0.75, 0.5],
    ),
    (
        "a bonus below zero lowers the range",
        "l1_exact",
        [300, 700, 700],
        [1, 1, 0],
        {"bonus": -0.5, "correct_only": False},
        [-0.5, -1.5, -1.0],
    ),
    ("shorter than the reference earns nothing", "o1_pruner", [100, 400], [1, 1], {}, [0.0, -0.5]),
    (
        "the paper's",
        "o1_pruner",
        [100, 400, 0],
        [1, 0, 0],
        {"accuracy_weight": 2.0, "clip": False, "correct_only": False},
        [2.0, -1.5, 198.0],
    ),
]


@pytest.mark.parametrize(("why", "term", "lengths", "correct", "params", "expected"), EDGES)
def test_edges(why, term, lengths, correct, params, expected):
    assert values(run(f"length.{term}", group(lengths, correct), **params)) == expected, why


def test_nothing_lost_is_not_minus_nothing():
    assert [str(score.value) for score in run("length.linear", group([10], [1]))] == ["0.0"]


def test_soft_overlong_for_all_does_not_need_correctness():
    asked = group([900, 100], [None, None])
    assert values(run("length.soft_overlong", asked, correct_only=False)) == [-0.5, 0.0]


def test_a_truncated_length_is_no_yardstick():
    """It counts as right or wrong, but its length is the limit's, not its own."""
    scores = run("length.kimi", group([100, 300, 1000], [1, 1, 1], truncated=(2,)))
    assert values(scores) == [0.0, -1.0, -1.0]


def test_only_truncated_siblings_are_no_yardstick_at_all():
    for name in RELATIVE:
        scores = run(name, group([100, 300], [1, 1], truncated=(0, 1)))
        assert all(score.value is not None for score in scores)


GIVEN = [
    ("l1_exact", {"target_tokens": 200}, [0.0, -0.5], None),
    ("l1_exact", {}, None, Reason.NO_CONSTRAINTS),
    ("l1_exact", {"target_tokens": "200"}, None, Reason.NO_CONSTRAINTS),
    ("l1_exact", {"target_tokens": True}, None, Reason.NO_CONSTRAINTS),
    ("l1_exact", {"target_tokens": float("nan")}, None, Reason.NO_CONSTRAINTS),
    ("l1_exact", {"target_tokens": 10**400}, None, Reason.NO_CONSTRAINTS),
    ("l1_max", {}, None, Reason.NO_CONSTRAINTS),
    ("o1_pruner", {"reference_tokens": -1}, None, Reason.NO_REFERENCE),
    ("o1_pruner", {"x": 1}, None, Reason.NO_REFERENCE),
]


@pytest.mark.parametrize(("term", "metadata", "expected", "reason"), GIVEN)
def test_what_the_request_has_to_bring(term, metadata, expected, reason):
    bound = bind(f"length.{term}", {})
    asked = group([200, 300], [1, 1], metadata=metadata or {"none": 0})
    assert values(bound.spec.fn(asked, **bound.params)) == (expected or [reason] * 2)


BAD = [
    ("linear", {"target_tokens": 0}),
    ("linear", {}),
    ("cosine", {"max_tokens": -1}),
    ("cosine", {"max_tokens": 10, "right_long": float("nan")}),
    ("harmo", {"tau": 1.0}),
    ("harmo", {"target": "mode"}),
    ("alp", {"max_tokens": 10, "beta": 2}),
    ("kimi", {"gamma": 1}),
]


@pytest.mark.parametrize(("term", "params"), BAD)
def test_bad_params_are_refused_at_load(term, params):
    with pytest.raises(ScorerParamsError, match=f"length.{term}"):
        bind(f"length.{term}", params)


def test_every_term_has_a_docstring_with_its_range():
    for spec in OURS:
        if spec.family == "length":
            assert spec.summary, spec.name


@pytest.mark.parametrize("name", ["length.l1_exact", "length.shorterbetter"])
def test_a_floor_above_zero_is_refused_since_it_would_pay_for_length(name):
    with pytest.raises(registry.ScorerParamsError, match="floor"):
        registry.bind(name, {"floor": 0.1})
