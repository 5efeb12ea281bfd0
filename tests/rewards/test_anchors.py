"""Numbers worked out from the sources' formulas, to 1e-5.

Those that belong to a trainer (advantages) are computed here from what the service returns.
"""

from __future__ import annotations

from operator import mul
from statistics import fmean, stdev

import pytest

from harmo.models.transform import Affine, Curve, Par, Sigmoid, ZScore
from harmo.rewards.accuracy import trust
from harmo.rewards.combine import combine
from harmo.rewards.combiners import hero
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import Recipe, Term
from harmo.scorers import registry
from harmo.scorers.length.counting import modified_z
from harmo.scorers.transforms import par, reduce
from harmo.scorers.types import Group, Reason, Sample, Score

registry.load()

LENGTHS, CORRECT = (100, 200, 300, 500), (True, True, False, False)
NONE = (False,) * 4


def near(expected):
    return pytest.approx(expected, abs=1e-5)


def length(term, params, *, lengths=LENGTHS, correct=CORRECT) -> list[float | None]:
    samples = tuple(Sample(num_tokens=n) for n in lengths)
    group = Group(id="g", samples=samples, size=len(samples), correctness=correct)
    bound = registry.bind(f"length.{term}", params)
    scores = bound.spec.fn(group, **bound.params)
    low, high = bound.bounds or (-1e9, 1e9)
    assert all(low <= score.value <= high for score in scores)
    return [score.value for score in scores]


TRL = {
    "max_tokens": 1000,
    "right_short": 1.0,
    "right_long": 0.5,
    "wrong_short": -1.0,
    "wrong_long": -0.5,
}
KIMI = {"offset": 0.5, "correct_only": False}
EXACT = {
    "target_tokens": 300,
    "alpha": 3e-4,
    "bonus": 1.0,
    "floor": None,
    "correct_only": False,
}
SHORTER = {"beta": 0.001, "bonus": 2.0, "floor": None, "correct_only": False}
ALP = {"max_tokens": 1000, "beta": 0.2, "bonus": 1.0, "correct_only": False}
PASS = {"coef": 0.25, "bonus": 1.0, "correct_only": False}
OVERLONG = {"max_tokens": 100, "soft_tokens": 20}
NV = {"weight": 0.05, "bonus": 1.0}
ONE, FIVE = (True, False, False, False), (True,) * 5

LENGTH_TERMS = [
    ("kimi", KIMI, LENGTHS, CORRECT, (0.5, 0.25, 0.0, -0.5)),
    ("kimi", KIMI, (200,) * 4, CORRECT, (0.0,) * 4),
    ("cosine", TRL, LENGTHS, CORRECT, (0.987764, 0.952254, -0.896946, -0.75)),
    ("cosine", {**TRL, "max_tokens": 100}, (50, 50), (True, False), (0.75, -0.75)),
    ("cosine", TRL, (1500, 2000), (True, True), (0.5, 0.5)),
    ("soft_overlong", OVERLONG, (80, 81, 90, 100, 101), FIVE, (0.0, -0.05, -0.5, -1.0, -1.0)),
    ("l1_exact", EXACT, LENGTHS, CORRECT, (0.94, 0.97, 0.0, -0.06)),
    ("l1_max", {"target_tokens": 300, "bonus": 1.0}, LENGTHS, CORRECT, (0.56, 0.53, 0.0, 0.0)),
    ("l1_max", {"target_tokens": 300, "bonus": 1.0}, (2300,), (True,), (0.0,)),
    ("arora", {"alpha": 0.2, "bonus": 1.0}, LENGTHS, CORRECT, (0.946212, 0.853788, 0.0, 0.0)),
    ("arora", {"alpha": 0.2, "bonus": 1.0}, LENGTHS, ONE, (0.9, 0.0, 0.0, 0.0)),
    ("shorterbetter", SHORTER, LENGTHS, CORRECT, (2.0, 1.9, -0.2, -0.4)),
    ("shorterbetter", SHORTER, LENGTHS, NONE, (-0.175, -0.075, -0.025, -0.225)),
    ("alp", ALP, LENGTHS, CORRECT, (0.99, 0.98, -0.03, -0.05)),
    ("alp", ALP, LENGTHS, NONE, (-0.005, -0.01, -0.015, -0.025)),
    ("gr3", {"bonus": 1.0}, LENGTHS, CORRECT, (0.892857, 0.806452, 0.0, 0.0)),
    ("linear_pass", PASS, LENGTHS, CORRECT, (0.975, 0.95, -0.075, -0.125)),
    ("linear_pass", {**PASS, "correct_only": True}, LENGTHS, CORRECT, (0.975, 0.95, 0.0, 0.0)),
    ("linear_pass", PASS, LENGTHS, NONE, (0.0,) * 4),
    ("nv_reason", NV, (1024, 2560, 4096), (True,) * 3, (1.0, 0.975, 0.95)),
    (
        "acoer",
        {"budget_tokens": 100},
        (0, 25, 50, 100, 110),
        FIVE,
        tuple(g - 1.0 for g in (1.0, 0.869617, 0.69918, 0.0, 0.0)),
    ),
]


