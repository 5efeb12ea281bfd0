"""Real servers that keep what they answer, killed under load and left without a disk."""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.reliability.cluster import Server, until
from tests.reliability.keeping import Asked, asked, keeping, kept, rewards_of

KILLS = 20
WRITER = "harmo.app.keeping.process"
"""Stands in the command of the process that writes."""


@pytest.mark.slow
async def test_a_server_that_is_killed_under_load_tears_nothing_and_keeps_what_it_promised(
    tmp_path: Path,
) -> None:
    # Side by side: to start a server again takes longer than to load it and kill it.
    strict, prompt = await asyncio.gather(
        *(killed(tmp_path / mode, mode) for mode in ("strict", "prompt"))
    )
    assert strict.acknowledged <= kept(tmp_path / "strict" / "store") <= set(range(strict.begun))
    there = kept(tmp_path / "prompt" / "store")
    assert there <= set(range(prompt.begun))
    assert len(there & prompt.acknowledged) > 0.5 * len(prompt.acknowledged)


async def killed(folder: Path, mode: str) -> Asked:
    """What clients got of a server that was killed under load, time and again."""
    chance, clients = random.Random(mode), Asked()
    with keeping(folder, mode, wait=False) as server:
        for _ in range(KILLS):
            await asyncio.to_thread(server.wait_ready)
            enough = len(clients.acknowledged) + chance.randint(1, 100)
            load = asyncio.ensure_future(clients.ask(server.url, lambda: False))
            while len(clients.acknowledged) < enough:  # noqa: ASYNC110 - clients make it so
                await asyncio.sleep(0.005)
            # The process that writes lives on for a moment, and then says to nobody what it did.
            server.kill()
            server.start()
            await load
        await asyncio.to_thread(server.wait_ready)
        assert server.get("/readyz").json()["audit"] == {"mode": mode, "fault": ""}
        server.terminate()
        assert await asyncio.to_thread(server.wait) == 0
    assert clients.refused.keys() == {0}
    return clients


@pytest.mark.parametrize("mode", ["strict", "prompt"])
async def test_the_process_that_writes_is_replaced_when_it_is_killed(
    tmp_path: Path, mode: str
) -> None:
    clients = Asked()
    with keeping(tmp_path, mode) as server:
        for _ in range(3):
            enough = len(clients.acknowledged) + 50
            load = asyncio.ensure_future(
                clients.ask(
                    server.url, lambda enough=enough: len(clients.acknowledged) >= enough + 50
                )
            )
            await asyncio.to_thread(
                until, lambda enough=enough: len(clients.acknowledged) >= enough, "it answers"
            )
            (writer,) = writers(server)
            writer.kill()
            await load
        assert clients.refused.keys() <= ({503} if mode == "strict" else set())
        await asyncio.to_thread(until, lambda: writes(server), "another writes")
        server.terminate()
        assert server.wait() == 0
    assert clients.acknowledged <= kept(tmp_path / "store")


def writers(server: Server) -> list[psutil.Process]:
    below = psutil.Process(server.process.pid).children()
    return [each for each in below if WRITER in " ".join(each.cmdline())]


@contextmanager
def disk(folder: Path) -> Iterator[bool]:
    """A folder on a disk of its own; False where none may be mounted."""
    folder.mkdir()
    # SQLite's log alone grows to four before it is written over from its start.
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def without_room(server: Server, store: Path, *, mounted: bool) -> Iterator[None]:
    """Not one byte more on the store's disk; or no file that may grow."""
    if mounted:
        rest = store.parent / "rest"
        with suppress(OSError), rest.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        yield
        rest.unlink()
        return
    processes = [psutil.Process(server.process.pid), *writers(server)]
    for process in processes:
        process.rlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
    yield
    for process in processes:
        process.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


