"""What is answered is kept once; what the disk does costs no reward, or in strict no promise."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.metrics.audit import AuditMetrics
from harmo.audit.errors import Trouble
from tests.app.keeping.disk import Disk, detail_of, dropped, entry, keeping, later, until


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


async def test_without_detail_none_is_kept(disk: Disk, metrics: AuditMetrics) -> None:
    async with keeping(disk, metrics, audit_detail=False) as keeper:
        await keeper.keep([entry("plain")], later())
    assert list(map(detail_of, disk.groups)) == [None]


async def test_what_is_left_at_the_end_is_counted_and_said(
    disk: Disk, metrics: AuditMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    async with keeping(disk, metrics) as keeper:
        disk.trouble = Trouble.FAILED
        await keeper.keep([entry("one"), entry("two")], later())
        await until(lambda: keeper.fault)
    assert dropped(metrics) == {"ended": 2}
    assert "audit_unwritten groups=2" in caplog.text
