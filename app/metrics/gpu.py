"""Memory of the CUDA devices, asked at a scrape in its thread; without CUDA there is no series."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Protocol, cast

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from harmo.app.metrics.exposition import Registry


class Device(Protocol):
    """What is asked of a device's properties."""

    @property
    def total_memory(self) -> int: ...


class Cuda(Protocol):
    """What of `torch.cuda` is asked."""

    def is_available(self) -> bool: ...

    def is_initialized(self) -> bool: ...

    def device_count(self) -> int: ...

    def memory_allocated(self, device: int) -> int: ...

    def memory_reserved(self, device: int) -> int: ...

    def get_device_properties(self, device: int) -> Device: ...


def loaded_cuda() -> Cuda | None:
    """torch's, where something has loaded and used it: a service with rules alone never does."""
    torch = sys.modules.get("torch")
    cuda = None if torch is None else cast("Cuda", torch.cuda)
    return cuda if cuda is not None and cuda.is_available() and cuda.is_initialized() else None


class GpuMemory(Collector):
    """Three gauges by device."""

    def __init__(self, registry: Registry) -> None:
        self.cuda = loaded_cuda
        registry.register(self)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The gauges without values."""
        for what, documentation in (
            ("allocated", "Held by tensors of this process"),
            ("reserved", "Held by this process's allocator"),
            ("total", "Of the device"),
        ):
            name = f"harmo_gpu_memory_{what}_bytes"
            yield GaugeMetricFamily(name, documentation, labels=["device"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges of every device that this process uses."""
        allocated, reserved, total = self.describe()
        cuda = self.cuda()
        if cuda is not None:
            for device in range(cuda.device_count()):
                # `mem_get_info` would take memory of a device that nothing here uses.
                held, of = cuda.memory_reserved(device), [f"cuda:{device}"]
                if held:
                    allocated.add_metric(of, cuda.memory_allocated(device))
                    reserved.add_metric(of, held)
                    total.add_metric(of, cuda.get_device_properties(device).total_memory)
        yield from (allocated, reserved, total)