@pytest.mark.parametrize(("term", "params", "lengths", "correct", "expected"), LENGTH_TERMS)
def test_length_terms(term, params, lengths, correct, expected):
    assert length(term, params, lengths=lengths, correct=correct) == near(list(expected))


def test_cosine_with_the_papers_constants():
    paper = {"right_short": 2.0, "right_long": 1.0, "wrong_short": -10.0, "wrong_long": 0.0}
    got = length(
        "cosine", {"max_tokens": 14336, **paper}, lengths=(7168, 7168), correct=(True, False)
    )
    assert got == near([1.5, -5.0])


def test_a_multiplier_on_a_negative_base_would_pay_for_length():
    """Why gr3 multiplies correctness only: on -1 everywhere the longest would be best."""
    multiplier = length("gr3", {"bonus": 1.0}, correct=(True,) * 4)
    on_minus_one = [-m for m in multiplier]
    assert on_minus_one == near([-0.892857, -0.806452, -0.735294, -0.625])
    assert max(on_minus_one) == on_minus_one[-1]


def test_modified_z():
    centre, scale = modified_z((100, 110, 120, 130, 900))
    got = [(n - centre) / scale for n in (100, 110, 120, 130, 900)]
    assert got == near([-1.349, -0.6745, 0.0, 0.6745, 52.611])


