"""Scorers at work: what waited and what computed, workers, pictures, remembered scores."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import random
import time
from pathlib import Path

import pytest
from PIL import Image

from harmo.app.hosting import Hosting
from harmo.app.images import ImageFault
from harmo.app.runners import PLUGIN_THREADS
from harmo.models.base import Conversations, ModelScore
from harmo.models.room import CLOCK
from tests.app.fakes import FakeRewardModel
from tests.app.metrics.scraped import Scraped, scraped
from tests.app.serving import Serving, body, group

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECONDS = "harmo_scorer_duration_seconds"


UNHEARD = itertools.count(2)


def hard() -> str:
    """A text that takes a worker to compare with its reference, and that none has seen before."""
    number = next(UNHEARD)
    return rf"\boxed{{\lim_{{x \to 2}} \frac{{{number}}}{{{number}\sqrt{{x}}}}}}"


def calls(scraping: Scraped, scorer: str, stage: str) -> tuple[float, float]:
    """How many calls went through a stage, and for how many seconds."""
    of = {"scorer": scorer, "stage": stage}
    return (
        scraping.value(f"{SECONDS}_count", **of) or 0.0,
        scraping.value(f"{SECONDS}_sum", **of) or 0.0,
    )


async def grown(serving: Serving, scorer: str, sent: dict[str, object]) -> dict[str, float]:
    """By stage, by how many calls a request grew a scorer's."""
    before = await scraped(serving.http)
    answer = await serving.http.post("/score", json=sent)
    assert answer.status_code == 200, answer.text
    after = await scraped(serving.http)
    return {
        stage: calls(after, scorer, stage)[0] - calls(before, scorer, stage)[0]
        for stage in ("wait", "compute")
    }


@pytest.mark.parametrize(
    ("scorer", "sent", "stages", "why"),
    [
        (
            "rule.math",
            body(group("4", "5")),
            {"wait": 0, "compute": 1},
            "on the event loop: one call for the group, which waits for nothing",
        ),
        (
            "rule.always",
            body(group("a", "b"), recipe="threads"),
            {"wait": 1, "compute": 1},
            "in a thread: one walk through the group",
        ),
        (
            "aspect.waits",
            body(group("a", "b"), recipe="slow"),
            {"wait": 2, "compute": 2},
            "awaited, a call for each sample",
        ),
        (
            "model.reward",
            body(group("a", "b"), recipe="hybrid"),
            {"wait": 1, "compute": 1},
            "a model takes the group",
        ),
        (
            "rule.math",
            body(group("4", task="math"), recipe="ruled"),
            {"wait": 0, "compute": 1},
            "by the name of the one that was handed the task, not of the dispatcher",
        ),
    ],
)
async def test_a_scorers_calls_are_timed_however_it_runs(
    serving: Serving, scorer: str, sent: dict[str, object], stages: dict[str, int], why: str
) -> None:
    assert await grown(serving, scorer, sent) == stages, why


async def test_a_sample_for_a_worker_counts_its_wait_and_its_time_there(serving: Serving) -> None:
    sent = body(group(hard(), hard(), hard(), reference=r"\frac{1}{\sqrt{2}}"))
    stages = await grown(serving, "rule.math", sent)
    assert stages == {"wait": 3, "compute": 1 + 3}, "the group on the loop, then each in a worker"


async def test_a_call_that_no_thread_began_waited_and_computed_nothing(serving: Serving) -> None:
    threads = serving.app.state.service.engine._runners._plugin_threads["rule.always"]
    for _ in range(PLUGIN_THREADS):
        await threads._places.take(None)
    before = await scraped(serving.http)
    sent, soon = body(group("a"), recipe="threads"), {"x-deadline-ms": "200"}
    answer = await serving.http.post("/score", json=sent, headers=soon)
    after = await scraped(serving.http)
    for _ in range(PLUGIN_THREADS):
        threads._places.release()
    assert answer.status_code != 200
    for stage, count in (("wait", 1), ("compute", 0)):
        known = calls(before, "rule.always", stage)[0]
        assert calls(after, "rule.always", stage)[0] - known == count, stage


async def test_what_a_worker_said_before_is_a_hit(serving: Serving) -> None:
    sent = body(group(hard(), reference=r"\frac{1}{\sqrt{2}}"))
    counts = []
    for _ in range(3):
        scraping = await scraped(serving.http)
        counts.append(
            [
                scraping.value("harmo_remembered_scores_total", result=result)
                for result in ("hit", "miss")
            ]
        )
        await serving.http.post("/score", json=sent)
    (hits, misses), *later = counts
    assert later == [[hits, misses + 1], [hits + 1, misses + 1]]  # type: ignore[operator]


