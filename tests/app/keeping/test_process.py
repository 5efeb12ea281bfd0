"""The process that writes: what it is sent comes out of the store as it was scored."""

from __future__ import annotations

import asyncio
import math
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harmo.app.keeping.entry import SMALL_BYTES, Answered, Entry
from harmo.app.keeping.frames import unpickled
from harmo.app.keeping.keeper import Keeper
from harmo.app.keeping.plain import kept_recipe, plain_recipe
from harmo.app.keeping.process import PROBE, Trimmed, Written, answered
from harmo.app.keeping.store import Place, StoreProcess
from harmo.app.keeping.trouble import GoneError, Refused, StoreFaultError, UnwritableError
from harmo.app.metrics import Metrics
from harmo.app.metrics.audit import DropCause
from harmo.app.settings import Settings
from harmo.audit.errors import Trouble
from harmo.audit.prune import Bounds
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup, Texts
from harmo.rewards.combine import combine, settle_correctness
from harmo.scorers.types import Group, Image, ImageRef, Message, Reason, Sample, Score, ToolCall
from tests.app.keeping.disk import later
from tests.rewards import tables

PLAN = tables.plan(columns="mrals", on_truncated="wrong")
"""A model, a rule, an aspect, a length term and a shadow column."""
NO_BOUNDS = Bounds()


def scored(number: int = 0, *, run: str | None = "a") -> Answered:
    """A group with pictures, turns, an abstention, a fault and a completion that was cut."""
    asked = (Message(role="user", parts=(ImageRef(index=0), "How many?")),)
    called = Message(
        role="assistant",
        parts=("\ud800 <script>",),
        tool_calls=(ToolCall(name="count", arguments="{}", id="7"),),
    )
    shared: dict[str, Any] = {
        "prompt": asked,
        "images": (Image(content=b"picture", media_type="image/png", width=1, height=2),),
        "reference": ["4", 4],
        "references": {"caption": "four"},
        "task": "count",
        "metadata": {"source": {"row": number}},
    }
    samples = (
        Sample(completion="4", num_tokens=3, **shared),
        Sample(completion=(called,), **shared),
        Sample(completion="5", truncated=True, **shared),
    )
    group = Group(id=f"g-{number}", samples=samples, size=3, run=run, step=5)
    given = Score(value=1.0, confidence=0.9, detail={"answer": "4", "at": [1, 2]})
    none = Score.abstain(Reason.DEADLINE, why="late")
    rows = [[given] * 5, [none] * 5, [given] * 5]
    return Answered(
        group=group,
        ids=("a", "b", "c"),
        faults=(None, Reason.COMPLETION_TOO_LONG, None),
        scores=rows,
        reward=combine(PLAN, group, rows),
        scored_at_s=1_700_000_000.5,
    )


def told(*groups: Answered, detail: bool = True) -> tuple[Any, ...]:
    """What `write` is told of them."""
    recipe = plain_recipe(kept_recipe(PLAN, "sha256:x"))
    return [recipe], [(0, each.content(PLAN, detail=detail)) for each in groups]


def read(folder: Path) -> list[KeptGroup]:
    reader = Reader(folder)
    groups = list(reader.groups(Query(), pictures=True))
    reader.close()
    return groups


@pytest.mark.parametrize("texts", ["full", "hash", "none"])
def test_a_group_comes_out_as_it_was_scored(tmp_path: Path, texts: Texts) -> None:
    entry = scored()
    store = StoreProcess(Place(folder=tmp_path, bounds=NO_BOUNDS, texts=texts))
    try:
        assert store.write(*told(entry), detail=True).last == 1
    finally:
        store.close()
    (kept,) = read(tmp_path)
    right = settle_correctness(PLAN, entry.group, entry.scores)
    assert kept.group.correctness == right, "nobody asked for it, and the store has it"
    assert (kept.ids, kept.faults) == (entry.ids, entry.faults)
    assert (kept.weights, kept.interaction) == (entry.reward.weights, entry.reward.interaction)
    assert kept.recipe == kept_recipe(PLAN, "sha256:x")
    assert [(r.value, r.reason) for r in kept.rewards] == [
        (r.value, r.reason) for r in entry.reward.rewards
    ]
    values = [[score.value for score in reward.scores] for reward in kept.rewards]
    assert values == [[score.value for score in row] for row in entry.scores], "as given"
    if texts == "full":
        assert kept.group.samples == entry.group.samples
        assert kept.rewards[0].scores[0].detail == {"answer": "4", "at": [1, 2]}
    else:
        assert [sample.completion for sample in kept.group.samples] == ["", "", ""]
    assert len(kept.digests) == (0 if texts == "none" else 3)


def test_nothing_of_the_evidence_is_kept_where_it_is_left_out(tmp_path: Path) -> None:
    written = Written(tmp_path, NO_BOUNDS, "full")
    written.write(*told(scored(), detail=False))
    written.close()
    assert [score.detail for reward in read(tmp_path)[0].rewards for score in reward.scores] == (
        [{}] * 15
    )


@pytest.mark.parametrize(
    ("asked", "trouble", "why"),
    [
        (("open",), Trouble.FOREIGN, "another program's file has its place"),
        (("write", [], []), Trouble.FOREIGN, "the same, for what is written first"),
        (("write", [], [(0, ())]), None, "a group that is none is the group's fault"),
    ],
)
def test_what_cannot_be_done_is_told_by_what_is_at_fault(
    tmp_path: Path, asked: tuple[Any, ...], trouble: Trouble | None, why: str
) -> None:
    if trouble is not None:
        (tmp_path / "audit.sqlite").write_bytes(b"SQLite format 3\0" + bytes(4096))
    refused = answered(Written(tmp_path, NO_BOUNDS, "full"), asked)
    assert isinstance(refused, Refused)
    assert (refused.trouble is None) == (trouble is None), why