def test_hero():
    rule, model = (True, True, False, False), (2.0, -1.0, 3.0, 0.0)
    assert hero.spread(rule, model, alpha=0.1, beta=0.1) == near([1.1, 0.9, 0.1, -0.1])
    tied = hero.spread(rule, (1.0,) * 4, alpha=0.1, beta=0.1)
    assert tied == near([1.0, 1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("over_usual", "expected"), [(-0.5, 0.613787), (0.0, 1.25), (0.5, 1.886213)]
)
def test_hero_prompt_weight(over_usual, expected):
    scores = (0.0, 1.0)  # their std is 0.5
    got = hero.prompt_weight(scores, mean_std=0.5 - over_usual, low=0.5, high=2.0, slope=5.0)
    assert got == near(expected)


def test_a_prompt_weight_cancels_under_group_std():
    rewards = (1.1, 0.9, 0.1, -0.1)
    assert advantages(rewards)[0] == near(1.018876)
    assert advantages([2 * r for r in rewards])[0] == near(1.018963)


ENSEMBLE = [
    ("mean", 0.5, 0.6),
    ("min", 0.5, 0.2),
    ("mean_minus_variance", 0.5, 0.556667),
    ("soft", 0.1, 0.309099),
]


@pytest.mark.parametrize(("how", "strength", "expected"), ENSEMBLE)
def test_ensembles(how, strength, expected):
    assert reduce((0.9, 0.7, 0.2), how, strength=strength) == near(expected)


def test_par():
    assert par(1.2, (0.2, 1.2, -0.8)) == near(0.703952)
    assert Par(references=(0.2, 1.2, -0.8))(1.2) == near(0.703952)


TRANSFORMS = [
    ("z", ZScore(mean=1.0, std=2.0), 4.0, 1.5),
    ("sigmoid((s - mu) / T)", Sigmoid(scale=0.5, shift=-0.5), 1.0, 0.5),
    ("minmax", Affine(scale=0.5, shift=-0.5, low=0.0, high=1.0), 2.0, 0.5),
    ("minmax, clipped", Affine(scale=0.5, shift=-0.5, low=0.0, high=1.0), 9.0, 1.0),
    ("quantile", Curve(kind="quantile", x=(0.0, 1.0, 3.0), y=(0.0, 0.5, 1.0)), 2.0, 0.75),
    ("clip", Affine(low=-5.0, high=5.0), -9.0, -5.0),
]


@pytest.mark.parametrize(("why", "transform", "raw", "expected"), TRANSFORMS)
def test_transforms(why, transform, raw, expected):
    assert transform(raw) == near(expected), why


def test_trust():
    assert trust([0.4], [0.7]) == near(0.740818)
    assert trust([0.7], [0.4]) == 1.0


def additive(names, weights, table) -> tuple[Plan, Group, list[list[Score]]]:
    """An additive recipe over one rule and some aspects, with scores given by hand."""
    share = sum(weights[1:])
    recipe = Recipe(
        name="t",
        weights={"rule": weights[0], "aspect": share},
        rule=(Term(scorer="rule.exact", name=names[0]),),
        aspect=tuple(
            Term(scorer="aspect.format", name=name, weight=weight)
            for name, weight in zip(names[1:], weights[1:], strict=True)
        ),
    )
    samples = tuple(Sample() for _ in table)
    scores = [
        [Score.abstain(Reason.DEADLINE) if cell is None else Score(value=cell) for cell in row]
        for row in table
    ]
    return compile_recipe(recipe), Group(id="g", samples=samples, size=len(samples)), scores


def advantages(rewards, *, std=True) -> list[float]:
    """TRL's group advantages: centred, over the ddof-1 std."""
    centre = fmean(rewards)
    scale = stdev(rewards) + 1e-4 if std else 1.0
    return [(reward - centre) / scale for reward in rewards]


@pytest.mark.parametrize(
    ("weight", "std", "expected"),
    [
        (1.0, True, (0.4998, 0.4998, 0.4998, -1.4994)),
        (0.05, True, (0.4960, 0.4960, 0.4960, -1.4881)),
        (1.0, False, (0.125, 0.125, 0.125, -0.375)),
        (0.05, False, (0.00625, 0.00625, 0.00625, -0.01875)),
    ],
)
def test_group_std_cancels_the_weight_of_the_only_column_that_differs(weight, std, expected):
    """Why length terms leave wrong completions alone: an all-wrong group pays length in full."""
    term = length("kimi", KIMI, correct=NONE)
    plan, group, scores = additive(("rule", "len"), (1.0, weight), [[0.0, x] for x in term])
    rewards = [reward.value for reward in combine(plan, group, scores).rewards]
    assert advantages(rewards, std=std) == pytest.approx(expected, abs=6e-5)


def test_an_abstention_is_not_a_zero():
    """TRL's nansum gives (1.8, 1.0, 0.2, 0.0): the correct one without its aspect loses 0.8."""
    table = [[1.0, 0.8], [1.0, None], [0.0, 0.2], [0.0, None]]
    plan, group, scores = additive(("rule", "a"), (0.5, 0.5), table)
    by_group = [reward.value for reward in combine(plan, group, scores).rewards]
    assert by_group == near([0.5, 0.5, 0.0, 0.0])
    policy = {"on_abstain": {"columns": "renormalise"}}
    recipe = Recipe.model_validate({**plan.recipe.model_dump(), **policy})
    renormalised = combine(compile_recipe(recipe), group, scores)
    assert [reward.value for reward in renormalised.rewards] == near([0.9, 1.0, 0.1, 0.0])


def test_contributions_are_what_gdpo_needs():
    """Summed first, one and two met aspects look alike; by column they keep their ratio."""
    easy = additive(("a", "b"), (1.0, 1.0), [[0.0, 1.0], [1.0, 1.0]])
    both = additive(("a", "b"), (1.0, 1.0), [[0.0, 0.0], [1.0, 1.0]])
    summed, by_column = [], []
    for plan, group, scores in (easy, both):
        rewards = combine(plan, group, scores).rewards
        summed.append(advantages([reward.value for reward in rewards])[1])
        columns = zip(*(reward.contributions for reward in rewards), strict=True)
        by_column.append([sum(cells) for cells in zip(*map(advantages, columns), strict=True)])
    assert summed == pytest.approx([0.7071, 0.7071], abs=2e-4)
    assert advantages([*by_column[0], *by_column[1]])[1::2] == pytest.approx(
        [0.5477, 1.0954], abs=2e-4
    )


ATTRIBUTION = [
    [1.0, 0.9, 1.0, 0.3],
    [1.0, 0.2, 1.0, -0.1],
    [0.0, 0.7, 1.0, 0.0],
    [0.0, 0.1, 1.0, -0.5],
]


def test_contributions_attribute_advantages_exactly():
    plan, group, scores = additive(("r", "m", "f", "l"), (1.0, 0.5, 0.2, 0.2), ATTRIBUTION)
    rewards = combine(plan, group, scores).rewards
    totals = [reward.value for reward in rewards]
    scale = stdev(totals) + 1e-4
    columns = [
        [(cell - fmean(column)) / scale for cell in column]
        for column in zip(*(reward.contributions for reward in rewards), strict=True)
    ]
    assert [sum(row) for row in zip(*columns, strict=True)] == near(advantages(totals))
    assert advantages(totals) == pytest.approx([1.1197, 0.5083, -0.5296, -1.0984], abs=5e-5)
    assert [column[0] for column in columns] == pytest.approx([0.711, 0.302, 0.0, 0.107], abs=5e-4)


def test_contributions_share_out_a_groups_variance():
    """Covariance shares credit nothing to a constant column; shares of the mean credit it 21%."""
    plan, group, scores = additive(("r", "m", "f", "l"), (1.0, 0.5, 0.2, 0.2), ATTRIBUTION)
    rewards = combine(plan, group, scores).rewards
    totals = [reward.value for reward in rewards]
    columns = list(zip(*(reward.contributions for reward in rewards), strict=True))
    centred = advantages(totals, std=False)
    spread = sum(x * x for x in centred)
    shares = [sum(map(mul, column, centred)) / spread for column in columns]
    assert shares == pytest.approx([0.772, 0.149, 0.0, 0.079], abs=5e-4)
    means = [abs(fmean(column)) for column in columns]
    assert [m / sum(means) for m in means] == pytest.approx([0.525, 0.249, 0.210, 0.016], abs=5e-4)
