"""What the columns of a recipe ask of a request. Pure: read off `GET /recipes/{name}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harmo.app.cli.bench.problems import PROBLEMS
from harmo.scorers.rule.by_task import TASKS
from harmo_client.wire import RecipePage

_BY_TASK, _IFEVAL, _FORMAT = "rule.by_task", "aspect.ifeval", "aspect.format"
_OWN = "send your own rollouts (--rollouts FILE)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must be in a request for every column to have something to judge."""

    tasks: Mapping[str, float]
    """How often each comes, in proportion."""
    thinks: bool
    """Whether answers stand behind thinking, in an element of their own; else in a box."""
    references: tuple[str, ...] = ()
    """Names of further ground truth, which is English."""
    constraints: bool = False
    """Whether prompts bring instructions to check."""


def needs(page: RecipePage, wanted: Mapping[str, float]) -> Needs:
    """What the recipe needs.

    Args:
        page: As the service describes it.
        wanted: Tasks that were asked for; empty for the recipe's own.

    Raises:
        ValueError: If there are no problems for its rules, or for a task that was asked for.
    """
    terms = list(_terms(page))
    rules = {scorer: params for family, scorer, params, _ in terms if family == "rule"}
    own = list(_tasks(page, rules))
    if unknown := [task for task in wanted if task not in PROBLEMS]:
        raise ValueError(
            f"--task {unknown[0]}: there are no problems of that kind; there are "
            f"{', '.join(PROBLEMS)}. For others {_OWN}"
        )
    if rules and not own and not wanted:
        raise ValueError(
            f"recipe {page.name!r} judges by {', '.join(rules)}, for which there are no problems: "
            f"{_OWN}"
        )
    patterns = [p.get("pattern") for _, scorer, p, _ in terms if scorer == _FORMAT]
    return Needs(
        tasks=dict(wanted) or dict.fromkeys(own or ["math"], 1.0),
        thinks=any("think" in str(pattern) for pattern in patterns),
        references=tuple(dict.fromkeys(name for _, _, _, name in terms if name)),
        constraints=any(scorer == _IFEVAL for _, scorer, _, _ in terms),
    )


def _terms(page: RecipePage) -> Iterator[tuple[str, str, Mapping[str, object], str]]:
    """Family, scorer, params and the name of the reference, if it is another, of every term."""
    for family in ("model", "rule", "aspect", "length", "shadow"):
        terms = page.recipe.get(family)
        for term in terms if isinstance(terms, list) else []:
            if isinstance(term, Mapping):
                params = term.get("params")
                yield (
                    family,
                    str(term.get("scorer", "")),
                    params if isinstance(params, Mapping) else {},
                    str(term.get("reference") or ""),
                )


def _tasks(page: RecipePage, rules: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    by_rule = {rule: task for task, rule in TASKS.items() if task in PROBLEMS}
    for scorer in rules:
        if scorer == _BY_TASK:
            default = page.recipe.get("default_task")
            if default is None or default in PROBLEMS:
                yield str(default or "math")
        elif scorer in by_rule:
            yield by_rule[scorer]
