"""GET /recipes, /recipes/{name} and /scorers: what this service scores with."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from harmo.app.errors import ErrorType, openapi_responses
from harmo.app.routes.dependencies import KeyDep, ServiceDep
from harmo.rewards.explain import formula, in_words
from harmo.rewards.plan import Plan
from harmo.scorers import registry
from harmo_client.wire import Column, RecipePage, RecipeSummary

router = APIRouter(responses=openapi_responses(ErrorType.UNAUTHENTICATED, ErrorType.NOT_READY))


class ScorerSummary(BaseModel):
    """One registered scorer."""

    name: str
    family: str
    summary: str
    """First line of its docstring: result and range."""
    origin: str
    """Module that registered it."""
    isolated: bool
    """Runs in a worker process that is killed at `timeout_s`."""
    timeout_s: float | None
    """Seconds it may take for a sample; None if only the request's deadline ends it."""
    reads: str
    params: list[str]


@router.get("/scorers")
async def scorers(key: KeyDep) -> list[ScorerSummary]:
    """Every registered scorer and where it came from."""
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


@router.get("/recipes")
async def recipes(service: ServiceDep, key: KeyDep) -> list[RecipeSummary]:
    """Every loaded recipe this key may use."""
    catalogue = service.catalogue
    allowed = [p for p in catalogue.plans.values() if not key or key.may_use(p.recipe.name)]
    return [_summary(plan, default=plan.recipe.name == catalogue.default) for plan in allowed]


@router.get(
    "/recipes/{name}", responses=openapi_responses(ErrorType.FORBIDDEN, ErrorType.NOT_FOUND)
)
async def recipe(name: str, service: ServiceDep, key: KeyDep) -> RecipePage:
    """One recipe: its columns, its formula, and the file as JSON."""
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


def _summary(plan: Plan, *, default: bool) -> RecipeSummary:
    return RecipeSummary(
        name=plan.recipe.name,
        version=plan.version,
        description=plan.recipe.description.strip(),
        default=default,
    )
