from __future__ import annotations

import random
import string
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.audit.prune import Bounds, Pruned, prune, used, would_prune
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.audit.rows import DAY_S
from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from harmo.scorers.types import Image, Sample
from tests.audit.test_killed import is_whole
from tests.audit.test_round_trip import kept

NOW_S = 20_000 * DAY_S + 50_000.0


def of(run: str | None, days_ago: float, count: int = 1, *, size: int = 2000) -> list[KeptGroup]:
    """Groups of a run, of about so many bytes each, however well they are compressed."""
    made, draw = [], random.Random(f"{run} {days_ago}")
    for k in range(count):
        text = "".join(draw.choices(string.printable, k=size))
        group = kept(Sample(prompt=f"{run} {k}", completion=text))
        made.append(
            replace(
                group,
                scored_at_s=NOW_S - days_ago * DAY_S,
                group=replace(group.group, run=run),
            )
        )
    return made


def store(folder: Path, *batches: list[KeptGroup]) -> Writer:
    writer = Writer(folder)
    for batch in batches:
        writer.write(batch)
    return writer


def runs(folder: Path) -> list[str]:
    with closing(Reader(folder)) as reader:
        found = [run.run for run in reader.runs()]
        groups = {kept.group.run or "" for kept in reader.groups(Query(), texts=False)}
    assert set(found) == groups
    return found


def dropped(pruned: Pruned) -> list[tuple[str, int]]:
    return [(unit.run, unit.day) for unit in pruned.dropped]


AGES = [
    ("nothing is as old", 30, ["new", "old", "older"]),
    ("a run is as old as its last group", 5, ["new", "old"]),
    ("one is", 3, ["new"]),
    ("even the run written last", 0.5, []),
]


@pytest.mark.parametrize(("why", "days", "left"), AGES, ids=[why for why, *_ in AGES])
def test_runs_leave_whole_by_age(tmp_path: Path, why: str, days: float, left: list[str]) -> None:
    writer = store(
        tmp_path, of("older", 9), of("old", 20), of("old", 4), of("older", 6), of("new", 1)
    )
    pruned = prune(writer, Bounds(max_days=days), now_s=NOW_S)
    assert runs(tmp_path) == left
    assert sorted(unit.run for unit in pruned.dropped) == sorted({"older", "old", "new"} - {*left})
    assert not pruned.over
    is_whole(tmp_path)


def test_runs_leave_by_bytes_the_oldest_first_until_the_rest_fits(tmp_path: Path) -> None:
    writer = store(tmp_path, of("b", 3, 40), of("a", 5, 40), of("c", 1, 40))
    size = used(writer)
    assert dropped(prune(writer, Bounds(max_bytes=size), now_s=NOW_S)) == []
    pruned = prune(writer, Bounds(max_bytes=size - 1), now_s=NOW_S)
    assert dropped(pruned) == [("a", 0)]
    assert pruned.bytes < 0.85 * size
    assert runs(tmp_path) == ["c", "b"]
    is_whole(tmp_path)


def test_the_run_written_last_stays_and_whoever_writes_is_told(tmp_path: Path) -> None:
    writer = store(tmp_path, of("a", 5, 40), of("b", 1, 40))
    pruned = prune(writer, Bounds(max_bytes=1000), now_s=NOW_S)
    assert dropped(pruned) == [("a", 0)]
    assert pruned.over
    assert pruned.bytes > 1000
    assert runs(tmp_path) == ["b"]


def test_groups_without_a_run_leave_by_day(tmp_path: Path) -> None:
    writer = store(tmp_path, *(of(None, days) for days in (3.0, 2.9, 2.0, 1.0, 0.0)))
    pruned = prune(writer, Bounds(max_days=1.9), now_s=NOW_S)
    assert dropped(pruned) == [("", 19_997), ("", 19_998)]
    assert [unit.groups for unit in pruned.dropped] == [2, 1]
    with closing(Reader(tmp_path)) as reader:
        (left,) = reader.runs()
        assert (left.run, left.groups) == ("", 2)


def test_the_file_gets_smaller(tmp_path: Path) -> None:
    writer = store(tmp_path, of("a", 5, 400), of("b", 1, 10))
    writer.shrink(0)
    before = (tmp_path / FILE).stat().st_size
    pruned = prune(writer, Bounds(max_bytes=1000), now_s=NOW_S)
    after = (tmp_path / FILE).stat().st_size
    assert after < before / 5
    assert after == pruned.bytes
    is_whole(tmp_path)


def test_what_groups_share_stays_as_long_as_one_needs_it(tmp_path: Path) -> None:
    picture = Image(content=b"png" * 100, media_type="image/png", width=1, height=1)

    def group(run: str, prompt: str) -> KeptGroup:
        made = kept(Sample(prompt=prompt, images=(picture,)))
        days = {"a": 3, "b": 2, "c": 1}[run]
        return replace(made, group=replace(made.group, run=run), scored_at_s=NOW_S - days * DAY_S)

    writer = store(tmp_path, [group("a", "both"), group("a", "only a")])
    writer.write([group("b", "both"), group("c", "only c")])
    for days, contents in ((2.5, 3), (1.5, 2), (0.5, 0)):
        prune(writer, Bounds(max_days=days), now_s=NOW_S)
        is_whole(tmp_path)
        with writer.transaction() as db:
            assert db.execute("SELECT count(*) FROM blobs").fetchone() == (contents,)
        with closing(Reader(tmp_path)) as reader:
            for kept_group in reader.groups(Query(), pictures=True):
                assert kept_group.group.samples[0].images[0].content == picture.content
    writer.write([group("c", "both")])
    is_whole(tmp_path)


