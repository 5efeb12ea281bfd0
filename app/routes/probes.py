"""GET /livez, /readyz and /metrics, for probes and scrapers."""

from __future__ import annotations

from fastapi import APIRouter, Response

from harmo.app.errors import ErrorType, openapi_responses
from harmo.app.routes.dependencies import HealthDep, ServiceDep
from harmo.app.settings import AuditMode
from harmo.models.base import Rung
from harmo_client.wire import ResponseModel

router = APIRouter()


class Kept(ResponseModel):
    """Whether what is answered is kept."""

    mode: AuditMode
    """`prompt`: answers do not wait for it; `strict`: they do."""
    fault: str
    """Why nothing can be kept now; empty while all is well."""


class Readiness(ResponseModel):
    """What is ready to score."""

    recipes: list[str]
    """Names of the loaded recipes, the default first."""
    models: dict[str, Rung]
    """Hosted models and encoders, each with the rung it scores on."""
    audit: Kept | None = None
    """The store of scored groups; null where none is kept."""


@router.get("/livez", summary="Whether the process answers", status_code=204)
async def livez() -> Response:
    """204 while it does. Needs no key."""
    return Response(status_code=204)


@router.get(
    "/readyz", summary="Whether it scores", responses=openapi_responses(ErrorType.NOT_READY)
)
async def readyz(service: ServiceDep, health: HealthDep) -> Readiness:
    """200 once every recipe scored a warm-up group, while the service scores. Needs no key.

    503 says what keeps it: it starts, leaves, or a part of it is stuck.
    """
    life = service.life
    if not life.ready:
        raise life.not_ready(life.failure or f"the service is {life.phase}")
    if faults := health.faults():
        raise life.not_ready("; ".join(faults))
    catalogue = service.catalogue
    rungs = {card.name: card.rung for card in service.hosting.cards()}
    keeper = service.keeper
    audit = None if keeper is None else Kept(mode=keeper.mode, fault=keeper.fault or keeper.full)
    return Readiness(recipes=list(catalogue.plans), models=rungs, audit=audit)


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(service: ServiceDep) -> Response:
    """What it did, in Prometheus's text format 0.0.4. Needs a key if `public_metrics` is off."""
    exposed = await service.metrics.exposed()
    return Response(exposed, media_type="text/plain; version=0.0.4; charset=utf-8")
