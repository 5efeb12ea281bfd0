"""What the store or the process that writes it may do, and what becomes of the groups."""

from __future__ import annotations

import asyncio
import logging

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keeping import writing
from harmo.app.keeping.batch import DEATHS
from harmo.app.keeping.process import Trimmed
from harmo.app.keeping.trouble import GoneError, StoreFaultError
from harmo.app.metrics.audit import AuditMetrics, DropCause
from harmo.audit.errors import Trouble
from tests.app.keeping.disk import Disk, detail_of, dropped, entry, keeping, later, until


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


async def test_many_groups_share_a_commit(disk: Disk, metrics: AuditMetrics) -> None:
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.free.clear()
        answers = [asyncio.ensure_future(keeper.keep([entry(str(n))], later())) for n in range(100)]
        await asyncio.sleep(0.02)
        disk.free.set()
        await asyncio.gather(*answers)
    assert len(disk.batches) <= 2


UNTOLD = [
    ("prompt", GoneError(), "the process that wrote it is gone"),
    ("strict", GoneError(), "and the next one answers for it"),
    ("prompt", StoreFaultError(Trouble.FAILED, "x"), "the disk failed once it was written"),
]


@pytest.mark.parametrize(("mode", "error", "why"), UNTOLD, ids=[why for *_, why in UNTOLD])
async def test_what_was_written_though_nobody_said_so_is_not_written_again(
    disk: Disk, metrics: AuditMetrics, mode: str, error: Exception, why: str
) -> None:
    async with keeping(disk, metrics, audit_mode=mode) as keeper:
        await keeper.keep([entry("before")], later())
        await until(lambda: disk.ids == ["before"] and not metrics.backlog.read())
        disk.untold = [error]
        await keeper.keep([entry("one"), entry("two")], later())
        await until(lambda: len(disk.ids) == 3 and not keeper.fault)
        await keeper.keep([entry("after")], later())
    assert disk.ids == ["before", "one", "two", "after"], why
    assert metrics.kept._value.get() == 4
    assert not metrics.backlog.read()


@pytest.mark.parametrize("mode", ["prompt", "strict"])
async def test_a_group_that_ends_what_writes_it_is_left_out_and_costs_no_other_its_place(
    disk: Disk, metrics: AuditMetrics, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    disk.deadly = lambda group: group[0][0] == "deadly"
    entries = [entry("one"), entry("deadly"), entry("two")]
    async with keeping(disk, metrics, audit_mode=mode) as keeper:
        answers = await asyncio.gather(
            *(keeper.keep([each], later()) for each in entries), return_exceptions=True
        )
        await until(lambda: disk.ids == ["one", "two"] and not keeper.fault)
    assert dropped(metrics) == {"unwritable": 1}
    assert disk.done.count("start") <= 2 * DEATHS + 1
    assert "audit_unwritable" in caplog.text
    refused = [answer.type for answer in answers if isinstance(answer, ServiceError)]
    assert refused == ([] if mode == "prompt" else [ErrorType.INTERNAL])


async def test_in_strict_a_process_that_cannot_be_replaced_fails_what_waited_for_it(
    disk: Disk, metrics: AuditMetrics
) -> None:
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        disk.deadly, disk.opens = lambda group: True, False
        with pytest.raises(ServiceError):
            await keeper.keep([entry("late")], later())
        disk.deadly, disk.opens = lambda group: False, True
        await until(lambda: not keeper.fault)
        await keeper.keep([entry("kept")], later())
    assert disk.ids == ["kept"]
    assert not metrics.backlog.read()


async def test_a_store_that_was_taken_away_is_begun_anew_and_that_is_said(
    disk: Disk, metrics: AuditMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    async with keeping(disk, metrics, audit_mode="strict") as keeper:
        for name in ("one", "two"):
            await keeper.keep([entry(name)], later())
        assert not caplog.text
        disk.groups.clear()
        for name in ("three", "four"):
            await keeper.keep([entry(name)], later())
    assert [record.message.split()[0] for record in caplog.records] == ["audit_begun_anew"]


async def test_each_trouble_is_logged_once_until_all_is_well(
    disk: Disk, metrics: AuditMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with keeping(disk, metrics) as keeper:
        await keeper.keep([entry("one")], later())
        for trouble in (Trouble.FULL, Trouble.READ_ONLY, Trouble.FULL):
            disk.trouble = trouble
            await keeper.keep([entry(trouble)], later())
            await until(lambda trouble=trouble: trouble.value in keeper.fault)
        disk.trouble = None
        await until(lambda: not keeper.fault)
    said = [record.message.split()[0] for record in caplog.records]
    assert said == ["audit_fault", "audit_fault", "audit_well"]


async def test_a_process_that_stands_still_at_the_end_is_ended(
    disk: Disk, metrics: AuditMetrics
) -> None:
    async with keeping(disk, metrics) as keeper:
        disk.free.clear()
        await keeper.keep([entry("one")], later())
        await keeper.close()
        assert "kill" in disk.done
    assert dropped(metrics) == {"ended": 1}
