"""The application: `create_app(settings)`. Nothing happens at import."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.hosting import Hosting
from harmo.app.metrics import Metrics
from harmo.app.openapi import schema_of
from harmo.app.routes import catalogue, health, pages, score
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
    app = FastAPI(
        title="Harmo",
        version=version("harmo"),
        description="Rewards for RL post-training: models, rules, aspects and lengths.",
        lifespan=_lifespan,
        docs_url=None,  # pages of our own: FastAPI's load their script from elsewhere
        redoc_url=None,
    )
    app.state.service = service
    for module in (score, catalogue, health, pages):
        app.include_router(module.router)
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(CountRequests, metrics=service.metrics)
    app.openapi = lambda: schema_of(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load behind an open port, so that probes see `starting`, not a refused connection."""
    service: Service = app.state.service
    loading = asyncio.create_task(start(service))
    loading.add_done_callback(partial(_note_failure, service))
    try:
        yield
    finally:
        service.life.drain()
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await service.close()


def _note_failure(service: Service, loading: asyncio.Task[None]) -> None:
    """Say why it will never be ready, and let the server stop."""
    if loading.cancelled() or (error := loading.exception()) is None:
        return
    why = str(error) or type(error).__name__
    log.error("start_up_failed %s: %s", type(error).__name__, why)
    service.life.fail(why)


class CountRequests:
    """Counts and times every request by its route, never by its raw path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and look at the status of what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = time.perf_counter() - started
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(seconds)


async def _service_error(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for this class only
    return Response(
        error.body(), error.status, headers=error.headers, media_type="application/json"
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    invalid = ServiceError(ErrorType.INVALID, f"{field}: {first['msg']}", field=field)
    return await _service_error(request, invalid)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    kind = ErrorType.METHOD_NOT_ALLOWED if error.status_code == 405 else ErrorType.NOT_FOUND
    message = f"{request.method} {request.url.path[:200]}: {error.detail}; see /docs"
    return await _service_error(request, ServiceError(kind, message, headers=error.headers))


async def _bug(request: Request, error: Exception) -> Response:
    bug_id = uuid.uuid4().hex[:12]
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    # Frames only: the message may quote what a policy wrote.
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    log.error("bug id=%s %s at %s", bug_id, type(error).__name__, places)
    message = f"a bug of ours; look for id {bug_id} in the service's log"
    return await _service_error(request, ServiceError(ErrorType.INTERNAL, message))
