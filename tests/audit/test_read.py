from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harmo.audit.read import Query, Reader, Table
from harmo.audit.records import KeptGroup
from harmo.audit.spans import recount
from harmo.audit.write import Writer
from harmo.scorers.types import ZERO_VARIANCE, Reason
from tests.audit.made import kept_recipe, made_groups, made_plan, made_store


@pytest.fixture(scope="module")
def groups() -> list[KeptGroup]:
    """Two runs and some groups without one, under two versions of a recipe."""
    made = list(made_groups(groups=300, siblings=4))
    other = replace(kept_recipe(made_plan()), scorer_version="sha256:other")
    nameless = [replace(g, group=replace(g.group, run=None, step=None)) for g in made[20:40]]
    later = [replace(g, recipe=other) if k % 3 == 0 else g for k, g in enumerate(made[150:])]
    return [*made[:150], *nameless, *later]


@pytest.fixture(scope="module")
def reader(groups: list[KeptGroup], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("read")
    writer = Writer(folder)
    for k in range(0, len(groups), 50):
        writer.write(groups[k : k + 50])
    reader = Reader(folder)
    yield reader
    reader.close()
    writer.close()


def abstained(kept: KeptGroup, reason: Reason, column: str | None) -> bool:
    names = [c.name for c in kept.recipe.columns]
    for reward, fault in zip(kept.rewards, kept.faults, strict=True):
        found = {name: s.reason for name, s in zip(names, reward.scores, strict=True)}
        found["reward"] = reward.reason
        if column is None and (reason in found.values() or fault is reason):
            return True
        if column is not None and found.get(column) is reason:
            return True
    return False


QUERIES = {
    "all": (Query(), lambda g: True),
    "a run": (Query(run="exp-1"), lambda g: g.group.run == "exp-1"),
    "none of that name": (Query(run="exp-9"), lambda g: False),
    "without a run": (Query(run=""), lambda g: g.group.run is None),
    "a split": (Query(split="eval"), lambda g: g.group.split == "eval"),
    "steps": (Query(steps=(3, 5)), lambda g: g.group.step in (3, 4, 5)),
    "from a step": (Query(steps=(12, None)), lambda g: (g.group.step or 0) >= 12),
    "to a step": (Query(steps=(None, 0)), lambda g: g.group.step == 0),
    "no step is between": (Query(steps=(5, 3)), lambda g: False),
    "a task": (Query(task="numeric"), lambda g: g.group.samples[0].task == "numeric"),
    "a recipe's name": (Query(recipe="kept"), lambda g: True),
    "a recipe's version": (Query(recipe=made_plan().version), lambda g: True),
    "no such recipe": (Query(recipe="math"), lambda g: False),
    "a column": (Query(column="answer"), lambda g: True),
    "no such column": (Query(column="rule.math"), lambda g: False),
    "a reason": (
        Query(reason=Reason.NO_REFERENCE),
        lambda g: abstained(g, Reason.NO_REFERENCE, None),
    ),
    "a reason of a column": (
        Query(reason=Reason.NO_REFERENCE, column="model.similarity"),
        lambda g: abstained(g, Reason.NO_REFERENCE, "model.similarity"),
    ),
    "a reason of the reward": (
        Query(reason=Reason.DEADLINE, column="reward"),
        lambda g: abstained(g, Reason.DEADLINE, "reward"),
    ),
    "a reason that nobody gave": (Query(reason=Reason.WORKER_CRASHED), lambda g: False),
    "all at once": (
        Query(run="exp-2", split="train", steps=(1, 14), task="math", reason=Reason.NO_CONSTRAINTS),
        lambda g: (
            g.group.run == "exp-2"
            and g.group.split == "train"
            and 1 <= g.group.step <= 14
            and g.group.samples[0].task == "math"
            and abstained(g, Reason.NO_CONSTRAINTS, None)
        ),
    ),
}


@pytest.mark.parametrize(("query", "fits"), QUERIES.values(), ids=QUERIES.keys())
@pytest.mark.parametrize("after", [0, 170, 10_000])
def test_a_query_finds_what_fits_it_in_order(reader, groups, query, fits, after) -> None:
    query = replace(query, after=after)
    wanted = [n for n, g in enumerate(groups, 1) if fits(g) and n > after]
    assert [g.number for g in reader.groups(query, texts=False)] == wanted
    if not after:
        assert [g.number for g in reader.groups(query)] == wanted
    tables = [table.numbers_G.tolist() for table in reader.tables(query)]
    assert sorted(itertools.chain(*tables)) == wanted


def test_runs_come_last_written_first_with_what_they_came_to(reader, groups) -> None:
    by_run = {}
    for g in groups:
        by_run.setdefault(g.group.run or "", []).append(g)
    found = {run.run: run for run in reader.runs()}
    assert list(found) == ["exp-2", "exp-1", ""]
    for name, of_run in by_run.items():
        run = found[name]
        rewards = [[r.value for r in g.rewards if r.value is not None] for g in of_run]
        several = [values for values in rewards if len(values) > 1]
        steps = [g.group.step for g in of_run if g.group.step is not None]
        last = [
            value
            for g, values in zip(of_run, rewards, strict=True)
            for value in values
            if g.group.split == "train" and g.group.step == (max(steps) if steps else None)
        ]
        assert run.groups == len(of_run)
        assert run.completions == sum(len(g.rewards) for g in of_run)
        assert run.scored == sum(map(len, rewards))
        assert run.comparable == len(several)
        assert run.zero_variance == sum(max(v) - min(v) < ZERO_VARIANCE for v in several)
        assert (run.first_step, run.last_step) == ((0, max(steps)) if steps else (None, None))
        assert run.began_s == min(g.scored_at_s for g in of_run)
        assert run.last_s == max(g.scored_at_s for g in of_run)
        assert run.mean == pytest.approx(sum(last) / len(last))
        assert run.recipes == ("kept",)
        assert run.splits == tuple(dict.fromkeys(g.group.split for g in of_run))
        assert run.bytes > 0


def test_summing_up_anew_comes_to_the_same(reader, groups, tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    for k in range(0, len(groups), 7):
        writer.write(groups[k : k + 7])
    copy = Reader(tmp_path)
    before = copy.runs()
    with writer.transaction() as db:
        days = db.execute("SELECT DISTINCT run, day FROM spans").fetchall()
        for run, day in days:
            recount(db, run, day)
    for one, other in zip(before, copy.runs(), strict=True):
        assert replace(one, mean=0.0) == replace(other, mean=0.0)
        assert one.mean == pytest.approx(other.mean)
    assert [run.run for run in before] == [run.run for run in reader.runs()]


def test_recipes_come_in_the_order_of_first_use(reader) -> None:
    versions = [kept_recipe(made_plan()).scorer_version, "sha256:other"]
    assert [r.scorer_version for r in reader.recipes()] == versions
    assert len(reader.recipes("exp-1")) == 1
    assert len(reader.recipes("exp-2")) == 2
    assert reader.recipes("exp-9") == []
    assert reader.recipes()[0].columns == kept_recipe(made_plan()).columns


def test_tables_say_what_groups_say(reader) -> None:
    tables = list(reader.tables(Query()))
    assert [t.recipe.scorer_version for t in tables] == [r.scorer_version for r in reader.recipes()]
    for table in tables:
        for place, number in enumerate(table.numbers_G.tolist()):
            kept = reader.group(number)
            assert kept is not None
            agrees(table, place, kept)


def agrees(table: Table, place: int, kept: KeptGroup) -> None:
    (rows,) = np.nonzero(table.group_N == place)
    assert kept.recipe == table.recipe
    assert len(rows) == len(kept.rewards)
    assert table.sizes_G[place] == kept.group.size
    assert table.runs_G[place] == (kept.group.run or "")
    assert table.splits_G[place] == kept.group.split
    assert table.tasks_G[place] == kept.group.samples[0].task
    assert table.scored_at_s_G[place] == kept.scored_at_s
    assert same(table.steps_G[place], kept.group.step)
    assert tuple(table.weights_GC[place]) == kept.weights
    for n, sample, right, reward in zip(
        rows, kept.group.samples, kept.group.correctness, kept.rewards, strict=True
    ):
        assert same(table.rewards_N[n], reward.value)
        assert same(table.correct_N[n], right)
        assert same(table.tokens_N[n], sample.num_tokens)
        assert table.truncated_N[n] == sample.truncated
        assert tuple(table.contributions_NC[n]) == reward.contributions
        for k, score in enumerate(reward.scores):
            assert same(table.scores_NK[n, k], score.value)
            assert table.confidences_NK[n, k] == score.confidence
    wanted = {
        (n, k, reason)
        for n, reward, fault in zip(rows.tolist(), kept.rewards, kept.faults, strict=True)
        for k, reason in [
            (-2, fault),
            (-1, reward.reason),
            *((k, score.reason) for k, score in enumerate(reward.scores)),
        ]
        if reason is not None
    }
    assert {each for each in table.reasons if each[0] in set(rows.tolist())} == wanted


def same(number: float, value: float | None) -> bool:
    return math.isnan(number) if value is None else number == value


def test_tables_come_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harmo.audit.read.MAX_GROUPS", 64)
    made_store(tmp_path, groups=150, siblings=2)
    tables = list(Reader(tmp_path).tables(Query()))
    assert [len(table.numbers_G) for table in tables] == [64, 64, 22]
    monkeypatch.setattr("harmo.audit.read.MAX_SAMPLES", 100)
    tables = list(Reader(tmp_path).tables(Query()))
    assert sum(len(table.numbers_G) for table in tables) == 150
    assert all(len(table.rewards_N) <= 100 + 1 for table in tables)


def test_groups_read_while_more_are_written_are_the_groups_there_are(tmp_path: Path) -> None:
    made = list(made_groups(groups=200, siblings=2))
    writer = Writer(tmp_path)
    writer.write(made[:150])
    found = Reader(tmp_path).groups(Query(), texts=False)
    first = [next(found).number for _ in range(140)]
    writer.write(made[150:])
    assert [*first, *(g.number for g in found)] == list(range(1, 201))


def test_a_reader_between_two_pages_does_not_hold_up_the_log(tmp_path: Path) -> None:
    made = list(made_groups(groups=150, siblings=2))
    writer = Writer(tmp_path)
    writer.write(made)
    found = Reader(tmp_path).groups(Query())
    next(found)
    writer.write(made)
    busy, log, moved = writer._db().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    assert (busy, log) == (0, moved)


def test_runs_are_listed_from_few_rows_however_many_groups_there_are(reader) -> None:
    plan = reader._db.execute("EXPLAIN QUERY PLAN SELECT * FROM spans ORDER BY began_s").fetchall()
    assert all("groups" not in row["detail"] for row in plan)
    asked = "SELECT * FROM groups WHERE number > 0 AND run = 'x' AND step >= 1 ORDER BY number"
    (plan,) = reader._db.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    assert "groups_of_run (run=? AND number>?)" in plan["detail"]
