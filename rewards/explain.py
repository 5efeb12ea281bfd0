"""A recipe for people: as a formula, and in words."""

from __future__ import annotations

from fractions import Fraction

from harmo.rewards.options import Schedule
from harmo.rewards.recipe import Column, Plan
from harmo.scorers.types import Family

_ACCURACY = {
    "sum": "Rule and model both pay, each by its own weight.",
    "route": (
        "A group is judged by its rule where the rule can read the reference, else by the model "
        "(HARMO, eq. 1); without a model it is null."
    ),
    "fallback": (
        "The rule judges; where it abstains, or its confidence is below {min_confidence:g}, the "
        "model's P(correct) stands in."
    ),
    "confidence": "Accuracy is q * rule + (1 - q) * model, q being the rule's confidence.",
}
_COMBINE = {
    "sum": "The families add up.",
    "gate": (
        "Right completions get the sum, wrong ones their accuracy only; where correctness is "
        "unknown the reward is null."
    ),
    "lexicographic": (
        "Siblings are ranked by correctness, rule, each aspect in turn, model and length; the "
        "reward is the rank in [0, 1]. Needs the whole group."
    ),
    "geometric": (
        "Accuracy and aspects multiply (weighted geometric mean); lengths are added afterwards."
    ),
    "hero": (
        "The rule sets two strata, the model spreads siblings within them (HERO): wrong ones "
        "within {alpha:g} of 0, right ones within {beta:g} of 1. Needs the whole group."
    ),
}
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
    sides = [_weighted(plan, f.value, f) for f in (Family.ASPECT, Family.LENGTH)]
    accuracy, notes = _accuracy(plan)
    aspect, length = sides
    match plan.recipe.combine:
        case "gate":
            gated = _sum([aspect, length])
            line = f"{accuracy} + [correct] * ({gated})" if gated else accuracy
        case "lexicographic":
            keys = [column.name for column in _ranked(plan)]
            line = f"rank of ({', '.join(['correct', *keys])}) / (G - 1)"
        case "geometric":
            line = _sum([f"geometric mean of ({_sum([accuracy, aspect])})", length])
        case "hero":
            rules, models = _family(plan, Family.RULE), _family(plan, Family.MODEL)
            weight = _number(plan.recipe.weights.get("rule", 1.0))
            line = _sum([f"{weight} * hero({rules}, {models})", aspect, length])
        case _:
            line = _sum([accuracy, aspect, length])
    return "\n".join([f"R = {line or '0'}", *notes])


def in_words(plan: Plan) -> str:
    """The recipe as a short text: what counts, what happens where something is missing."""
    recipe = plan.recipe
    params = recipe.combine_params
    facts = {"min_confidence": recipe.min_confidence, "alpha": params.alpha, "beta": params.beta}
    lines = [recipe.description.strip()] if recipe.description else []
    if plan.indices(Family.RULE, Family.MODEL):
        lines.append(_ACCURACY[recipe.accuracy].format(**facts))
    if recipe.model_trust:
        lines.append(
            "The model counts in a group as far as it agrees with the rules there (Trust-GRPO)."
        )
    lines += [_COMBINE[recipe.combine].format(**facts), _COLUMNS[recipe.on_abstain.columns]]
    lines += [_TRUNCATED[recipe.on_truncated], "Columns:"]
    lines += [f"- {_column(column)}" for column in plan.columns]
    return "\n".join(lines)


def _accuracy(plan: Plan) -> tuple[str, list[str]]:
    """The accuracy part of the formula, and what `accuracy` stands for in it."""
    rules, models = _family(plan, Family.RULE), _family(plan, Family.MODEL)
    if plan.recipe.accuracy == "sum":
        parts = [_weighted(plan, f.value, f) for f in (Family.MODEL, Family.RULE)]
        return _sum(parts), []
    how = {
        "route": f"{rules} where it can read the reference, else {models or 'null'}",
        "fallback": f"{rules} where its confidence is {plan.recipe.min_confidence:g} or more, "
        f"else {models}",
        "confidence": f"q * {rules} + (1 - q) * {models}, q its confidence",
    }[plan.recipe.accuracy]
    weight = _number(plan.recipe.weights.get("accuracy", 1.0))
    return f"{weight} * accuracy", [f"accuracy = {how if rules else models}"]


def _weighted(plan: Plan, key: str, family: Family) -> str:
    terms = _family(plan, family)
    return f"{_number(plan.recipe.weights.get(key, 1.0))} * {terms}" if terms else ""


def _family(plan: Plan, family: Family) -> str:
    """A family's columns by their shares, in brackets if there are several."""
    columns = [plan.columns[k] for k in plan.indices(family) if plan.columns[k].term.weight]
    if len(columns) < 2:
        return "".join(column.name for column in columns)
    total = sum(column.term.weight for column in columns)
    shares = [Fraction(c.term.weight / total).limit_denominator(100) for c in columns]
    return "(" + _sum([f"{s} {c.name}" for s, c in zip(shares, columns, strict=True)]) + ")"


def _sum(parts: list[str]) -> str:
    return " + ".join(part for part in parts if part)


def _number(weight: float | Schedule) -> str:
    if isinstance(weight, Schedule):
        return f"[{weight.start:g} to {weight.end:g} over {weight.steps} steps, {weight.kind}]"
    return f"{weight:g}"


def _ranked(plan: Plan) -> list[Column]:
    order = (Family.RULE, Family.ASPECT, Family.MODEL, Family.LENGTH)
    return [plan.columns[k] for family in order for k in plan.indices(family)]


def _column(column: Column) -> str:
    """One column: its name, family, what it reads, its params and what its scorer says it is."""
    spec = column.scorer.spec
    asked = {k: v for k, v in column.term.params.items() if k != "tasks"}
    reads = f"reads {column.part}"
    if column.term.reference:
        reads += f", reference {column.term.reference!r}"
    params = f", {asked}" if asked else ""
    kind = "shadow, weight 0" if column.shadow else column.family.value
    return f"{column.name} ({kind}; {spec.name}{params}; {reads}): {spec.summary}"
