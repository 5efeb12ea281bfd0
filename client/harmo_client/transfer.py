"""Requests over one `httpx.AsyncClient`, and a thread for callers that have no event loop.

Sync callers too: only a coroutine can be ended in the middle of a name look-up, a header or a byte.
httpx's own limits are per read, which a service that sends a byte now and then never reaches.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from harmo_client.errors import BudgetExhaustedError, InvalidResponseError, TransportError
from harmo_client.retry import Outcome, Retry, attempts

T = TypeVar("T")

LOOPBACK = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}
"""What no proxy of the environment is asked for: it would look for the service on itself."""
ERROR_BYTES = 64 << 10
"""Of a page that says what went wrong, no more is read."""
_SLACK_S = 1.0
"""The last attempt ends by itself first, and says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, ready to be sent as often as needed."""

    path: str
    limit_s: float
    """Longest one attempt may take, from connecting to the last byte."""
    connect_s: float
    """Longest connecting may take."""
    content: bytes | None = None
    """The body of a POST; None makes it a GET."""
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """GET or POST."""
        return "GET" if self.content is None else "POST"


class Transfer:
    """Sends requests until each has its answer or the call is over.

    Args:
        base_url: Where the service is.
        transport: Instead of the network.
        headers: Of every request.
        retry: How patient to be.
        in_flight: Requests under way at once.
        answer_bytes: A larger answer is refused.
    """

    def __init__(
        self,
        base_url: str,
        transport: httpx.AsyncBaseTransport | None,
        *,
        headers: Mapping[str, str],
        retry: Retry,
        in_flight: int,
        answer_bytes: int,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            transport=transport,
            mounts=LOOPBACK,
            # httpx opens 100 at most: requests beyond them would wait behind those waiting on them.
            limits=httpx.Limits(max_connections=in_flight, max_keepalive_connections=100),
            follow_redirects=False,
        )
        self._retry = retry
        self._slots = asyncio.Semaphore(in_flight)
        self._answer_bytes = answer_bytes
        self.retries = 0
        """Attempts beyond the first, over all requests so far."""

    async def all(self, requests: Sequence[Request]) -> list[httpx.Response]:
        """An answer to each, in order; the first failure ends all.

        Raises HarmoError if one failed, or if the call is over: attempts start within `retry.for_s`
        of its beginning, and one takes `limit_s` at most.
        """
        started_s = time.monotonic()
        limit_s = self._retry.for_s + max(request.limit_s for request in requests)
        tasks = [asyncio.ensure_future(self._exchange(r, started_s)) for r in requests]
        try:
            _, unanswered = await asyncio.wait(
                tasks, timeout=limit_s + _SLACK_S, return_when=asyncio.FIRST_EXCEPTION
            )
            answers = [task.result() for task in tasks if task.done()]
            if unanswered:
                raise BudgetExhaustedError(
                    f"{len(unanswered)} of {len(tasks)} requests unanswered after {limit_s:g} s"
                    " (retry_for_s, and timeout_s for the last attempt)"
                )
            return answers
        finally:
            for task in tasks:
                task.cancel()
            # Their own failures were told, or belong to a call that is over.
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _exchange(self, request: Request, started_s: float) -> httpx.Response:
        async with self._slots:
            tries = attempts(self._retry, started_s=started_s)
            wait_s = next(tries)
            while True:
                await asyncio.sleep(wait_s)
                try:
                    wait_s = tries.send(await self.send(request))
                except StopIteration as done:
                    response: httpx.Response = done.value
                    return response
                self.retries += 1

    async def send(self, request: Request) -> Outcome:
        """What one attempt came to; raises InvalidResponseError if the answer is too large."""
        built = self._http.build_request(
            request.method,
            request.path,
            content=request.content,
            headers=request.headers,
            params=request.params,
            timeout=httpx.Timeout(request.limit_s, connect=request.connect_s),
        )
        try:
            return await asyncio.wait_for(self._receive(built), request.limit_s)
        except asyncio.TimeoutError:
            what = f"no whole answer within {request.limit_s:g} s"
            return httpx.ReadTimeout(what, request=built)
        except httpx.RequestError as error:
            return error

    async def _receive(self, built: httpx.Request) -> httpx.Response:
        response = await self._http.send(built, stream=True)
        try:
            content = await self._read(response)
        finally:
            await response.aclose()
        # Headers that we read; the others speak of an encoding and a length that are gone.
        kept = {k: v for k, v in response.headers.items() if k == "retry-after"}
        reason = {"reason_phrase": response.reason_phrase.encode("ascii", "replace")}
        return httpx.Response(
            response.status_code, headers=kept, content=content, request=built, extensions=reason
        )

    async def _read(self, response: httpx.Response) -> bytes:
        """The body, as far as it may go; unpacking is refused: a little could become a lot."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            if response.is_success:
                raise InvalidResponseError("the answer is compressed, which was not asked for")
            return b""
        content, limit = bytearray(), self._answer_bytes if response.is_success else ERROR_BYTES
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > limit and response.is_success:
                raise InvalidResponseError(f"the answer is over {limit} bytes (answer_bytes)")
            if len(content) > limit:
                break
        return bytes(content[:limit])

    async def close(self) -> None:
        """Drop the connections."""
        await self._http.aclose()


class Threaded(httpx.AsyncBaseTransport):
    """A sync transport, off the event loop."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Its response, read whole."""
        return await asyncio.to_thread(self._whole, request)

    async def aclose(self) -> None:
        """Let it drop what it holds."""
        await asyncio.to_thread(self._transport.close)

    def _whole(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        try:
            content = response.read()
        finally:
            response.close()
        return httpx.Response(response.status_code, headers=response.headers, content=content)


class LoopThread:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._calls: set[Future[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="harmo-client", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """What the work comes to; it is cancelled if the caller is interrupted."""
        done = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._calls.add(done)
        try:
            return done.result()
        except CancelledError:
            raise TransportError("the client was closed during the call") from None
        finally:
            done.cancel()
            self._calls.discard(done)

    @property
    def is_here(self) -> bool:
        """False in a fork of the process that it was started in: no thread survives one."""
        return self._process == os.getpid()

    def stop(self) -> None:
        """Cancel what still runs, and end the thread."""
        # A fork shares the parent's selector: to close it there would deafen the parent.
        if self._loop.is_closed() or not self.is_here:
            return
        self._loop.call_soon_threadsafe(self._end)
        if self._thread is not threading.current_thread():
            self._thread.join()
            self._loop.close()

    def _end(self) -> None:
        for call in self._calls.copy():
            call.cancel()
        # What they began ends with them, and gets a turn to close what it holds.
        ended = asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True)
        ended.add_done_callback(lambda _: self._loop.stop())
