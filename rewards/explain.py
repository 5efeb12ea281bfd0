"""A recipe for people: as a formula, and in words."""

from __future__ import annotations

from fractions import Fraction

from harmo.rewards.combiners import Written, plus
from harmo.rewards.options import Schedule
from harmo.rewards.plan import Column, Plan
from harmo.scorers.types import THINK_TAGS, Family

_COLUMNS = {
    "group": "An aspect or length column counts in a group where every scored sibling has it.",
    "impute_group_mean": "A missing aspect or length score counts as the siblings' mean.",
    "renormalise": "A missing aspect or length score leaves its weight to the completion's others.",
}
_TRUNCATED = {
    "score": "Truncated completions are scored like the others.",
    "unscored": "Truncated completions get null.",
    "wrong": "Truncated completions are wrong: their rule scores are 0.",
}


def formula(plan: Plan) -> str:
    """The reward as one line, with what its short names stand for on the lines below."""
    accuracy, notes = _accuracy(plan)
    written = Written(
        accuracy=accuracy,
        aspect=_weighted(plan, Family.ASPECT),
        length=_weighted(plan, Family.LENGTH),
        rules=_family(plan, Family.RULE),
        models=_family(plan, Family.MODEL),
        rule_weight=_weight(plan, Family.RULE),
        names={f: [plan.columns[k].name for k in ks] for f, ks in plan.by_family.items()},
    )
    return "\n".join([f"R = {plan.combiner.formula(written) or '0'}", *notes])


def in_words(plan: Plan) -> str:
    """The recipe as a short text: what counts, what happens where something is missing."""
    recipe = plan.recipe
    lines = [recipe.description.strip()] if recipe.description else []
    if plan.judging:
        lines.append(plan.mode.words.format(min_confidence=recipe.min_confidence))
    if recipe.model_trust:
        lines.append(
            "The model counts in a group as far as it agrees with the rules there (Trust-GRPO)."
        )
    lines.append(plan.combiner.words.format(**dict(recipe.combine_params)))
    if plan.think_tags != THINK_TAGS:
        lines.append(f"The think part stands between {' and '.join(plan.think_tags)}.")
    lines += [_COLUMNS[recipe.on_abstain.columns], _TRUNCATED[recipe.on_truncated], "Columns:"]
    lines += [f"- {_column(column)}" for column in plan.columns]
    return "\n".join(lines)


def _accuracy(plan: Plan) -> tuple[str, list[str]]:
    """What the judges pay, and what `accuracy` stands for in it where they share a weight."""
    mode, rules, models = plan.mode, _family(plan, Family.RULE), _family(plan, Family.MODEL)
    if not mode.shared:
        return plus(_weighted(plan, Family.MODEL), _weighted(plan, Family.RULE)), []
    how = mode.formula.format(
        rules=rules, models=models or "null", min_confidence=plan.recipe.min_confidence
    )
    return f"{_weight(plan, Family.RULE)} * accuracy", [f"accuracy = {how if rules else models}"]


def _weighted(plan: Plan, family: Family) -> str:
    terms = _family(plan, family)
    return f"{_weight(plan, family)} * {terms}" if terms else ""


def _weight(plan: Plan, family: Family) -> str:
    weight = plan.recipe.weights.get(plan.mode.weight_key(family), 1.0)
    if isinstance(weight, Schedule):
        return f"[{weight.start:g} to {weight.end:g} over {weight.steps} steps, {weight.kind}]"
    return f"{weight:g}"


def _family(plan: Plan, family: Family) -> str:
    """A family's columns by their shares, in brackets if there are several."""
    columns = [plan.columns[k] for k in plan.by_family[family] if plan.columns[k].term.weight]
    if len(columns) < 2:
        return "".join(column.name for column in columns)
    total = sum(column.term.weight for column in columns)
    shares = [Fraction(c.term.weight / total).limit_denominator(100) for c in columns]
    return "(" + plus(*(f"{s} {c.name}" for s, c in zip(shares, columns, strict=True))) + ")"


def _column(column: Column) -> str:
    """One column: its name, family, what it reads, its params and what its scorer says it is."""
    spec = column.scorer.spec
    reads = f"reads {column.part}"
    if column.term.reference:
        reads += f", reference {column.term.reference!r}"
    asked = {key: value for key, value in column.term.params.items() if value != {}}
    params = f", {asked}" if asked else ""
    kind = "shadow, weight 0" if column.shadow else column.family.value
    return f"{column.name} ({kind}; {spec.name}{params}; {reads}): {spec.summary}"
