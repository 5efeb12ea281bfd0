"""Where pictures are decoded: in processes that are killed when one takes too much time or memory.

Decoders read hostile bytes in C, headers included: only what was decoded whole there is decoded
again by the models that look at it.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from harmo.app import images
from harmo.app.images import ImageFault, UnreadableImageError, content_of, look
from harmo.app.metrics.scorers import ScorerMetrics
from harmo.app.settings import Settings
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.jobs import WALL_PER_CPU, Timed, WorkerFailedError
from harmo.app.workers.pool import WorkerPool
from harmo.models.base import Load
from harmo.scorers.types import Image, Reason
from harmo_client import wire

WORKERS = 2
BASE_BYTES = 512 << 20
"""Address space of a worker before it holds a picture."""
BYTES_PER_PIXEL = 32
"""Decoded, with what decoders hold besides: coefficients, a second plane, a palette."""
_FAULTS = {
    Reason.DEADLINE: (ImageFault.TOO_SLOW, "takes too much time to decode"),
    Reason.OUT_OF_MEMORY: (ImageFault.OUT_OF_MEMORY, "takes too much memory to decode"),
    Reason.WORKER_CRASHED: (ImageFault.CRASH, "breaks its decoder"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The pictures of a group, or why it cannot be scored and what was wrong with which."""

    images: tuple[Image, ...] = ()
    fault: Reason | None = None
    detail: str = ""


NO_PICTURES = Pictures()


class Decoders:
    """Worker processes that look at pictures; started when the first one comes."""

    def __init__(self, settings: Settings, metrics: ScorerMetrics | None = None) -> None:
        self._metrics = metrics or ScorerMetrics()
        self._timed = Timed(waited=lambda _: None, ran=self._metrics.decoded)
        self._max_bytes = settings.max_image_bytes
        self._max_pixels = settings.max_image_pixels
        self._limit_s = settings.image_timeout_s
        # A picture travels as a job that is read, unpickled and handed on.
        memory = BASE_BYTES + BYTES_PER_PIXEL * self._max_pixels + 4 * self._max_bytes
        self._forks = ForkServer([images.__name__])
        self._workers = WorkerPool(WORKERS, memory, self._forks)

    def load(self) -> Load:
        """How long a picture that comes now would wait to be looked at, and why none is."""
        return self._workers.load()

    async def read(
        self, asked: Sequence[wire.Image], *, deadline_s: float, owner: Hashable
    ) -> Pictures:
        """The pictures of one group, every one decoded and checked; their encoded bytes travel on.

        Args:
            asked: As they came.
            deadline_s: `time.monotonic()` instant after which nobody waits.
            owner: Whose they are; owners take turns.
        """
        images: list[Image] = []
        for number, each in enumerate(asked):
            if time.monotonic() >= deadline_s:
                return Pictures(fault=Reason.DEADLINE)
            try:
                content = content_of(each.data, self._max_bytes)
                arguments = (self._limit_s, content, each.media_type, self._max_pixels)
                media_type, width, height = await self._checked(arguments, deadline_s, owner)
            except UnreadableImageError as error:
                self._metrics.rejected(error.fault)
                detail = f"image {number}: {error}"
                return Pictures(fault=Reason.UNREADABLE_IMAGE, detail=detail)
            except WorkerFailedError as failure:
                return Pictures(fault=failure.reason)
            images.append(Image(content=content, media_type=media_type, width=width, height=height))
        return Pictures(images=tuple(images))

    async def _checked(
        self, arguments: tuple[object, ...], deadline_s: float, owner: Hashable
    ) -> tuple[str, int, int]:
        """Type and size of a picture; a second try where the first may have failed through us."""
        wall_s = self._limit_s * WALL_PER_CPU
        last = False
        while True:
            try:
                seen = await self._workers.run(
                    look, arguments, wall_s, deadline_s, owner=owner, timed=self._timed
                )
            except WorkerFailedError as failure:
                if failure.completions and (failure.certain or last):
                    raise UnreadableImageError(*_FAULTS[failure.reason]) from None
                if failure.certain or last:
                    raise
                last = True
                continue
            if len(seen) == 2:
                fault, words = seen
                raise UnreadableImageError(ImageFault(fault), words)
            return seen

    async def close(self) -> None:
        """Kill the workers."""
        await self._workers.close()
        self._forks.close()
