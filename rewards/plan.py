"""The plan: a recipe bound to scorers, and all that can be decided of it before a group comes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harmo.models.base import Meaning
from harmo.rewards.combiners import COMBINERS, Combiner
from harmo.rewards.modes import JUDGES, MODES, AccuracyMode, Judges, Weights
from harmo.rewards.options import Schedule
from harmo.rewards.recipe import Recipe, RecipeError, Term
from harmo.scorers import registry
from harmo.scorers.spec import BoundScorer, Output, ScorerSpec
from harmo.scorers.types import THINK_TAGS, Family, Part, ThinkTags

INTERACTION = "combine.interaction"
"""The extra column of non-additive combiners."""
REWARD = "reward"
"""The reward's own name where it stands among columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One term, bound to its scorer."""

    name: str
    family: Family
    term: Term
    scorer: BoundScorer
    shadow: bool = False
    meaning: Meaning | None = None
    """What a model column's output means; set by the service once its models are loaded."""

    @property
    def part(self) -> Part:
        """What of the completion it reads."""
        return self.term.part or self.scorer.spec.reads

    @property
    def output(self) -> Output:
        """What its scores mean."""
        return self.scorer.output(self.meaning)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A recipe ready to run: its columns in wire order, shadow columns last."""

    recipe: Recipe
    columns: tuple[Column, ...]

    @cached_property
    def version(self) -> str:
        """sha256 of the recipe's canonical form."""
        canonical = json.dumps(self.recipe.model_dump(mode="json"), sort_keys=True)
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def think_tags(self) -> ThinkTags:
        """What stands round the think part of every completion, as its terms say it."""
        return next(filter(None, (column.scorer.think_tags for column in self.columns)), THINK_TAGS)

    @cached_property
    def mode(self) -> AccuracyMode:
        """How rule and model share correctness."""
        return MODES.named(self.recipe.accuracy)

    @cached_property
    def combiner(self) -> Combiner:
        """How the columns become a reward."""
        return COMBINERS.named(self.recipe.combine)

    @cached_property
    def interacts(self) -> bool:
        """True if what the combiner adds or takes away has an extra column."""
        return self.combiner.totals is not None

    @cached_property
    def by_family(self) -> Mapping[Family, tuple[int, ...]]:
        """Positions of each family's columns, shadow columns excluded."""
        shown = [(k, c.family) for k, c in enumerate(self.columns) if not c.shadow]
        return {family: tuple(k for k, f in shown if f is family) for family in Family}

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Positions of the columns that are no shadow columns."""
        return tuple(self.indices(*Family))

    @cached_property
    def asked(self) -> tuple[int, ...]:
        """Positions of those whose terms have a weight."""
        return tuple(k for k in self.shown if self.columns[k].term.weight)

    @cached_property
    def judging(self) -> tuple[int, ...]:
        """Positions of the rule and model columns."""
        return tuple(self.indices(*JUDGES))

    @cached_property
    def fitted(self) -> frozenset[int]:
        """Positions of the model columns that give a fitted P(correct)."""
        models = self.by_family[Family.MODEL]
        return frozenset(k for k in models if self.columns[k].output.p_correct)

    @cached_property
    def muted(self) -> frozenset[int]:
        """Positions of the columns whose weights the combiner does not use."""
        return frozenset(self.indices(*self.combiner.muted))

    @cached_property
    def on_missing(self) -> str:
        """What happens where an aspect or length column has no score: `on_abstain.columns`."""
        asked, only = self.recipe.on_abstain.columns, self.combiner.on_abstain
        return asked if only is None or asked in only.choices else only.choices[0]

    def indices(self, *families: Family) -> list[int]:
        """Positions of the families' columns, shadow columns excluded."""
        return sorted(k for family in families for k in self.by_family[family])

    def weight(self, family: Family, step: int | None) -> float:
        """A family's weight at a training step; 1 where the recipe is silent."""
        weight = self.recipe.weights.get(self.mode.weight_key(family), 1.0)
        return weight.at(step) if isinstance(weight, Schedule) else float(weight)

    def column_weights(self, family: Family, columns: Sequence[int], step: int | None) -> Weights:
        """What multiplies those columns of a family that count in a group."""
        if self._scheduled or len(columns) < len(self.by_family[family]):
            return self.shares(columns, self.weight(family, step))
        return self._whole[family]

    def shares(self, columns: Sequence[int], weight: float) -> dict[int, float]:
        """A weight over some columns, by their terms' weights; empty where nothing counts."""
        terms = {k: self.columns[k].term.weight for k in columns}
        total = sum(terms.values())
        if not total or not weight:
            return {}
        return {k: weight * term / total for k, term in terms.items() if term}

    def judges(self, rules: Sequence[int], models: Sequence[int], step: int | None) -> Judges:
        """The judges of a group in which these columns are not missing."""
        fewer = len(rules) + len(models) < len(self.judging)
        return self._judges_at(rules, models, step) if fewer or self._scheduled else self._judges

    @cached_property
    def _scheduled(self) -> bool:
        """True if a family weight moves by step: nothing of it can be worked out beforehand."""
        return any(isinstance(weight, Schedule) for weight in self.recipe.weights.values())

    @cached_property
    def _whole(self) -> Mapping[Family, Weights]:
        """What multiplies a family's columns where none is missing."""
        return {f: self.shares(self.by_family[f], self.weight(f, None)) for f in Family}

    @cached_property
    def _judges(self) -> Judges:
        return self._judges_at(self.by_family[Family.RULE], self.by_family[Family.MODEL], None)

    def _judges_at(self, rules: Sequence[int], models: Sequence[int], step: int | None) -> Judges:
        return Judges(
            rules=self.column_weights(Family.RULE, rules, step),
            models=self.column_weights(Family.MODEL, models, step),
            all_rules=self.by_family[Family.RULE],
            all_models=self.by_family[Family.MODEL],
            asked=any(self.by_family[f] and self.weight(f, step) > 0 for f in JUDGES),
            min_confidence=self.recipe.min_confidence,
        )


