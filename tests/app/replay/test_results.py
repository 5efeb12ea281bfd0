"""Scores on disk: what goes in comes out, and what does not fit is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from harmo.app.replay.results import APPLICATION_ID, FILE, Result, Results, ResultsError
from harmo.scorers.types import Group, Reason, Sample, Score
from tests.app.replay.groups import kept, plan_of

SCORES = [
    Score(value=0.1 + 0.2, confidence=0.3),
    Score.abstain(Reason.NO_REFERENCE),
    Score(value=-1e12),
]


@pytest.fixture
def results(tmp_path: Path):
    opened = Results(tmp_path / "to", tmp_path / "store")
    yield opened
    opened.close()


def group(number: int, scored_at_s: float = 5.0):
    from dataclasses import replace

    plan = plan_of()
    count = len(SCORES)
    rows = [[Score(value=1.0)] * len(plan.columns)] * count
    samples = (Sample(num_tokens=3),) * count
    made = kept(plan, Group(id="g", samples=samples, size=count), rows)
    return replace(made, number=number, scored_at_s=scored_at_s)


def save(results: Results, number: int, scores=SCORES, key: str = "a") -> None:
    column = results.column(key)
    results.save([Result(column=column, number=number, scored_at_s=5.0, scores=scores)])


def done(results: Results, *numbers: int, key: str = "a", at_s: float = 5.0) -> list[bool]:
    found = results.column(key).done(np.array(numbers), np.full(len(numbers), at_s))
    return found.tolist()


def test_scores_come_out_as_they_went_in(results):
    save(results, 3)
    assert results.column("a").scores(group(3)) == SCORES


def test_what_is_not_there_is_none(results):
    save(results, 3)
    assert results.column("a").scores(group(4)) is None
    assert results.column("b").scores(group(3)) is None
    assert results.column("a").scores(group(3, scored_at_s=6.0)) is None, "of another store"


def test_it_is_known_which_groups_are_done(results):
    assert done(results, 1, 2) == [False, False]
    for number in (1, 4, 9):
        save(results, number)
    assert done(results, 1, 2, 4, 9, 12) == [True, False, True, True, False]
    assert done(results, 1, 4, key="b") == [False, False]
    assert done(results, 1, 4, at_s=6.0) == [False, False], "of another store"


def test_what_the_service_failed_at_is_not_done_but_is_there(results):
    late = [Score.abstain(Reason.DEADLINE)] * len(SCORES)
    save(results, 1, late)
    save(results, 2, [Score.abstain(Reason.NO_REFERENCE)] * len(SCORES))
    assert done(results, 1, 2) == [False, True]
    assert results.column("a").scores(group(1)) == late
    save(results, 1, [Score(value=1.0)])
    assert done(results, 1, 2) == [True, True]


def test_a_later_process_goes_on(results, tmp_path):
    save(results, 3)
    again = Results(tmp_path / "to", tmp_path / "store")
    save(again, 4, key="b")
    save(again, 5)
    assert done(again, 3, 5) == done(results, 3, 5) == [True, True]
    again.close()


def test_scores_are_kept_together_or_not_at_all(results):
    column = results.column("a")
    broken = Result(column=column, number="no number", scored_at_s=None, scores=SCORES)
    fine = Result(column=column, number=1, scored_at_s=5.0, scores=SCORES)
    with pytest.raises(ResultsError, match="scored_at_s"):
        results.save([fine, broken])
    assert done(results, 1) == [False]
    save(results, 1)
    assert done(results, 1) == [True]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="--to"):
        Results(tmp_path / "file" / "to", tmp_path / "store")


def test_a_file_of_another_kind_or_version_is_left_alone(tmp_path):
    for number, version in ((7, 1), (APPLICATION_ID, 99)):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        other = sqlite3.connect(folder / FILE)
        other.execute(f"PRAGMA application_id={number}")
        other.execute(f"PRAGMA user_version={version}")
        other.commit()
        other.close()
        with pytest.raises(ResultsError, match="not of this version"):
            Results(folder, tmp_path / "store")


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(ResultsError, match="--to"):
        Results(tmp_path, tmp_path / "store")


@pytest.mark.parametrize(
    "damage",
    [
        ("cells = x'00112233'", "no numbers"),
        ("cells = substr(cells, 1, 16)", "of fewer completions"),
        ('reasons = \'{"0": "nonsense"}\'', "no reason of ours"),
        ("reasons = 'not json'", "no JSON"),
        ("reasons = '[1]'", "JSON of another form"),
        ("cells = zeroblob(length(cells) - 1) || x'ff'", "a confidence that is none"),
    ],
    ids=lambda row: row[1],
)
def test_scores_that_were_damaged_are_named_with_what_to_do(results, tmp_path, damage):
    save(results, 3)
    with sqlite3.connect(tmp_path / "to" / FILE) as other:
        other.execute(f"UPDATE scores SET {damage[0]}")
    with pytest.raises(ResultsError, match=r"scores\.sqlite: .*; delete it, or name another"):
        results.column("a").scores(group(3))


def test_tables_that_are_gone_are_named_whatever_is_asked(results, tmp_path):
    column = results.column("a")
    with sqlite3.connect(tmp_path / "to" / FILE) as other:
        other.execute("DROP TABLE scores")
    for ask in (
        lambda: column.done(np.array([3]), np.array([5.0])),
        lambda: column.scores(group(3)),
        lambda: save(results, 3),
    ):
        with pytest.raises(ResultsError, match="no such table"):
            ask()
