"""What is answered is kept once; what the disk does costs no reward, or in strict no promise."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keeping import keeper as keeper_module
from harmo.app.keeping import writing
from harmo.app.keeping.keeper import Keeper
from harmo.app.keeping.process import Trimmed
from harmo.app.metrics import Metrics
from harmo.app.metrics.audit import AuditMetrics, DropCause
from harmo.app.settings import Settings
from harmo.audit.errors import Trouble
from tests.app.keeping.disk import Disk, detail_of, entry


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(writing, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(keeper_module, "FINISH_S", 0.3)
    monkeypatch.setattr(keeper_module, "SOON_S", 0.2)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def metrics() -> AuditMetrics:
    return Metrics("0").audit


@asynccontextmanager
async def keeping(disk: Disk, metrics: AuditMetrics, **settings: Any) -> AsyncIterator[Keeper]:
    given = Settings(audit=Path("store"), **settings)
    keeper = Keeper(given, metrics, open_store=disk)
    await keeper.start()
    try:
        yield keeper
    finally:
        disk.free.set()
        await keeper.close()


async def until(holds: Callable[[], object]) -> None:
    """Return once it holds; what never does ends the test."""
    async with asyncio.timeout(20.0):
        while not holds():  # noqa: ASYNC110 - a thread makes it so
            await asyncio.sleep(0.002)


def later() -> float:
    return time.monotonic() + 60.0


def dropped(metrics: AuditMetrics) -> dict[str, float]:
    """By cause, without those that dropped nothing."""
    counts = {cause.value: counter._value.get() for cause, counter in metrics.dropped.items()}
    return {cause: count for cause, count in counts.items() if count}


async def test_a_group_that_several_requests_share_is_kept_once(
    disk: Disk, metrics: AuditMetrics
) -> None:
    shared, other = entry("shared"), entry("other")
    async with keeping(disk, metrics) as keeper:
        for _ in range(3):
            await keeper.keep([shared, other], later())
    assert disk.ids == ["shared", "other"]
    assert metrics.kept._value.get() == 2


async def test_in_strict_every_request_of_a_group_waits_for_its_one_commit(
    disk: Disk, metrics: AuditMetrics
) -> None:
    shared = entry("shared")
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.free.clear()
        answers = [asyncio.ensure_future(keeper.keep([shared], later())) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert not any(answer.done() for answer in answers)
        disk.free.set()
        await asyncio.gather(*answers)
        assert disk.ids == ["shared"]


async def test_prompt_writes_what_a_failing_disk_did_not_take_once_it_does(
    disk: Disk, metrics: AuditMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with keeping(disk, metrics) as keeper:
        disk.trouble = Trouble.FULL
        for n in range(50):
            await keeper.keep([entry(str(n))], later())
        await until(lambda: keeper.fault)
        assert "full" in keeper.fault
        assert not keeper.stands_in_the_way
        keeper.require()
        disk.trouble = None
        await until(lambda: not keeper.fault)
        await keeper.keep([entry("last")], later())
    assert disk.ids == [*map(str, range(50)), "last"]
    assert metrics.failures[Trouble.FULL]._value.get() > 0
    said = [record.message.split()[0] for record in caplog.records]
    assert said == ["audit_fault", "audit_well"], "one line a change"


async def test_prompt_counts_what_there_is_no_room_for_and_says_so_once(
    disk: Disk, metrics: AuditMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    large = [entry(str(n), chars=100_000) for n in range(20)]
    async with keeping(disk, metrics, audit_backlog_bytes=1 << 20) as keeper:
        disk.free.clear()
        for each in large:
            await keeper.keep([each], later())
        assert 0 < dropped(metrics)["backlog"] < len(large)
        disk.free.set()
        await until(lambda: not metrics.backlog.read())
        await keeper.keep([entry("after")], later())
    assert len(disk.ids) + dropped(metrics)["backlog"] == len(large) + 1
    assert disk.ids[-1] == "after"
    said = [record.message.split()[0] for record in caplog.records]
    assert said == ["audit_dropping", "audit_dropped"]


async def test_strict_refuses_while_it_cannot_write_and_finds_out_by_itself_when_it_can(
    disk: Disk, metrics: AuditMetrics
) -> None:
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.trouble = Trouble.FULL
        with pytest.raises(ServiceError, match="nothing can be kept") as failed:
            await keeper.keep([entry("lost")], later())
        assert failed.value.type is ErrorType.NOT_READY
        assert int(failed.value.headers["Retry-After"]) >= 1
        assert keeper.stands_in_the_way
        with pytest.raises(ServiceError):
            keeper.require()
        with pytest.raises(ServiceError):
            await keeper.keep([entry("late")], later())
        assert not metrics.backlog.read()
        disk.trouble = None
        await until(lambda: not keeper.fault)
        assert "probe" in disk.done
        keeper.require()
        await keeper.keep([entry("kept")], later())
    assert disk.ids == ["kept"], "what was refused is not kept"


async def test_strict_turns_away_what_comes_faster_than_it_is_written(
    disk: Disk, metrics: AuditMetrics
) -> None:
    async with keeping(disk, metrics, audit_mode="strict", audit_backlog_bytes=1 << 20) as keeper:
        disk.free.clear()
        large = [entry(str(n), chars=300_000) for n in range(4)]
        answers = [asyncio.ensure_future(keeper.keep([each], later())) for each in large]
        await asyncio.sleep(0.02)
        with pytest.raises(ServiceError, match="audit_backlog_bytes") as refused:
            keeper.require()
        assert refused.value.type is ErrorType.OVERLOADED
        disk.free.set()
        await asyncio.gather(*answers)
        keeper.require()


async def test_an_answer_past_its_deadline_is_not_given_and_its_group_is_taken_back(
    disk: Disk, metrics: AuditMetrics
) -> None:
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.free.clear()
        first = asyncio.ensure_future(keeper.keep([entry("first")], later()))
        await until(metrics.backlog.read)
        await asyncio.sleep(0.05)
        behind = entry("behind")
        with pytest.raises(ServiceError) as late:
            await keeper.keep([behind], time.monotonic() + 0.02)
        assert late.value.type is ErrorType.DEADLINE
        with pytest.raises(ServiceError):
            await keeper.keep([behind], later())
        disk.free.set()
        await first
        await keeper.keep([entry("last")], later())
        assert not metrics.backlog.read()
    assert disk.ids == ["first", "last"]


@pytest.mark.parametrize("mode", ["prompt", "strict"])
async def test_a_group_that_cannot_be_written_costs_no_other_its_place(
    disk: Disk, metrics: AuditMetrics, mode: str
) -> None:
    disk.unwritable = lambda group: group[0][0] == "bad"
    entries = [entry("one"), entry("bad"), entry("two")]
    async with keeping(disk, metrics, audit_mode=mode) as keeper:
        answers = await asyncio.gather(
            *(keeper.keep([each], later()) for each in entries), return_exceptions=True
        )
    assert disk.ids == ["one", "two"]
    assert dropped(metrics) == {"unwritable": 1}
    refused = [answer for answer in answers if answer is not None]
    assert [each.type for each in refused if isinstance(each, ServiceError)] == (
        [] if mode == "prompt" else [ErrorType.INTERNAL]
    )


async def test_evidence_that_cannot_be_written_is_left_out(
    disk: Disk, metrics: AuditMetrics
) -> None:
    disk.unwritable = lambda group: detail_of(group) == {"answer": "odd"}
    async with keeping(disk, metrics) as keeper:
        await keeper.keep([entry("plain"), entry("odd", detail="odd")], later())
    assert dict(zip(disk.ids, map(detail_of, disk.groups), strict=True)) == {
        "plain": {"answer": "4"},
        "odd": None,
    }
    assert dropped(metrics) == {}


async def test_without_detail_none_is_kept(disk: Disk, metrics: AuditMetrics) -> None:
    async with keeping(disk, metrics, audit_detail=False) as keeper:
        await keeper.keep([entry("plain")], later())
    assert list(map(detail_of, disk.groups)) == [None]


async def test_many_groups_share_a_commit(disk: Disk, metrics: AuditMetrics) -> None:
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.free.clear()
        answers = [asyncio.ensure_future(keeper.keep([entry(str(n))], later())) for n in range(100)]
        await asyncio.sleep(0.02)
        disk.free.set()
        await asyncio.gather(*answers)
    assert len(disk.batches) <= 2


async def test_what_is_left_at_the_end_is_counted_and_said(
    disk: Disk, metrics: AuditMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    async with keeping(disk, metrics) as keeper:
        disk.trouble = Trouble.FAILED
        await keeper.keep([entry("one"), entry("two")], later())
        await until(lambda: keeper.fault)
    assert dropped(metrics) == {"ended": 2}
    assert "audit_unwritten groups=2" in caplog.text


async def test_a_store_that_cannot_be_opened_is_tried_again(
    disk: Disk, metrics: AuditMetrics
) -> None:
    disk.opens = False
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        assert "held" in keeper.fault
        with pytest.raises(ServiceError):
            keeper.require()
        disk.opens = True
        await until(lambda: not keeper.fault)
        await keeper.keep([entry("kept")], later())
    assert disk.ids == ["kept"]
    assert disk.done.count("start") == 1, "the process that writes is started once"


async def test_a_disk_that_stands_still_is_a_fault(
    disk: Disk, metrics: AuditMetrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "STILL_S", 0.05)
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.free.clear()
        answer = asyncio.ensure_future(keeper.keep([entry("slow")], later()))
        await until(lambda: keeper.fault)
        assert keeper.stands_in_the_way
        disk.free.set()
        await answer
        await until(lambda: not keeper.fault)


async def test_a_run_that_alone_fills_the_store_is_kept_no_longer_until_another_drives_it_out(
    disk: Disk, metrics: AuditMetrics
) -> None:
    over = Trimmed(runs=0, over=True, more=False)
    async with keeping(disk, metrics, audit_max_bytes=1 << 20) as keeper:
        await keeper.keep([entry("1", run="large")], later())
        await until(lambda: disk.ids == ["1"] and not metrics.backlog.read())
        disk.bytes, disk.trims = 2 << 20, [over]
        await keeper.keep([entry("2", run="large")], later())
        await until(lambda: keeper.full)
        assert "'large'" in keeper.full
        disk.trims = [Trimmed(runs=1, over=False, more=False)]
        await keeper.keep([entry("3", run="large"), entry("4", run="next")], later())
        await until(lambda: not keeper.full)
        disk.bytes = 0
        await keeper.keep([entry("5", run="large")], later())
    assert disk.ids == ["1", "2", "4", "5"]
    assert dropped(metrics) == {DropCause.FULL.value: 1}
    assert metrics.pruned._value.get() == 1