def test_a_refusal_quotes_nothing_of_a_group(tmp_path: Path) -> None:
    entry = scored()
    said = replace(entry.reward.rewards[0], value="a secret")  # type: ignore[arg-type]
    reward = replace(entry.reward, rewards=(said, *entry.reward.rewards[1:]))
    entry = replace(entry, reward=reward)
    refused = answered(Written(tmp_path, NO_BOUNDS, "full"), ("write", *told(entry)))
    assert isinstance(refused, Refused)
    assert refused.trouble is None
    assert "secret" not in refused.why


def test_a_probe_meets_the_disk_and_leaves_nothing(tmp_path: Path) -> None:
    written = Written(tmp_path, NO_BOUNDS, "full")
    written.write(*told(scored()))
    assert answered(written, ("probe", 1 << 20)) is None
    assert not (tmp_path / PROBE).exists()
    (tmp_path / PROBE).mkdir()
    assert isinstance(answered(written, ("probe", 1 << 20)), Refused)
    written.close()
    assert len(read(tmp_path)) == 1


def test_old_runs_leave_for_new_ones(tmp_path: Path) -> None:
    bounds = Bounds(max_days=1.0)
    written = Written(tmp_path, bounds, "full")
    written.write(*told(*(scored(n, run="old") for n in range(3))))
    now = scored(9, run="new")
    now = replace(now, scored_at_s=now.scored_at_s + 3 * 86_400.0)
    written.write(*told(now))
    assert written.trim(now.scored_at_s) == Trimmed(runs=1, over=False, more=False)
    written.close()
    assert [kept.group.run for kept in read(tmp_path)] == ["new"]


def test_a_process_that_is_killed_is_gone_and_what_it_wrote_is_there(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, bounds=NO_BOUNDS, texts="full")
    store = StoreProcess(place)
    store.write(*told(scored(1)), detail=True)
    os.kill(store._process.pid, signal.SIGTERM)
    store.write(*told(scored(2)), detail=True)
    os.kill(store._process.pid, signal.SIGKILL)
    with pytest.raises(GoneError):
        store.write(*told(scored(3)), detail=True)
    store.close()
    other = StoreProcess(place)
    other.write(*told(scored(4)), detail=True)
    other.close()
    assert [kept.group.id for kept in read(tmp_path)] == ["g-1", "g-2", "g-4"]


async def test_a_group_that_no_store_takes_is_left_out_alone(tmp_path: Path) -> None:
    groups = [scored(n) for n in range(4)]
    groups[1] = replace(groups[1], group=replace(groups[1].group, step=1 << 70))
    groups[2] = replace(groups[2], scored_at_s=math.nan)
    metrics = Metrics("0").audit
    keeper = Keeper(Settings(audit=tmp_path), metrics)
    await keeper.start()
    await keeper.keep([Entry.of(PLAN, "sha256:x", each) for each in groups], 0.0)
    await keeper.close()
    assert [kept.group.id for kept in read(tmp_path)] == ["g-0", "g-3"]
    assert metrics.dropped[DropCause.UNWRITABLE]._value.get() == 2
    assert not any(failed._value.get() for failed in metrics.failures.values())


class Deadly:
    """Evidence that ends whoever unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


async def test_a_group_that_ends_the_process_is_left_out_alone(tmp_path: Path) -> None:
    groups = [scored(n) for n in range(3)]
    score = Score(value=1.0, detail={"answer": Deadly()})
    groups[1] = replace(groups[1], scores=[[score] * 5] * 3)
    metrics = Metrics("0").audit
    keeper = Keeper(Settings(audit=tmp_path, audit_mode="strict"), metrics)
    await keeper.start()
    entries = [Entry.of(PLAN, "sha256:x", each) for each in groups]
    answers = await asyncio.gather(
        *(keeper.keep([each], later()) for each in entries), return_exceptions=True
    )
    await keeper.close()
    assert [answer is None for answer in answers] == [True, False, True]
    assert [kept.group.id for kept in read(tmp_path)] == ["g-0", "g-2"]
    assert metrics.dropped[DropCause.UNWRITABLE]._value.get() == 1


def test_two_processes_do_not_write_one_store(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, bounds=NO_BOUNDS, texts="full")
    first, second = StoreProcess(place), StoreProcess(place)
    try:
        first.open()
        with pytest.raises(StoreFaultError) as refused:
            second.open()
        assert refused.value.trouble is Trouble.HELD
        first.close()
        second.open()
        with pytest.raises(UnwritableError):
            second._asked("write", [], [(0, ())])
    finally:
        second.close()


def test_what_is_small_is_taken_apart_as_it_is_handed_over() -> None:
    small = Entry.of(PLAN, "sha256:x", scored())
    small.hand_over(detail=True)
    assert small.answered is None, "what it was made of is let go of"
    assert unpickled(small.content(detail=True))[0][0] == "g-0"


def test_what_is_large_or_cannot_be_taken_apart_waits_for_the_thread() -> None:
    sample = replace(scored().group.samples[0], completion="x" * SMALL_BYTES)
    large = replace(scored(), group=replace(scored().group, samples=(sample,) * 3))
    score = Score(value=1.0, detail={"answer": lambda: None})
    odd = replace(scored(), scores=[[score] * 5] * 3)
    for group in (large, odd):
        entry = Entry.of(PLAN, "sha256:x", group)
        entry.hand_over(detail=True)
        assert entry.answered is group
        assert entry.bytes > 0
    assert unpickled(entry.content(detail=False)), "without its evidence it can be kept"
