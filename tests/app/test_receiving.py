"""Requests become samples off the event loop where that takes time, and not past a deadline."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from harmo.app.hosting import Hosting
from harmo.app.receiving import Receiving
from harmo.app.samples import ImageCountError
from harmo.app.settings import Settings
from harmo.scorers.types import Reason
from harmo_client import wire


def request(*texts: str, **group: object) -> wire.ScoreRequest:
    completions = [{"id": str(i), "text": text} for i, text in enumerate(texts)]
    asked = {"id": "g", "prompt": "?", "completions": completions, **group}
    return wire.ScoreRequest.model_validate({"groups": [asked]})


class Counted:
    """Counts as a tokenizer would, and remembers what; waits where the text says so."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.threads: set[str] = set()
        self.end = threading.Event()

    def __call__(self, text: str) -> int:
        self.texts.append(text)
        self.threads.add(threading.current_thread().name)
        if text == "wait":
            self.end.wait(30.0)
        return len(text)


async def test_tokens_are_counted_in_a_thread_of_their_own() -> None:
    counted = Counted()
    receiving = Receiving(Settings(), Hosting(count_tokens=counted))
    (received,) = await receiving.receive(request("abc", "de"), time.monotonic() + 60.0)
    assert [sample.num_tokens for sample in received.group.samples] == [3, 2]
    assert all(name.startswith("count") for name in counted.threads)
    await receiving.close()


async def test_what_is_too_long_to_be_scored_is_not_tokenised() -> None:
    counted = Counted()
    receiving = Receiving(Settings(max_completion_chars=10), Hosting(count_tokens=counted))
    (received,) = await receiving.receive(request("x" * 11, "ok"), time.monotonic() + 60.0)
    assert received.faults == (Reason.COMPLETION_TOO_LONG, None)
    assert counted.texts == ["ok"]
    await receiving.close()


async def test_past_the_deadline_nobody_waits_for_a_count_and_no_more_are_counted() -> None:
    counted = Counted()
    receiving = Receiving(Settings(), Hosting(count_tokens=counted))
    asked = request("wait", "a", "b")
    (received,) = await receiving.receive(asked, time.monotonic() + 0.1)
    assert received.faults == (Reason.DEADLINE,) * 3
    counted.end.set()
    await receiving.close()
    await asyncio.sleep(0.05)
    assert counted.texts == ["wait"]


async def test_an_abandoned_request_is_not_counted_to_its_end() -> None:
    counted = Counted()
    receiving = Receiving(Settings(), Hosting(count_tokens=counted))
    leaving = asyncio.create_task(receiving.receive(request("wait", "a"), time.monotonic() + 60.0))
    await asyncio.sleep(0.05)
    leaving.cancel()
    await asyncio.wait({leaving})
    counted.end.set()
    await receiving.close()
    await asyncio.sleep(0.05)
    assert counted.texts == ["wait"]


async def test_images_that_do_not_match_their_parts_are_refused_before_any_is_decoded() -> None:
    receiving = Receiving(Settings(), Hosting())
    prompt = [{"role": "user", "content": [{"type": "image"}]}]
    asked = request("a", prompt=prompt, images=[{"data": "?"}, {"data": "?"}])
    with pytest.raises(ImageCountError, match="1 image parts but 2 images"):
        await receiving.receive(asked, time.monotonic() + 60.0)
    await receiving.close()
