"""What the process is, whether it takes requests, and how near its limits it is."""

from __future__ import annotations

import sys
import time

import pytest

from harmo.app.life import Life, Phase
from harmo.app.settings import Settings
from harmo.app.startup import build
from tests.app.metrics.scraped import Scraped, scraped
from tests.app.serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_gauge_that_has_a_limit_stands_beside_it(serving: Serving) -> None:
    """What is in flight while one is held: counted, with the bound that sheds."""
    admission = serving.app.state.service.admission
    with (
        admission.completions.hold("", 3),
        admission.bytes.hold("", 5000),
        admission.waiting_members.hold("", 2),
    ):
        during = await scraped(serving.http)
    after = await scraped(serving.http)
    for name, held, limit in (
        ("harmo_completions_in_flight", 3, 1000),
        ("harmo_bytes_in_flight", 5000, Settings().max_in_flight_bytes),
        ("harmo_waiting_members", 2, 500),
    ):
        assert during.value(name) == held, name
        assert during.value(f"{name}_limit") == limit, name
        assert after.value(name) == 0, name


async def test_a_service_that_scores_is_ready_and_one_that_ends_is_draining(
    serving: Serving,
) -> None:
    scraping = await scraped(serving.http)
    assert scraping.value("harmo_ready") == 1.0
    assert scraping.value("harmo_draining") == 0.0


@pytest.mark.parametrize(
    ("phase", "ready", "draining"),
    [
        (Phase.STARTING, 0.0, 0.0),
        (Phase.READY, 1.0, 0.0),
        (Phase.FAILED, 0.0, 0.0),
        (Phase.LEAVING, 0.0, 1.0),
        (Phase.DRAINING, 0.0, 1.0),
    ],
)
async def test_draining_begins_with_the_first_signal(
    phase: Phase, ready: float, draining: float
) -> None:
    service = build(Settings(workers=1))
    service.life._phase = phase
    scraping = Scraped(service.metrics.expose().decode())
    assert scraping.value("harmo_draining") == draining
    assert Life(1.0).leaving is False
    assert float(service.life.ready) == ready
    await service.isolation.close()


async def test_the_build_says_what_is_loaded(serving: Serving) -> None:
    (labels,) = (await scraped(serving.http)).labels("harmo_build_info")
    sha = serving.app.state.service.catalogue.config_sha
    assert labels["config_sha"] == sha
    assert len(sha) == 12
    assert labels["version"]


@pytest.mark.skipif(sys.platform != "linux", reason="only there is a /proc to read it from")
async def test_the_process_says_since_when_it_is_and_what_it_takes(serving: Serving) -> None:
    scraping = await scraped(serving.http)
    began_s = scraping.value("process_start_time_seconds")
    assert began_s is not None
    assert 0.0 < time.time() - began_s < 86_400.0
    for name in ("resident_memory_bytes", "cpu_seconds_total", "open_fds", "max_fds"):
        assert (scraping.value(f"process_{name}") or 0.0) > 0.0, name
