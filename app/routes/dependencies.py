"""What every route needs: the service, and the key of whoever asks.

Dependencies are coroutines: FastAPI sends plain functions to a thread for every request.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from harmo.app.health import Health
from harmo.app.keys import ApiKey
from harmo.app.service import Service


async def service_of(request: Request) -> Service:
    """The service behind this application."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]


async def health_of(request: Request) -> Health:
    """What is known of the service's health."""
    health: Health = request.app.state.health
    return health


HealthDep = Annotated[Health, Depends(health_of)]


_DOCUMENTED = HTTPBearer(auto_error=False, description="Where the service has API keys.")


async def identify(
    request: Request, service: ServiceDep, documented: Annotated[object, Security(_DOCUMENTED)]
) -> ApiKey | None:
    """The key a request came with; 401 where one is needed and missing or wrong."""
    del service, documented
    return key_of(request)


def key_of(request: Request) -> ApiKey | None:
    """The key a request came with, for routes that must be quick: FastAPI takes its time.

    Args:
        request: For its headers, and its URL where a trainer's client sends none.

    Raises:
        ServiceError: 401 where a key is needed and missing or wrong.
    """
    service: Service = request.app.state.service
    return service.doorkeeper.identify(_authorization(request))


def _authorization(request: Request) -> str | None:
    """The header; where a trainer's client sends none, the key in the URL it was given."""
    header = request.headers.get("authorization")
    token = request.query_params.get("token")
    if header is None and token is not None and _path(request) in TRAINERS:
        return f"Bearer {token}"
    return header


def _path(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    path: str = request.scope["path"].removeprefix(root)
    if path.startswith(ROLLOUT):
        path = "/" + path.removeprefix(ROLLOUT).partition("/")[2]
    return path


KeyDep = Annotated[ApiKey | None, Depends(identify)]

TRAINERS = frozenset(
    {
        "/get_reward",
        "/slime",
        "/v1/score/evaluation",
        "/v1/rewards",
        "/verify",
        "/seed_session",
        "/aggregate_metrics",
        "/reverify_mode",
    }
)
"""Routes in trainers' own formats: most of their clients take a URL and send no headers."""
ROLLOUT = "/ng-rollout/"
"""What NeMo-Gym puts before a path, with an id, to tell rollouts apart."""
PROBES = frozenset({"/livez", "/readyz"})
"""Routes that never need a key."""
DOCS = frozenset({"/", "/docs", "/openapi.json"})
"""Routes that need none where `public_docs` is on."""
METRICS = frozenset({"/metrics"})
"""Routes that need none where `public_metrics` is on."""


async def require_key(request: Request) -> None:
    """Refuse with 401, before a body is read, what comes without a key to a route not listed.

    Every route of the application has this; one that is to be open is in a list above.
    """
    service: Service = request.app.state.service
    settings = service.settings
    public = PROBES
    public |= DOCS if settings.public_docs else frozenset()
    public |= METRICS if settings.public_metrics else frozenset()
    if _path(request) not in public:
        key_of(request)
