"""Memory of CUDA devices, where there are any."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from harmo.app.metrics import Metrics
from harmo.app.metrics.gpu import GpuMemory, loaded_cuda
from tests.app.metrics.scraped import Scraped


@dataclass
class FakeCuda:
    """Three devices, of which the second holds more and the last nothing."""

    available: bool = True
    initialized: bool = True

    def is_available(self) -> bool:
        return self.available

    def is_initialized(self) -> bool:
        return self.initialized

    def device_count(self) -> int:
        return 3

    def memory_allocated(self, device: int) -> int:
        return 100 + device

    def memory_reserved(self, device: int) -> int:
        return 200 + device if device < 2 else 0

    def get_device_properties(self, device: int) -> SimpleNamespace:
        return SimpleNamespace(total_memory=1000 + device)


def scrape(metrics: Metrics) -> Scraped:
    return Scraped(metrics.expose().decode())


def test_every_device_in_use_says_what_is_held_and_what_there_is() -> None:
    metrics = Metrics("0")
    metrics.gpus.cuda = FakeCuda
    scraping = scrape(metrics)
    for device in (0, 1):
        for what, least in (("allocated", 100), ("reserved", 200), ("total", 1000)):
            value = scraping.value(f"harmo_gpu_memory_{what}_bytes", device=f"cuda:{device}")
            assert value == least + device
    assert scraping.value("harmo_gpu_memory_total_bytes", device="cuda:2") is None, "not used"


@pytest.mark.parametrize(
    ("torch", "why"),
    [
        (None, "a service with rules alone has not loaded it, and a scrape must not"),
        (SimpleNamespace(cuda=FakeCuda(available=False)), "a CPU has none"),
        (SimpleNamespace(cuda=FakeCuda(initialized=False)), "asking would take device memory"),
    ],
)
def test_without_cuda_in_use_there_is_no_series(
    torch: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert loaded_cuda() is None, why
    metrics = Metrics("0")
    assert metrics.gpus.cuda is loaded_cuda
    assert scrape(metrics).labels("harmo_gpu_memory_total_bytes") == []


def test_a_device_that_cannot_be_asked_costs_its_own_series() -> None:
    class Lost(FakeCuda):
        def memory_allocated(self, device: int) -> int:
            raise RuntimeError("device lost")

    metrics = Metrics("0")
    metrics.gpus.cuda = Lost
    scraping = scrape(metrics)
    assert scraping.labels("harmo_gpu_memory_total_bytes") == []
    assert scraping.value("harmo_idempotent_replays_total") == 0.0


def test_the_names_are_registered_once() -> None:
    metrics = Metrics("0")
    with pytest.raises(ValueError, match="Duplicated"):
        GpuMemory(metrics.registry)
