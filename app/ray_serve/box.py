"""A Ray of its own on this machine: on loopback, behind a token, gone when it ends."""

# ruff: noqa: PLC0415 - Ray reads its environment as it is imported

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING

from harmo.app.ray_serve.options import Options

if TYPE_CHECKING:
    from ray.serve.schema import ServeStatus

log = logging.getLogger("harmo.ray_serve")

LOOPBACK = "127.0.0.1"
OBJECTS_BYTES = 256 << 20
"""Shared memory for what is too large for a message: texts and images on their way to a model."""
_TOKENS = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


class NotDeployedError(RuntimeError):
    """A gateway or a model does not come up; says why."""


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What Ray must find in the environment before it is imported.

    Args:
        given: The environment; a token that is set there stays.
    """
    wanted = {
        "RAY_AUTH_MODE": "token",
        # The name is Ray's: "no cluster" makes every process but Serve's replicas keep to loopback.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_SERVE_SESSION_ID_HEADER_KEY": "x-harmo-group",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    if not any(given.get(name) for name in _TOKENS):
        wanted["RAY_AUTH_TOKEN"] = secrets.token_urlsafe(32)
    return wanted


def run(options: Options, *, port: int, num_cpus: float | None, folder: str | None) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is in flight and end.

    Args:
        options: What is deployed.
        port: Where the gateways are reached, on loopback.
        num_cpus: What replicas may ask for in all; None for the machine's cores.
        folder: For Ray's logs and sockets; None for Ray's own, below /tmp/ray.
    """
    os.environ.update(environment(os.environ))
    try:
        import ray
        from ray import serve
        from ray.serve.config import HTTPOptions
    except ImportError:
        raise NotDeployedError("Ray is not installed: pip install 'harmo[ray]'") from None

    from harmo.app.ray_serve.application import NAME, app

    ray.init(
        address="local",
        num_cpus=num_cpus,
        include_dashboard=False,
        object_store_memory=OBJECTS_BYTES,
        log_to_driver=False,
        _temp_dir=folder,
    )
    try:
        serve.start(http_options=HTTPOptions(host=LOOPBACK, port=port))
        try:
            gateways = serve.run(app(options.model_dump()), name=NAME, route_prefix="/")
        except RuntimeError:
            raise NotDeployedError(_why_not(serve.status())) from None
        # Before, a signal ends at once: nobody was told to send anything.
        over = _told_to_end()
        log.info("ready url=http://%s:%d gateways=%d", LOOPBACK, port, options.gateway.replicas)
        over.wait()
        log.info("leaving")
        # Serve's own end cuts the connections first.
        gateways.broadcast("end").results(return_exceptions=True)
        serve.shutdown()
    finally:
        ray.shutdown()
        log.info("ended")


def _why_not(status: ServeStatus) -> str:
    """The last line of what kept each deployment from coming up: Ray puts its traceback before."""
    said = [
        f"{name}: {each.message.strip().splitlines()[-1]}"
        for application in status.applications.values()
        for name, each in application.deployments.items()
        if each.message.strip()
    ]
    return "; ".join(said) or "no deployment says why; see Ray's logs"


def _told_to_end() -> threading.Event:
    """Set by the first SIGTERM or SIGINT; the second ends what is waited for."""
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        if over.is_set():
            raise SystemExit(128 + number)
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return over
