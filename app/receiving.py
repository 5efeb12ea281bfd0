"""From wire groups to what scorers see: pictures in their own processes, tokens in own threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from harmo.app.decoders import NO_PICTURES, Decoders, Pictures
from harmo.app.fair import TURN_S
from harmo.app.hosting import Hosting, TokenCounter
from harmo.app.metrics.scorers import ScorerMetrics
from harmo.app.samples import Received, receive, require_images
from harmo.app.settings import Settings
from harmo.app.together import together
from harmo.models.base import Load
from harmo.scorers.types import Reason
from harmo_client import wire

COUNTING_THREADS = 2
MANY_TURNS = 1000
"""A group with more turns and tool calls is converted in a thread."""


class Receiving:
    """Converts requests; what takes its time ends with the request or at its deadline."""

    def __init__(
        self, settings: Settings, hosting: Hosting, metrics: ScorerMetrics | None = None
    ) -> None:
        self._settings = settings
        self._hosting = hosting
        self._decoders = Decoders(settings, metrics)
        self._counting = ThreadPoolExecutor(COUNTING_THREADS, thread_name_prefix="count")

    def load(self) -> Load:
        """How long pictures that come now would wait to be looked at, and why none are."""
        return self._decoders.load()

    async def receive(self, request: wire.ScoreRequest, deadline_s: float) -> list[Received]:
        """Every group, in order; what is wrong with a picture is its group's fault.

        Args:
            request: As parsed.
            deadline_s: `time.monotonic()` instant.

        Raises:
            ImageCountError: If image parts and images do not match.
        """
        for group in request.groups:
            require_images(group)
        pictures = await self._pictures(request, deadline_s)
        if self._hosting.count_tokens is not None:
            return await self._counted(request, pictures, self._hosting.count_tokens, deadline_s)
        converted, began_s = list[Received](), time.perf_counter()
        for group, seen in zip(request.groups, pictures, strict=True):
            convert = partial(receive, group, request, self._settings, None, pictures=seen)
            if _turns(group) > MANY_TURNS:
                loop = asyncio.get_running_loop()
                converted.append(await loop.run_in_executor(self._counting, convert))
            else:
                converted.append(convert())
            if time.perf_counter() - began_s > TURN_S:
                await asyncio.sleep(0)
                began_s = time.perf_counter()
        return converted

    async def close(self) -> None:
        """End the processes and begin nothing more."""
        self._counting.shutdown(wait=False, cancel_futures=True)
        await self._decoders.close()

    async def _pictures(self, request: wire.ScoreRequest, deadline_s: float) -> Sequence[Pictures]:
        pictures = [NO_PICTURES] * len(request.groups)
        reading: dict[int, asyncio.Task[Pictures]] = {}
        async with together() as tasks:
            for number, group in enumerate(request.groups):
                if group.images:
                    work = self._decoders.read(
                        group.images, deadline_s=deadline_s, owner=id(request)
                    )
                    reading[number] = tasks.create_task(work)
        for number, task in reading.items():
            pictures[number] = task.result()
        return pictures

    async def _counted(
        self,
        request: wire.ScoreRequest,
        pictures: Sequence[Pictures],
        count_tokens: TokenCounter,
        deadline_s: float,
    ) -> list[Received]:
        """The groups with their tokens counted in a thread, or past their deadline without."""
        counter = _Counter(count_tokens, deadline_s)
        convert = partial(_convert, request, self._settings, counter, pictures)
        try:
            async with asyncio.timeout(deadline_s - time.monotonic()):
                return await asyncio.get_running_loop().run_in_executor(self._counting, convert)
        except TimeoutError:
            late = [Pictures(fault=Reason.DEADLINE)] * len(request.groups)
            return _convert(request, self._settings, None, late)
        finally:
            counter.left = True


def _turns(group: wire.Group) -> int:
    """Turns and tool calls of a group."""
    prompt = [] if isinstance(group.prompt, str) else group.prompt
    turns = [*prompt, *(turn for each in group.completions for turn in each.messages or ())]
    return len(turns) + sum(len(turn.tool_calls or ()) for turn in turns)


class _Counter:
    """Counts tokens for as long as somebody waits."""

    def __init__(self, count_tokens: TokenCounter, deadline_s: float) -> None:
        self._count_tokens = count_tokens
        self._deadline_s = deadline_s
        self.left = False

    def __call__(self, text: str) -> int:
        if self.left or time.monotonic() >= self._deadline_s:
            raise TimeoutError
        return self._count_tokens(text)


def _convert(
    request: wire.ScoreRequest,
    settings: Settings,
    count_tokens: TokenCounter | None,
    pictures: Sequence[Pictures],
) -> list[Received]:
    return [
        receive(group, request, settings, count_tokens, pictures=seen)
        for group, seen in zip(request.groups, pictures, strict=True)
    ]
