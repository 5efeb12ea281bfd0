"""A scrape: what cannot be read is missing, and the rest is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from prometheus_client import Counter
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from harmo.app.metrics import Metrics
from harmo.app.metrics.exposition import Reading, Registry
from tests.app.metrics.scraped import Scraped


class Broken(Collector):
    """Raises once it is half way through."""

    def collect(self) -> Iterator[Metric]:
        yield Metric("half", "There before it breaks", "gauge")
        raise RuntimeError("MARKER of the policy")


async def test_what_cannot_be_read_costs_its_own_series_and_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry = Registry()
    Reading("on_loop", "Raises", registry=registry).read = lambda: 1 / 0
    Reading("in_thread", "Raises", registry=registry, in_thread=True).read = lambda: 1 / 0
    registry.register(Broken())
    Counter("good", "Counts", registry=registry).inc()
    for scrape in (1, 2):
        scraping = Scraped((await registry.scrape()).decode())
        assert scraping.value("good_total") == 1.0
        assert scraping.value("on_loop") is None
        assert scraping.value("in_thread") is None
        assert "half" not in scraping.text, "none of it, rather than a part"
        # The counter is the first that is written: it says what earlier scrapes met.
        faults = scraping.value("harmo_scrape_faults_total", metric="Broken")
        assert faults == (None if scrape == 1 else 1.0)
        assert scraping.value("harmo_scrape_faults_total", metric="on_loop") == scrape
    faults = [record for record in caplog.records if "scrape_fault" in record.message]
    assert len(faults) == 3, "each is logged once"
    assert "MARKER" not in caplog.text


async def test_a_gauge_that_failed_once_comes_back() -> None:
    registry, values = Registry(), iter([RuntimeError, 2.0])

    def read() -> float:
        value = next(values)
        if isinstance(value, float):
            return value
        raise value

    Reading("gauge", "Sometimes", registry=registry).read = read
    assert Scraped((await registry.scrape()).decode()).value("gauge") is None
    assert Scraped((await registry.scrape()).decode()).value("gauge") == 2.0


async def test_state_of_the_loop_is_read_on_the_loop_and_the_rest_beside_it() -> None:
    registry, read_in = Registry(), dict[str, int]()

    def noting(name: str) -> float:
        read_in[name] = threading.get_ident()
        return 0.0

    Reading("on_loop", "", registry=registry).read = lambda: noting("on_loop")
    aside = Reading("aside", "", registry=registry, in_thread=True)
    aside.read = lambda: noting("aside")
    await registry.scrape()
    assert read_in["on_loop"] == threading.get_ident() != read_in["aside"]


def test_a_gauge_is_never_missing_from_one_scrape_while_another_reads_it() -> None:
    """Two that watch one service: between them nothing may look as if it were down."""
    registry = Registry()
    gauge = Reading("gauge", "", registry=registry)
    gauge.read = lambda: 1.0
    gauge.refresh()
    meanwhile: list[float] = []

    def read() -> float:
        meanwhile.extend(sample.value for family in gauge.collect() for sample in family.samples)
        return 2.0

    gauge.read = read
    gauge.refresh()
    assert meanwhile == [1.0]


async def test_a_scrape_holds_the_loop_up_for_nothing_but_its_readings() -> None:
    """While the text is written, which takes as long as the test says, the loop goes on."""
    registry, written, turned = Registry(), threading.Event(), asyncio.Event()
    slow = Reading("slow", "", registry=registry, in_thread=True)
    slow.read = lambda: float(written.wait(30))
    scraping = asyncio.create_task(registry.scrape())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(turned.set)
    await turned.wait()
    assert not scraping.done()
    written.set()
    assert b"slow 1.0" in await scraping


def test_counters_carry_no_created_series() -> None:
    """They would double the series of every counter and histogram, and nobody reads them."""
    metrics = Metrics("0")
    metrics.http.answered("/score", "POST", 200, seconds=0.1, body_bytes=10)
    assert "_created" not in metrics.expose().decode()