async def test_workers_are_idle_and_then_busy_and_what_waits_gets_older(serving: Serving) -> None:
    """Two workers, and more samples than both take at a time."""
    idle = await scraped(serving.http)
    assert idle.value("harmo_workers", state="idle") == 2.0
    assert idle.value("harmo_workers", state="busy") == 0.0
    assert idle.value("harmo_worker_queue_samples") == 0.0
    assert idle.value("harmo_worker_queue_oldest_age_seconds") == 0.0
    pool = serving.app.state.service.isolation._pool
    napping = [
        asyncio.create_task(pool.run(time.sleep, (1.0,), 30.0, time.monotonic() + 60.0))
        for _ in range(5)
    ]
    await asyncio.sleep(0.3)
    busy = await scraped(serving.http)
    assert busy.value("harmo_workers", state="busy") == 2.0
    assert busy.value("harmo_workers", state="idle") == 0.0
    assert busy.value("harmo_worker_queue_samples") == 3.0
    first = busy.value("harmo_worker_queue_oldest_age_seconds")
    await asyncio.sleep(0.1)
    then = (await scraped(serving.http)).value("harmo_worker_queue_oldest_age_seconds")
    assert 0.0 < first < then  # type: ignore[operator]
    await asyncio.gather(*napping)
    over = await scraped(serving.http)
    assert over.value("harmo_worker_queue_samples") == 0.0
    assert over.value("harmo_worker_queue_oldest_age_seconds") == 0.0


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8), frames: int = 1) -> bytes:
    file, one = io.BytesIO(), Image.new("RGB", size, "red")
    others = [Image.new("RGB", size, (0, 0, 10 * n)) for n in range(1, frames)]
    one.save(file, kind, save_all=frames > 1, append_images=others)
    return file.getvalue()


def sent_with(content: bytes | str, media_type: str = "image/png") -> dict[str, object]:
    data = content if isinstance(content, str) else base64.b64encode(content).decode()
    prompt = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]}]
    images = [{"data": data, "media_type": media_type}]
    return body(group("4", prompt=prompt, images=images))


@pytest.mark.parametrize(
    ("sent", "fault", "decoded"),
    [
        (sent_with(random.Random(1).randbytes(9000)), ImageFault.TOO_LARGE, 0),
        (sent_with("@@@@"), ImageFault.NOT_BASE64, 0),
        (sent_with(picture(size=(200, 200))), ImageFault.TOO_MANY_PIXELS, 1),
        (sent_with(picture(frames=2)), ImageFault.ANIMATED, 1),
        (sent_with(picture("JPEG")), ImageFault.OTHER_TYPE, 1),
        (sent_with(b"no picture"), ImageFault.UNREADABLE, 1),
        (sent_with(picture()), None, 1),
    ],
)
async def test_a_picture_counts_by_what_is_wrong_with_it(
    serving: Serving, sent: dict[str, object], fault: ImageFault | None, decoded: int
) -> None:
    before = await scraped(serving.http)
    assert (await serving.http.post("/score", json=sent)).status_code == 200
    after = await scraped(serving.http)
    for each in ImageFault:
        counted = [s.value("harmo_images_rejected_total", reason=each) for s in (before, after)]
        assert counted[1] == counted[0] + (each is fault), each  # type: ignore[operator]
    times = [s.value("harmo_image_decode_seconds_count") for s in (before, after)]
    assert times[1] == times[0] + decoded, "what no process looked at took none's time"  # type: ignore[operator]


class Queued(FakeRewardModel):
    """A model in whose queue a group waits half a second, before it takes a tenth."""

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        clock = CLOCK.get()
        assert clock is not None, "whoever calls a model wants to know what was waiting"
        clock.waited_s = 0.5
        await asyncio.sleep(0.6)
        return await super().score(group, deadline_s=deadline_s)


TWO = """
name: two
model:
  - {scorer: model.reward, name: a, params: {aspect: first}}
  - {scorer: model.reward, name: b, params: {aspect: second}}
"""


async def test_what_a_model_says_was_its_queue_is_wait_and_a_run_counts_once(
    tmp_path: Path,
) -> None:
    from harmo.app.settings import Settings

    (tmp_path / "two.yaml").write_text(TWO)
    settings = Settings(recipes=(str(tmp_path / "two.yaml"),), workers=1, canary_s=0)
    serving = Serving(settings, Hosting(models={"m": Queued("m", ("first", "second"))}))
    async with serving as http:
        before = await scraped(http)
        answer = await http.post("/score", json=body(group("a"), recipe="two"))
        assert answer.status_code == 200, answer.text
        after = await scraped(http)
    for stage, least, most in (("wait", 0.5, 0.5), ("compute", 0.1, 0.5)):
        count, seconds = (
            now - then
            for now, then in zip(
                calls(after, "model.reward", stage),
                calls(before, "model.reward", stage),
                strict=True,
            )
        )
        assert count == 1, "two columns of one head are one run"
        assert least - 1e-6 <= seconds, stage
        assert stage == "compute" or seconds <= most + 1e-6
