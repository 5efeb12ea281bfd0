"""What every route needs: the service, and the key of whoever asks.

Coroutines, because FastAPI sends plain functions to a thread for every request.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from harmo.app.keys import ApiKey
from harmo.app.service import Service


async def service_of(request: Request) -> Service:
    """The service behind this application."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]


_DOCUMENTED = HTTPBearer(auto_error=False, description="Where the service has API keys.")


async def identify(
    request: Request, service: ServiceDep, documented: Annotated[object, Security(_DOCUMENTED)]
) -> ApiKey | None:
    """The key a request came with; 401 where one is needed and missing or wrong."""
    del documented
    return service.doorkeeper.identify(request.headers.get("authorization"))


KeyDep = Annotated[ApiKey | None, Depends(identify)]
