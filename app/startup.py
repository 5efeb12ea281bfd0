"""Start-up: load models and recipes off the event loop, score a warm-up group, be ready."""

from __future__ import annotations

import logging
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

from harmo.app.admission.gate import Admission
from harmo.app.assembly import Assembly, Room
from harmo.app.catalogue import Catalogue, is_of_a_model, read
from harmo.app.engine import Engine, Program
from harmo.app.health import CANARY
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.app.keeping.keeper import Keeper
from harmo.app.keys import ApiKey, Doorkeeper
from harmo.app.life import Life
from harmo.app.loading import host
from harmo.app.metrics import Metrics
from harmo.app.observe import Observer
from harmo.app.receiving import Receiving
from harmo.app.service import Loaded, Service
from harmo.app.settings import Settings
from harmo.app.signals import Signals
from harmo.models.documents import read_text
from harmo.scorers import registry
from harmo.scorers.confidence import calibration
from harmo.scorers.types import Cause

log = logging.getLogger("harmo.startup")

WARM_UP_S = 300.0


def build(settings: Settings, hosting: Hosting | None = None) -> Service:
    """A service that has loaded nothing yet.

    Args:
        settings: How it runs.
        hosting: Models that are already loaded, besides those the settings name.
    """
    registry.load()
    for plugin in registry.broken():
        log.warning("%s", plugin)
    # A table that cannot be read is said now, and not by every rule that looks into it.
    calibration.rows()
    metrics = Metrics(version("harmo"))
    signals = Signals(metrics.runs)
    metrics.registry.register(signals)
    isolation = Isolation(
        workers=settings.workers,
        memory_bytes=settings.worker_memory_bytes,
        remembered_bytes=settings.max_remembered_bytes,
        metrics=metrics.scorers,
    )
    hosting, keys = hosting or Hosting(), _keys(settings)
    admission = Admission(settings, isolation, hosting, callers=len(keys))
    life = Life(settings.drain_timeout_s)
    _read(metrics, admission, life)
    metrics.models.loads = hosting.loads
    room = Room(members=admission.waiting_members, bytes=admission.waiting_bytes)
    return Service(
        settings=settings,
        life=life,
        metrics=metrics,
        isolation=isolation,
        engine=Engine(isolation),
        hosting=hosting,
        receiving=Receiving(settings, hosting, metrics.scorers),
        doorkeeper=Doorkeeper(keys),
        admission=admission,
        observer=Observer(metrics, signals),
        assembly=Assembly(room),
        keeper=None if settings.audit is None else Keeper(settings, metrics.audit),
    )


def _read(metrics: Metrics, admission: Admission, life: Life) -> None:
    """Have a scrape read what is in flight beside its limit."""
    server = metrics.server
    for taken, limit, permits in (
        (server.completions, server.completions_limit, admission.completions),
        (server.bytes, server.bytes_limit, admission.bytes),
        (server.waiting_members, server.waiting_members_limit, admission.waiting_members),
    ):
        taken.read = partial(getattr, permits, "taken")
        limit.read = partial(getattr, permits, "limit")
    server.draining.read = lambda: float(life.leaving)


def _keys(settings: Settings) -> list[ApiKey]:
    lines = list(settings.api_keys)
    if settings.api_keys_file is not None:
        lines += _written(settings.api_keys_file)
    return [ApiKey.parse(line) for line in lines]


def _written(path: Path) -> list[str]:
    lines = [line.strip() for line in read_text(path).splitlines()]
    kept = [line for line in lines if line and not line.startswith("#")]
    # A secret that was mounted empty would leave every route open.
    if not kept:
        raise ValueError(f"{path}: no key in it; write one a line")
    return kept


async def start(service: Service) -> None:
    """Load everything and score a warm-up group; raises what stands in the way."""
    started = time.perf_counter()
    if service.keeper is not None:
        await service.keeper.start()
    wants_encoder = _wants_encoder(service.settings.recipes)
    await host(service.settings, service.hosting, service.metrics, wants_encoder=wants_encoder)
    catalogue = Catalogue.load(service.settings.recipes, service.hosting)
    service.doorkeeper.require_known(catalogue.plans)
    await service.isolation.warm_up()
    programs = {name: service.engine.program(plan) for name, plan in catalogue.plans.items()}
    for program in programs.values():
        await _warm_up(service, program)
    service.metrics.models.hosted(service.hosting.cards())
    service.metrics.server.config_sha = catalogue.config_sha
    service.begin(Loaded(catalogue=catalogue, programs=programs))
    names = ",".join(catalogue.plans)
    log.info("ready recipes=%s seconds=%.1f", names, time.perf_counter() - started)


def _wants_encoder(sources: tuple[str, ...]) -> bool:
    """True if a term reads the embedded encoder: it calls one, and names none of its own."""
    recipes = [read(source) for source in sources if not is_of_a_model(source)]
    terms = [t for r in recipes for t in (*r.model, *r.rule, *r.aspect, *r.length, *r.shadow)]
    return any(
        registry.get(term.scorer).resource == "encoder" and "encoder" not in term.params
        for term in terms
    )


async def _warm_up(service: Service, program: Program) -> None:
    """Score one group through every column, so that nothing is cold when `/readyz` says so."""
    lease = service.hosting.lease(time.monotonic() + WARM_UP_S)
    scored = await service.engine.score(program, CANARY, [None] * len(CANARY.samples), lease)
    for row in scored.scores:
        for column, score in zip(program.plan.columns, row, strict=True):
            if score.reason is not None and score.reason.cause is Cause.SERVICE:
                log.warning(
                    "warm_up recipe=%s column=%s reason=%s detail=%s",
                    program.plan.recipe.name,
                    column.name,
                    score.reason,
                    dict(score.detail),
                )
