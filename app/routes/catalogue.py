"""GET /recipes, /recipes/{name} and /scorers: what this service scores with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from harmo.app.catalogue import Catalogue
from harmo.app.errors import ErrorType, openapi_responses
from harmo.app.keys import ApiKey
from harmo.app.routes.dependencies import KeyDep, ServiceDep
from harmo.rewards.explain import formula, in_words
from harmo.rewards.plan import Plan
from harmo.scorers import registry
from harmo_client.wire import Column, RecipePage, RecipeSummary, ResponseModel

router = APIRouter(responses=openapi_responses(ErrorType.UNAUTHENTICATED))


class ScorerSummary(ResponseModel):
    """One registered scorer."""

    name: str
    """What a recipe's term says as `scorer`."""
    family: str
    """`model`, `rule`, `aspect` or `length`."""
    summary: str
    """First line of its docstring: result and range."""
    origin: str
    """Module that registered it."""
    isolated: bool
    """Runs in a worker process that is killed at `timeout_s`."""
    timeout_s: float | None
    """Seconds it may take for a sample; None if only the request's deadline ends it."""
    reads: str
    """The part of a completion it reads unless the term says `part`."""
    params: list[str]
    """Names of the params that a term may give."""


@router.get("/scorers", summary="Every registered scorer")
async def scorers(key: KeyDep) -> list[ScorerSummary]:
    """What each gives, where it came from, and how it runs."""
    del key
    return [
        ScorerSummary(
            name=spec.name,
            family=spec.family.value,
            summary=spec.summary,
            origin=spec.origin,
            isolated=spec.isolate,
            timeout_s=spec.limit_s,
            reads=spec.reads,
            params=list(registry.params_of(spec)),
        )
        for spec in registry.all_specs()
    ]


@router.get(
    "/recipes", summary="The loaded recipes", responses=openapi_responses(ErrorType.NOT_READY)
)
async def recipes(service: ServiceDep, key: KeyDep) -> list[RecipeSummary]:
    """Every loaded recipe this key may use."""
    return summaries(service.catalogue, key)


@router.get(
    "/recipes/{name}",
    summary="One recipe",
    responses=openapi_responses(ErrorType.FORBIDDEN, ErrorType.NOT_FOUND, ErrorType.NOT_READY),
)
async def recipe(
    name: Annotated[str, Path(description="As `GET /recipes` lists it.")],
    service: ServiceDep,
    key: KeyDep,
) -> RecipePage:
    """Its columns, its formula, and the file as JSON."""
    plan = service.program(name, key).plan
    default = plan.recipe.name == service.catalogue.default
    return RecipePage(
        **_summary(plan, default=default).model_dump(),
        scorer_version=service.catalogue.scorer_version,
        formula=formula(plan),
        words=in_words(plan),
        columns=[Column(name=c.name, family=c.family.value, shadow=c.shadow) for c in plan.columns],
        recipe=plan.recipe.model_dump(mode="json"),
    )


def summaries(catalogue: Catalogue, key: ApiKey | None) -> list[RecipeSummary]:
    """The recipes a key may use.

    Args:
        catalogue: What is loaded.
        key: Whose question it is; None where keys are off.
    """
    allowed = [p for p in catalogue.plans.values() if not key or key.may_use(p.recipe.name)]
    return [_summary(plan, default=plan.recipe.name == catalogue.default) for plan in allowed]


def _summary(plan: Plan, *, default: bool) -> RecipeSummary:
    return RecipeSummary(
        name=plan.recipe.name,
        version=plan.version,
        description=plan.recipe.description.strip(),
        default=default,
    )
