"""One gateway: the plain service's application in an actor, its models in other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fastapi import FastAPI
from ray import serve
from ray.serve.handle import DeploymentHandle

from harmo.app import logs
from harmo.app.hosting import Hosting
from harmo.app.main import create_app
from harmo.app.ray_serve.exposition import exposed, merged, replica
from harmo.app.ray_serve.remote import RemoteModel
from harmo.app.ray_serve.replica import ModelReplica
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.workers.confinement import hide_from_workers

LOOK_S = 0.05
"""Between two looks whether it is ready, or through."""
PASSED_ON_S = 0.3
"""For the proxy to pass on the last answers."""


class Gateway:
    """Everything but the models; Serve's proxy stands where the plain service has its own front."""

    async def __init__(  # type: ignore[misc]  # Serve awaits it
        self,
        settings: Mapping[str, object],
        models: Mapping[str, DeploymentHandle[ModelReplica]],
    ) -> None:
        # What HARMO_MODELS names is for the plain service: here it would be in every gateway.
        checked = Settings(**{**settings, "models": ()})  # type: ignore[arg-type]  # by pydantic
        logs.configure(checked.log_level)
        hide_from_workers()
        self._handles = tuple(models.values())
        self._models = {name: await RemoteModel.reach(handle) for name, handle in models.items()}
        self._gateway_app = create_app(checked, Hosting(models=dict(self._models)))
        self._service().metrics.exposed = self._exposed_by_all

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Called by Serve once, before the lifespan begins."""
        return self._gateway_app

    def _service(self) -> Service:
        service: Service = self._gateway_app.state.service
        return service

    async def exposed(self) -> tuple[str, bytes]:
        """Which replica this is, and what it counts."""
        return replica(), await self._service().metrics.scrape()

    async def _exposed_by_all(self) -> bytes:
        """What every replica of the application counts."""
        context = serve.get_replica_context()
        siblings = serve.get_deployment_handle(context.deployment, context.app_name)
        told = await asyncio.gather(*map(exposed, (siblings, *self._handles)))
        # This one answers even where a sibling hangs.
        everything = dict([await self.exposed()])
        for each in told:
            everything |= each
        return await asyncio.to_thread(merged, everything)

    async def check_health(self) -> None:
        """Return once it scores; raise where another gateway in its place could do better."""
        life = self._service().life
        while not (life.began or life.failure):  # noqa: ASYNC110 - the first look alone
            await asyncio.sleep(LOOK_S)
        if life.failure:
            raise RuntimeError(life.failure)
        for name, model in self._models.items():
            if model.replaced_by:
                raise RuntimeError(f"model {name} is now version {model.replaced_by}")

    async def end(self) -> None:
        """Do as the plain service does on SIGTERM, and return once nothing is in flight."""
        service = self._service()
        service.life.leave()
        await asyncio.sleep(service.settings.drain_wait_s)
        service.life.drain()
        while service.admission.bytes.taken:  # noqa: ASYNC110 - the drain has its own timeout
            await asyncio.sleep(LOOK_S)
        await asyncio.sleep(PASSED_ON_S)
