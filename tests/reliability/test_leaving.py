"""Work whose client left never starts: a model's, a plugin's in a thread, a picture's."""

from __future__ import annotations

import base64
import io
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from harmo_client import wire
from tests.models import tiny
from tests.reliability.asking import body, group, leave
from tests.reliability.cluster import Server, started, until
from tests.reliability.conftest import RECIPES

IN_FLIGHT = "harmo_completions_in_flight"
PLUGIN_THREADS, DECODERS = 4, 2


@pytest.fixture(scope="module")
def busy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of one tiny model, a plugin and a rule; no canary wants what a test holds."""
    folder = tmp_path_factory.mktemp("busy")
    recipes = {name: RECIPES[name] for name in ("maths", "held-thread")}
    settings = {"models": [f"rm={tiny.classifier(folder / 'rm')}"], "workers": 1, "canary_s": 0}
    with started(folder, recipes, site, **settings) as server:
        yield server


def left(server: Server, asked: dict[str, object]) -> None:
    """Ask, go, and return once the service knows."""
    before = server.metric(IN_FLIGHT)
    leave(server, asked)
    until(lambda: server.metric(IN_FLIGHT) == before, "the service sees that nobody waits")


def test_a_models_work_whose_client_left_never_starts(busy: Server) -> None:
    scored = partial(busy.metric, "harmo_model_batch_completions_sum")
    before, stuck = scored(), busy.tell("stuck")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(busy.post, body(group("first", "one"), recipe="model"))
        until(lambda: busy.metric(IN_FLIGHT) == 1, "it came")
        until(lambda: busy.metric("harmo_model_queue_completions") == 0, "the device has it")
        left(busy, body(group("left", "two", "three"), recipe="model"))
        stuck.unlink()
        assert first.result().status_code == 200
    assert busy.post(body(group("after", "four"), recipe="model")).status_code == 200
    assert scored() - before == 2, "the first one and the last"


def test_a_plugins_work_whose_client_left_never_starts(busy: Server) -> None:
    hold = busy.tell("threads")

    def asked(name: str) -> dict[str, object]:
        return body(group(name, name, metadata={"hold": str(hold)}), recipe="held-thread")

    names = [f"thread-{n}" for n in range(PLUGIN_THREADS)]
    with ThreadPoolExecutor(PLUGIN_THREADS) as pool:
        first = [pool.submit(busy.post, asked(name)) for name in names]
        until(lambda: set(names) <= set(busy.calls()), "every thread is taken")
        left(busy, asked("thread-left"))
        hold.unlink()
        assert {each.result().status_code for each in first} == {200}
    assert busy.post(asked("thread-after")).status_code == 200
    assert busy.calls()["thread-after"] == 1
    assert busy.calls()["thread-left"] == 0


def test_a_picture_whose_client_left_is_never_decoded(busy: Server) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    image = wire.Image(data=base64.b64encode(picture.getvalue()).decode())
    asked = body(group("seen", "\\boxed{4}", images=[image]), recipe="maths")
    others = {server.pid for server in busy.forkservers()}
    assert busy.post(asked).status_code == 200
    (decoding,) = (server for server in busy.forkservers() if server.pid not in others)
    until(lambda: len(decoding.children()) == DECODERS, "both decoders are there")
    decoders, before = decoding.children(), busy.metric("harmo_image_decode_seconds_count")
    with ThreadPoolExecutor(DECODERS) as pool:
        for decoder in decoders:
            decoder.send_signal(signal.SIGSTOP)
        first = [pool.submit(busy.post, asked) for _ in decoders]
        until(lambda: busy.metric(IN_FLIGHT) == DECODERS, "each has a picture")
        left(busy, asked)
        for decoder in decoders:
            decoder.send_signal(signal.SIGCONT)
        assert {each.result().status_code for each in first} == {200}
    assert busy.post(asked).status_code == 200
    assert busy.metric("harmo_image_decode_seconds_count") - before == DECODERS + 1
