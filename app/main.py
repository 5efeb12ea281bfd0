"""The application: `create_app(settings)`. Nothing happens at import."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harmo.app import logs
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.health import Health
from harmo.app.hosting import Hosting
from harmo.app.keys import RefusedError
from harmo.app.lag import watched
from harmo.app.life import Life
from harmo.app.metrics import Metrics
from harmo.app.metrics.http import CLIENT_CLOSED, UNMATCHED, HttpMetrics
from harmo.app.openapi import schema_of
from harmo.app.routes import (
    catalogue,
    llamafactory,
    nemo_gym,
    openrlhf,
    pages,
    probes,
    rewards,
    score,
    slime,
)
from harmo.app.routes.dependencies import require_key
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.startup import build, start

log = logging.getLogger("harmo.main")


def create_app(settings: Settings | None = None, hosting: Hosting | None = None) -> FastAPI:
    """The service as an ASGI application; loading begins with its lifespan.

    Args:
        settings: How it runs; default: environment and defaults.
        hosting: Models that are already loaded, besides those the settings name.
    """
    service = build(settings or Settings(), hosting or Hosting())
    health = Health(service)
    app = FastAPI(
        title="Harmo",
        version=version("harmo"),
        description="Rewards for RL post-training: models, rules, aspects and lengths.",
        lifespan=_lifespan,
        dependencies=[Depends(require_key)],
        openapi_url=None,  # a route of our own, which may need a key
        redirect_slashes=False,  # it would send clients where the Host header says
        docs_url=None,  # pages of our own: FastAPI's load their script from elsewhere
        redoc_url=None,
    )
    app.state.service, app.state.health = service, health
    service.metrics.server.ready.read = lambda: float(service.life.ready and not health.faults())
    for module in (
        score,
        openrlhf,
        slime,
        llamafactory,
        nemo_gym,
        rewards,
        catalogue,
        probes,
        pages,
    ):
        app.include_router(module.router)
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(CountRequests, life=service.life, metrics=service.metrics.http)
    app.openapi = lambda: schema_of(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load behind an open port, so that probes see `starting`, not a refused connection."""
    service, health = app.state.service, app.state.health
    metrics: Metrics = service.metrics
    asyncio.get_running_loop().set_exception_handler(logs.of_loop)
    loading, watching = asyncio.create_task(start(service)), asyncio.create_task(health.watch())
    for task in (loading, watching):
        task.add_done_callback(partial(_note_failure, service))
    try:
        server = metrics.server
        with watched(
            server.loop_lag.observe, lambda held: server.loop_stalls.labels(held.scorer).inc()
        ):
            yield
    finally:
        service.life.drain()
        for task in (loading, watching):
            task.cancel()
        await asyncio.gather(loading, watching, return_exceptions=True)
        await service.close()


def _note_failure(service: Service, task: asyncio.Task[None]) -> None:
    """Say why it will never be ready, or ready again, and let the server stop."""
    if task.cancelled() or (error := task.exception()) is None:
        return
    why = str(error) or type(error).__name__
    log.error("failed %s: %s", type(error).__name__, why)
    service.life.fail(why)


class CountRequests:
    """Counts and times every request by its route, and answers 500 where one meets a bug of ours.

    Innermost of what could see a bug: further out it would be logged with its words, which may
    quote what a policy wrote.
    """

    def __init__(self, app: ASGIApp, life: Life, metrics: HttpMetrics) -> None:
        self._app = app
        self._life = life
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and look at the status of what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, body_bytes = time.perf_counter(), CLIENT_CLOSED, 0

        async def read() -> Message:
            nonlocal body_bytes
            message = await receive()
            body_bytes += len(message.get("body", b""))
            return message

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with self._life.arrival():
                await self._app(scope, read, watch)
        except ClientDisconnect:
            status = CLIENT_CLOSED
        except Exception as error:  # noqa: BLE001 - a bug is answered and named by its place
            if status == CLIENT_CLOSED:
                await _bug(error)(scope, receive, watch)
            else:
                # Not `exception`, which would write the words.
                log.error("bug after status=%d %s at %s", status, *_named(error))  # noqa: TRY400
        finally:
            self._metrics.answered(
                getattr(scope.get("route"), "path", UNMATCHED),
                scope["method"],
                status,
                seconds=time.perf_counter() - started,
                body_bytes=body_bytes,
            )


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for this class only
    if isinstance(error, RefusedError):
        request.app.state.service.metrics.http.refused(error.fault)
    return Response(
        error.body(), error.status, headers=error.headers, media_type="application/json"
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    unknown = first["type"] == "extra_forbidden"
    why = "no such option of this route; see /docs" if unknown else first["msg"]
    invalid = ServiceError(ErrorType.INVALID, f"{field}: {why}", field=field)
    return await _service_error(request, invalid)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    kind = ErrorType.METHOD_NOT_ALLOWED if error.status_code == 405 else ErrorType.NOT_FOUND
    message = f"{request.method[:20]} {request.scope['path'][:200]}: {error.detail}; see /docs"
    return await _service_error(request, ServiceError(kind, message, headers=error.headers))


def _bug(error: Exception) -> Response:
    bug_id = uuid.uuid4().hex[:12]
    log.error("bug id=%s %s at %s", bug_id, *_named(error))
    message = f"a bug of ours; look for id {bug_id} in the service's log"
    internal = ServiceError(ErrorType.INTERNAL, message)
    return Response(internal.body(), internal.status, media_type="application/json")


def _named(error: Exception) -> tuple[str, str]:
    """Type and places only: the message may quote what a policy wrote."""
    return type(error).__name__, logs.places(error)