def task_params(spec: ScorerSpec) -> list[str]:
    """Which of the recipe's `tasks` and `default_task` a scorer takes: those a dispatcher has."""
    taken = registry.params_of(spec)
    return [key for key in ("tasks", "default_task") if spec.dispatches and key in taken]


def compile_recipe(recipe: Recipe) -> Plan:
    """Bind a recipe's terms to registered scorers.

    Args:
        recipe: As read from a file.

    Returns:
        Its columns in wire order; model columns do not know yet what their output means.

    Raises:
        RecipeError: If a scorer or param is unknown, a term stands in the wrong family, a column
            name recurs, every weight is zero, or two terms take other tags for thinking.
    """
    columns = tuple(_columns(recipe))
    names = [column.name for column in columns]
    if not names:
        raise RecipeError(f"recipe {recipe.name!r} has no terms; give at least one")
    for taken in {INTERACTION, REWARD} & set(names):
        raise RecipeError(
            f"recipe {recipe.name!r}: no column may be named {taken!r}; set another 'name'"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecipeError(
            f"recipe {recipe.name!r}: duplicate columns {', '.join(twice)}; set 'name' on one"
        )
    plan = Plan(recipe=recipe, columns=columns)
    _require_weight(plan)
    _require_one_syntax(plan)
    return plan


def _columns(recipe: Recipe) -> Iterator[Column]:
    for family, terms in recipe.terms.items():
        for term in terms:
            column = _column(recipe, term, shadow=False)
            if column.family is not family:
                raise RecipeError(
                    f"recipe {recipe.name!r}: {term.scorer} belongs under "
                    f"{column.family!s}, not under {family!s}"
                )
            yield column
    for term in recipe.shadow:
        yield _column(recipe, term, shadow=True)


def _column(recipe: Recipe, term: Term, *, shadow: bool) -> Column:
    of_recipe: Mapping[str, object] = {
        "tasks": recipe.tasks,
        "default_task": recipe.default_task,
    }
    try:
        taken = task_params(registry.get(term.scorer))
        params = {**{key: of_recipe[key] for key in taken}, **term.params}
        bound = registry.bind(term.scorer, params)
    except ValueError as error:
        raise RecipeError(f"recipe {recipe.name!r}: {error}") from None
    return Column(
        name=term.name or term.scorer,
        family=bound.spec.family,
        term=term,
        scorer=bound,
        shadow=shadow,
    )


def _require_weight(plan: Plan) -> None:
    for family in Family:
        terms = [plan.columns[k].term.weight for k in plan.by_family[family]]
        if terms and not sum(terms):
            raise RecipeError(
                f"recipe {plan.recipe.name!r}: every {family!s} term has weight 0; "
                "use shadow for those"
            )
    live = {plan.mode.weight_key(family) for family in Family if plan.by_family[family]}
    if all(_never(plan.recipe.weights.get(key, 1.0)) for key in live):
        raise RecipeError(
            f"recipe {plan.recipe.name!r}: all weights are zero; every reward would be 0"
        )


def _require_one_syntax(plan: Plan) -> None:
    """Refuse terms that disagree on what stands round the think part, and tags that hide it."""
    said = {c.name: tags for c in plan.columns if (tags := c.scorer.think_tags) is not None}
    if len(set(said.values())) > 1:
        listed = "; ".join(f"{name}: {' and '.join(tags)}" for name, tags in said.items())
        raise RecipeError(
            f"recipe {plan.recipe.name!r}: its terms disagree on the tags round the think part "
            f"({listed}); a policy thinks in one way, so give them one pair"
        )
    opening, closing = plan.think_tags
    if closing in opening:
        raise RecipeError(
            f"recipe {plan.recipe.name!r}: the closing tag {closing!r} stands in the opening tag "
            f"{opening!r}, so nothing could tell whether a think part is open; change one"
        )


def _never(weight: float | Schedule) -> bool:
    """True if a family weight is 0 at every step."""
    return weight.start == weight.end == 0 if isinstance(weight, Schedule) else weight == 0