async def test_on_a_full_disk_prompt_goes_on_and_writes_what_waited_once_there_is_room(
    tmp_path: Path,
) -> None:
    clients, store = Asked(), tmp_path / "disk" / "store"
    with (
        disk(tmp_path / "disk") as mounted,
        keeping(tmp_path / "server", "prompt", audit=str(store)) as server,
    ):
        await clients.ask(server.url, lambda: len(clients.acknowledged) >= 50)
        with without_room(server, store, mounted=mounted):
            await clients.ask(server.url, lambda: bool(audit(server)["fault"]))
            enough = len(clients.acknowledged) + 100
            await clients.ask(server.url, lambda: len(clients.acknowledged) >= enough)
            assert server.status("/readyz") == 200
            assert server.metric("harmo_audit_write_failures_total") > 0
        await asyncio.to_thread(until, lambda: not audit(server)["fault"], "it writes again")
        server.terminate()
        assert server.wait() == 0
        assert clients.refused == {}
        assert kept(store) == clients.acknowledged == set(range(clients.begun))
        logged = server.logged()
    assert logged.count("audit_fault") == logged.count("audit_well") == 1


async def test_on_a_full_disk_strict_refuses_until_there_is_room(tmp_path: Path) -> None:
    clients, store = Asked(), tmp_path / "disk" / "store"
    with (
        disk(tmp_path / "disk") as mounted,
        keeping(tmp_path / "server", "strict", audit=str(store)) as server,
    ):
        await clients.ask(server.url, lambda: len(clients.acknowledged) >= 50)
        with without_room(server, store, mounted=mounted):
            await clients.ask(server.url, lambda: clients.refused[503] >= 20)
            answer = server.get("/readyz")
            assert (answer.status_code, "audit: " in answer.text) == (503, True)
            scored = server.metric("harmo_completions_total")
            refused = server.post(asked(clients.begun))
            assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
            assert server.metric("harmo_completions_total") == scored, "nothing is scored in vain"
        await asyncio.to_thread(until, lambda: server.status("/readyz") == 200, "it is ready")
        before = len(clients.acknowledged)
        await clients.ask(server.url, lambda: len(clients.acknowledged) >= before + 50)
        server.terminate()
        assert server.wait() == 0
        assert clients.refused.keys() == {503}
        assert kept(store) == clients.acknowledged


def writes(server: Server) -> bool:
    """True if it is ready and its store has no fault."""
    return server.status("/readyz") == 200 and not audit(server)["fault"]


def audit(server: Server) -> dict[str, str]:
    """What `/readyz` says of the store."""
    told: dict[str, str] = server.get("/readyz").json()["audit"]
    return told


async def test_what_waits_at_sigterm_is_written_before_the_end(tmp_path: Path) -> None:
    clients = Asked()
    with keeping(tmp_path, "prompt", drain_wait_s=0.0) as server:
        load = asyncio.ensure_future(clients.ask(server.url, lambda: False))
        await asyncio.to_thread(until, lambda: len(clients.acknowledged) >= 200, "it answers")
        server.terminate()
        await load
        assert server.wait() == 0
        assert "audit_unwritten" not in server.logged()
    assert clients.acknowledged <= kept(tmp_path / "store")


def test_a_second_service_of_one_folder_says_so_and_scores(tmp_path: Path) -> None:
    with keeping(tmp_path / "first", "prompt") as first:
        store = str(tmp_path / "first" / "store")
        with keeping(tmp_path / "second", "prompt", audit=store) as second:
            assert "held" in audit(second)["fault"]
            got = second.post(asked(3)).json()["groups"][0]["completions"]
            assert [each["reward"] for each in got] == rewards_of(3)
            first.terminate()
            assert first.wait() == 0
            until(lambda: not audit(second)["fault"], "it has the store once the first let go")
            second.terminate()
            assert second.wait() == 0
    assert kept(tmp_path / "first" / "store") == {3}


def test_strict_is_not_ready_before_the_store_can_be_opened(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.write_text("a file where the folder should be")
    with keeping_unready(tmp_path / "server", store) as server:
        until(lambda: "audit: " in text_of(server), "it says what is missing")
        assert server.post(asked(1)).status_code == 503
        store.unlink()
        until(lambda: server.status("/readyz") == 200, "it opens it by itself")
        assert server.post(asked(1)).status_code == 200


@contextmanager
def keeping_unready(folder: Path, store: Path) -> Iterator[Server]:
    with keeping(folder, "strict", audit=str(store), wait=False) as server:
        yield server


def text_of(server: Server) -> str:
    with suppress(httpx.TransportError):
        return server.get("/readyz").text
    return ""
