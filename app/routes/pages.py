"""GET /, /docs and /openapi.json: what this is and where things are, for people and programs."""

from __future__ import annotations

import json
import re
import shlex

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from harmo.app.errors import ErrorType, openapi_responses
from harmo.app.life import Phase
from harmo.app.pages import describe
from harmo.app.pages.render import page
from harmo.app.routes.catalogue import summaries
from harmo.app.routes.dependencies import ServiceDep
from harmo.app.service import Service
from harmo.scorers.types import Cause, Reason
from harmo_client.wire import EXAMPLE, RecipeSummary, ResponseModel

router = APIRouter()

_LINKS = ("docs", "openapi.json", "recipes", "scorers", "metrics", "readyz")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


class Home(ResponseModel):
    """What this service is, how it is, and where things are."""

    name: str
    """`Harmo`."""
    version: str
    """Of the service."""
    description: str
    """What it does."""
    phase: Phase
    """Where in its life it is."""
    ready: bool
    """True if it takes requests."""
    needs_key: bool
    """True if requests need an API key."""
    recipes: list[RecipeSummary] | None
    """Those that may be used; null where keys are needed and none came."""
    links: dict[str, str]
    """Addresses of the other pages, by name."""
    example: str
    """A command for a shell that asks for rewards."""


@router.get(
    "/",
    summary="What this is and where things are",
    response_model=Home,
    responses=openapi_responses(ErrorType.UNAUTHENTICATED),
)
async def home(request: Request, service: ServiceDep) -> Response:
    """A page for browsers (`Accept: text/html`), JSON for all others.

    Needs a key if `public_docs` is off. Where the service has keys, recipes are shown to those who
    send theirs.
    """
    base = _base(request)
    shown = Home(
        name=request.app.title,
        version=request.app.version,
        description=request.app.description,
        phase=service.life.phase,
        ready=service.life.ready,
        needs_key=service.doorkeeper.needs_key,
        recipes=_recipes(request, service),
        links={name: base + name for name in _LINKS},
        example=_curl(base, service),
    )
    headers = {"Vary": "Accept", "Cache-Control": "no-store"}
    if "text/html" in request.headers.get("accept", ""):
        return page("home.html", headers, home=shown, base=base)
    return JSONResponse(shown.model_dump(mode="json"), headers=headers)


@router.get("/docs", include_in_schema=False)
async def docs(request: Request, service: ServiceDep) -> Response:
    """Every route, field and status, from the OpenAPI schema, with a request to try."""
    document, base = request.app.openapi(), _base(request)
    return page(
        "docs.html",
        title=request.app.title,
        version=request.app.version,
        description=request.app.description,
        operations=describe.operations(document),
        shapes=describe.shapes(document),
        causes={cause: [r for r in Reason if r.cause is cause] for cause in Cause},
        needs_key=service.doorkeeper.needs_key,
        example=json.dumps(EXAMPLE, indent=2),
        curl=_curl(base, service),
        base=base,
    )


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """Every route, field and status, for programs."""
    document, root = request.app.openapi(), request.scope.get("root_path", "")
    return JSONResponse({**document, "servers": [{"url": root}]} if root else document)


def _recipes(request: Request, service: Service) -> list[RecipeSummary] | None:
    authorization = request.headers.get("authorization")
    if service.doorkeeper.needs_key and authorization is None:
        return None
    key = service.doorkeeper.identify(authorization)
    return summaries(service.catalogue, key) if service.life.ready else []


def _base(request: Request) -> str:
    """The service's address as the caller wrote it, with a slash at its end."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        settings = request.app.state.service.settings
        host = f"{settings.host}:{settings.port}"
    root = str(request.scope.get("root_path", "")).strip("/")
    return f"{request.url.scheme}://{host}/{root}/" if root else f"{request.url.scheme}://{host}/"


def _curl(base: str, service: Service) -> str:
    """The example as a command: works as pasted, but for the key."""
    key = " -H 'Authorization: Bearer KEY'" if service.doorkeeper.needs_key else ""
    body = shlex.quote(json.dumps(EXAMPLE, indent=2))
    return f"curl -s {base}score -H 'Content-Type: application/json'{key} -d {body}"
