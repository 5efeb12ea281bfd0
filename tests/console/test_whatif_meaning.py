"""What-if where rules say nothing: models mean what they meant to the recipe that was stored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harmo.app.replay.matching import meant
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.console.model.whatif.paid import Groups, Was, weighed
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.plan import Plan
from harmo.scorers.types import Family, Reason, Score
from tests.audit.made import RECIPE, kept_recipe, made_groups, made_plan
from tests.console.combined import by_combine

JUDGED = (
    RECIPE.replace("name: kept", "name: kept\naccuracy: confidence")
    .replace("model: 0.5, rule: 1.0", "accuracy: 1.0")
    .replace(
        "scorer: model.similarity, reference: caption, part: think",
        "scorer: model.reward, name: judge",
    )
)


def judged(each: KeptGroup, plan: Plan, recipe: KeptRecipe) -> KeptGroup:
    """The group as a service would have kept it whose rules said nothing."""
    rows = [
        [reward.scores[0], Score.abstain(Reason.NO_REFERENCE), *reward.scores[2:]]
        for reward in each.rewards
    ]
    group = replace(each.group, correctness=())
    group = replace(group, correctness=settle_correctness(plan, group, rows))
    place = next(k for k, c in enumerate(plan.columns) if c.family is Family.LENGTH)
    scorer = plan.columns[place].scorer
    for row, score in zip(rows, scorer.spec.fn(group, **scorer.params), strict=True):
        row[place] = score
    paid = combine(plan, group, rows)
    faults = (None,) * len(rows)
    return replace(
        each, recipe=recipe, faults=faults, weights=paid.weights, rewards=paid.rewards, group=group
    )


def fitted(plan: Plan) -> Plan:
    """The plan where its models are hosted, and give P(correct)."""
    columns = [
        replace(c, meaning="p_correct") if c.family is Family.MODEL else c for c in plan.columns
    ]
    return Plan(recipe=plan.recipe, columns=tuple(columns))


def test_a_model_that_is_not_here_means_what_it_meant_to_the_recipe_that_was_stored():
    """Whatever it scores is P(correct) under this mode: where no rule speaks, it is asked."""
    plan = fitted(made_plan(JUDGED))
    recipe = kept_recipe(plan)
    kept = [judged(each, plan, recipe) for each in made_groups(groups=20, runs=("run",))]
    unsettled = [replace(each, group=replace(each.group, correctness=())) for each in kept]
    known = Groups.of(unsettled).right
    np.testing.assert_array_equal(known, Groups.of(kept).right)
    assert (known == 1).any()
    assert (known == 0).any()
    # Truncated ones are wrong now: correctness is settled anew, and length terms read it.
    other = made_plan(JUDGED.replace("default_task", "on_truncated: wrong\ndefault_task"))
    both = weighed(Was.of(kept), other)
    expected = [v for each in kept for v in by_combine(meant(other, recipe), each)]
    np.testing.assert_allclose(both.after.rewards, np.array(expected, dtype=float))