def test_between_two_slices_the_writer_writes_and_what_it_writes_stays(tmp_path: Path) -> None:
    writer, written = store(tmp_path, of("a", 5, 600, size=10), of("b", 1)), list[int]()

    def between() -> bool:
        written.extend(writer.write(of("a", 0, size=10)))
        return True

    pruned = prune(writer, Bounds(max_days=2), now_s=NOW_S, between=between)
    assert dropped(pruned) == [("a", 0)]
    assert len(written) > 3
    with closing(Reader(tmp_path)) as reader:
        assert [kept.number for kept in reader.groups(Query(run="a"))] == written
        (run,) = (run for run in reader.runs() if run.run == "a")
    assert run.groups == len(written)
    assert run.began_s == NOW_S
    is_whole(tmp_path)


def test_it_stops_where_it_is_told_to_and_goes_on_from_there(tmp_path: Path) -> None:
    writer = store(tmp_path, of("a", 5, 600, size=10), of("b", 1))

    def stop() -> bool:
        return False

    pruned = prune(writer, Bounds(max_days=2), now_s=NOW_S, between=stop)
    assert pruned.dropped == ()
    with closing(Reader(tmp_path)) as reader:
        assert 0 < len(list(reader.groups(Query(run="a"), texts=False))) < 600
    assert dropped(prune(writer, Bounds(max_days=2), now_s=NOW_S)) == [("a", 0)]
    assert runs(tmp_path) == ["b"]


def test_numbers_of_what_left_are_not_given_again(tmp_path: Path) -> None:
    writer = store(tmp_path, of("a", 5, 3))
    prune(writer, Bounds(max_days=1), now_s=NOW_S)
    assert writer.write(of("b", 0)) == [4]


def test_readers_read_on_while_runs_leave(tmp_path: Path) -> None:
    writer = store(tmp_path, of("a", 5, 300, size=10), of("b", 1, 300, size=10))
    with closing(Reader(tmp_path)) as reader:
        found = reader.groups(Query())
        first = [next(found).number for _ in range(10)]
        prune(writer, Bounds(max_days=2), now_s=NOW_S)
        rest = [kept.number for kept in found]
    assert first == list(range(1, 11))
    # What was read already is still given, then what is there.
    assert set(range(301, 601)) <= set(rest)


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(max_bytes=1 << 40, max_days=1e6)])
def test_without_bounds_nothing_leaves(tmp_path: Path, bounds: Bounds) -> None:
    writer = store(tmp_path, of("a", 500), of(None, 400), of("b", 0))
    pruned = prune(writer, bounds, now_s=NOW_S)
    assert pruned == Pruned(dropped=(), bytes=used(writer), over=False)
    assert len(runs(tmp_path)) == 3


def test_an_empty_store_is_pruned_to_itself(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    assert prune(writer, Bounds(max_bytes=1, max_days=0.0), now_s=NOW_S).over
    assert prune(writer, Bounds(max_bytes=1 << 20), now_s=NOW_S).dropped == ()


def test_what_was_written_last_stays_though_the_clock_went_back(tmp_path: Path) -> None:
    with closing(store(tmp_path, of("old", 1, 40), of("new", 30, 40))) as writer:
        pruned = prune(writer, Bounds(max_bytes=used(writer) - 1), now_s=NOW_S)
        assert [unit.run for unit in pruned.dropped] == ["old"]
        assert prune(writer, Bounds(max_bytes=1), now_s=NOW_S).over
    assert runs(tmp_path) == ["new"]


def test_the_sums_hold_where_a_prune_was_cut_short(tmp_path: Path) -> None:
    with closing(store(tmp_path, of("old", 9, 300, size=50), of("new", 1))) as writer:
        prune(writer, Bounds(max_days=5), now_s=NOW_S, between=lambda: False)
    with closing(Reader(tmp_path)) as reader:
        (old,) = [run for run in reader.runs() if run.run == "old"]
        there = list(reader.groups(Query(run="old"), texts=False))
    assert 0 < len(there) < 300
    assert (old.groups, old.completions, old.scored) == (len(there),) * 3


def test_a_run_of_which_nothing_is_left_is_none(tmp_path: Path) -> None:
    with closing(store(tmp_path, of("old", 9, 3), of("new", 1))) as writer:
        prune(writer, Bounds(max_days=5), now_s=NOW_S, between=lambda: False)
    assert runs(tmp_path) == ["new"]


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(max_bytes=1000),
        Bounds(max_bytes=1 << 20),
        Bounds(max_bytes=2 << 20, max_days=6.5),
        Bounds(max_days=2),
        Bounds(max_days=100),
    ],
    ids=str,
)
def test_a_rehearsal_says_exactly_what_then_leaves_and_leaves_no_trace(
    tmp_path: Path, bounds: Bounds
) -> None:
    made = [of(run, days, 150, size=5000) for run, days in (("a", 7), ("b", 3), (None, 2.5))]
    with closing(store(tmp_path, *made, of("a", 6, 20), of("c", 1, 20))) as writer:
        before = read(tmp_path)
        would = would_prune(writer, bounds, now_s=NOW_S)
        assert read(tmp_path) == before
        assert would_prune(writer, bounds, now_s=NOW_S) == would
        does = prune(writer, bounds, now_s=NOW_S)
        assert (would.dropped, would.over) == (does.dropped, does.over)
        assert writer.write(of("d", 0)) == [491], "no number was used up"
    is_whole(tmp_path)


def read(folder: Path) -> tuple[object, ...]:
    with closing(Reader(folder)) as reader:
        return reader.runs(), list(reader.groups(Query()))
