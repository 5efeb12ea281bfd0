"""The list of groups: every filter against a plain rereading of the groups themselves."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harmo.audit.read import Query, Reader
from harmo.audit.tables import Table
from harmo.console.model.group.kept import of_kept
from harmo.console.model.group.shown import Completion, Shown
from harmo.console.model.groups.address import asked_of
from harmo.console.model.groups.filters import FILTERS, ranked, with_reason
from harmo.console.model.groups.gather import Gathered, gathered
from harmo.console.model.groups.listed import Listed, Wanted, as_csv, listed, tallied
from harmo.console.model.groups.rows import lines
from harmo.scorers.types import Reason
from tests.audit.made import made_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("store"), groups=300, hostile=True)


@pytest.fixture(scope="module")
def shown(folder: Path) -> list[Shown]:
    return [of_kept(each) for each in Reader(folder).groups(Query())]


@pytest.fixture(scope="module")
def found(folder: Path) -> Gathered:
    return gathered(tables_of(folder), Query())


def tables_of(folder: Path, run: str | None = None) -> list[Table]:
    return list(Reader(folder).tables(Query(run=run)))


def pairs(rows: Listed) -> set[tuple[int, int]]:
    return set(zip(rows.number.tolist(), rows.place.tolist(), strict=True))


def paid_wrong(group: Shown, one: Completion) -> bool:
    return one.correct is False and one.advantage is not None and one.advantage > 1e-6


def inverted(group: Shown, one: Completion) -> bool:
    right = [c.reward for c in group.completions if c.correct and c.reward is not None]
    return (
        one.correct is False
        and one.reward is not None
        and bool(right)
        and (one.reward > min(right) + 1e-9)
    )


def abstained(group: Shown, one: Completion) -> bool:
    return one.reason is not None or any(cell.reason for cell in one.cells)


def zero_variance(group: Shown, one: Completion) -> bool:
    return group.teaches_nothing


def duplicates(group: Shown, one: Completion) -> bool:
    return sum(other.turns == one.turns for other in group.completions) > 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paid_wrong", paid_wrong),
        ("inverted", inverted),
        ("abstained", abstained),
        ("zero_variance", zero_variance),
        ("duplicates", duplicates),
        ("truncated", lambda group, one: one.truncated),
        ("longest", lambda group, one: one.tokens is not None),
        ("all", lambda group, one: True),
    ],
)
def test_a_filter_lists_what_its_sentence_says(
    name: str,
    expected: Callable[[Shown, Completion], bool],
    shown: list[Shown],
    found: Gathered,
) -> None:
    rows = listed(found.blocks, Wanted(filter=name, by="completion"))
    wanted = {(g.source.number, c.place) for g in shown for c in g.completions if expected(g, c)}
    assert pairs(rows) == wanted


@pytest.mark.parametrize("name", list(FILTERS))
@pytest.mark.parametrize("by", ["group", "completion"])
def test_the_worst_stands_first(name: str, by: str, found: Gathered) -> None:
    rows = listed(found.blocks, Wanted(filter=name, by=by))
    bad = np.nan_to_num(rows.bad, nan=-np.inf)
    assert (bad[:-1] >= bad[1:]).all()


@pytest.mark.parametrize("name", list(FILTERS))
def test_a_group_is_listed_once_with_how_many_of_its_completions_are(
    name: str, found: Gathered
) -> None:
    completions = listed(found.blocks, Wanted(filter=name, by="completion"))
    groups = listed(found.blocks, Wanted(filter=name))
    assert len(set(groups.number.tolist())) == len(groups)
    assert groups.found.sum() == len(completions)
    assert set(groups.number.tolist()) == set(completions.number.tolist())


def test_a_groups_row_has_its_mean_reward(shown: list[Shown], found: Gathered) -> None:
    means = {group.source.number: group.mean for group in shown}
    rows = listed(found.blocks, Wanted(filter="all"))
    for number, mean in zip(rows.number.tolist(), rows.reward.tolist(), strict=True):
        expected = means[number]
        assert math.isnan(mean) if expected is None else mean == pytest.approx(expected)


def test_a_model_that_contradicts_a_rule_is_listed(found: Gathered) -> None:
    rows = listed(found.blocks, Wanted(filter="disagree", by="completion"))
    [block] = found.blocks
    ranks = ranked(block.scores_NK[:, 0])
    place = {
        (int(block.numbers_G[g]), int(p)): i
        for i, (g, p) in enumerate(zip(block.group_N, block.place_N, strict=True))
    }
    assert len(rows) > 0
    for pair in pairs(rows):
        i = place[pair]
        assert ranks[i] >= 0.9 if block.rule_N[i] == 0 else ranks[i] <= 0.1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.5, 0.9], [0.0, 0.5, 1.0]),
        ([0.5, 0.5], [0.5, 0.5]),
        ([0.1, math.nan, 0.9], [0.0, math.nan, 1.0]),
        ([0.3], [math.nan]),
        ([], []),
        ([1.0, 1.0, 2.0, 3.0], [1 / 6, 1 / 6, 2 / 3, 1.0]),
    ],
)
def test_ranks_are_shares_of_the_others(values: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(ranked(np.array(values)), expected)


def test_a_reason_narrows_a_list_to_where_it_is_given(shown: list[Shown], found: Gathered) -> None:
    wanted = Wanted(filter="abstained", by="completion", reason=Reason.NO_CONSTRAINTS)
    expected = {
        (g.source.number, c.place)
        for g in shown
        for c in g.completions
        if any(cell.reason == "no_constraints" for cell in c.cells)
    }
    assert pairs(listed(found.blocks, wanted)) == expected
    [block] = found.blocks
    assert not with_reason(block, Reason.NO_CONSTRAINTS, "answer").any()


def test_a_column_that_no_recipe_has_lists_nothing(found: Gathered) -> None:
    for name in FILTERS:
        wanted = Wanted(filter=name, column="=cmd()", by="completion")
        assert len(listed(found.blocks, wanted)) == 0


def test_pages_are_the_list_in_pieces(found: Gathered) -> None:
    rows = listed(found.blocks, Wanted(filter="all"))
    numbers = [n for page in range(1, 8) for n in rows.page(page).number.tolist()]
    assert numbers == rows.number.tolist()
    assert len(rows.page(999)) == 0


def test_the_neighbours_of_a_group_are_other_groups(found: Gathered) -> None:
    rows = listed(found.blocks, Wanted(filter="paid_wrong", by="completion"))
    at = rows.number[len(rows) // 2]
    behind, before = rows.beside(int(at), 1), rows.beside(int(at), -1)
    assert behind is not None
    assert before is not None
    assert at not in (behind[0], before[0])
    assert rows.beside(10**9, 1) is None


def test_neighbours_in_a_run_go_by_number(found: Gathered) -> None:
    assert found.beside(1, -1) is None
    assert found.beside(1, 1) == 2
    assert found.beside(300, 1) is None
    assert found.beside(300, -1) == 299


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    made_store(tmp_path, groups=1)
    found = gathered(tables_of(tmp_path, "no such"), Query())
    for name in FILTERS:
        for by in ("group", "completion"):
            assert len(listed(found.blocks, Wanted(filter=name, by=by))) == 0
    assert found.beside(1, 1) is None
    assert found.columns == ()


@pytest.mark.parametrize(
    "query",
    [
        Query(split="eval"),
        Query(steps=(3, 7)),
        Query(steps=(None, 0)),
        Query(task="numeric"),
        Query(split="train", steps=(5, None), task="math"),
        Query(split="no such"),
    ],
)
def test_a_query_finds_what_the_store_finds(folder: Path, query: Query, found: Gathered) -> None:
    kept = list(Reader(folder).groups(query, texts=False))
    part = gathered(tables_of(folder), query)
    assert part.numbers.tolist() == [each.number for each in kept]
    wanted = Wanted(filter="abstained", by="completion", reason=Reason.NO_CONSTRAINTS)
    numbers = set(part.numbers.tolist())
    expected = {pair for pair in pairs(listed(found.blocks, wanted)) if pair[0] in numbers}
    assert pairs(listed(part.blocks, wanted)) == expected


def test_rows_have_short_texts_of_whoever_wrote_them(folder: Path, found: Gathered) -> None:
    rows = listed(found.blocks, Wanted(filter="all", by="completion")).page(1)
    reader = Reader(folder)
    groups = {n: of_kept(kept) for n in set(rows.number.tolist()) if (kept := reader.group(n))}
    shown = lines(rows, groups)
    assert len(shown) == len(rows)
    assert all(len(each.answer) <= 200 and len(each.prompt) <= 160 for each in shown)
    assert lines(rows, {}) == []


def test_a_list_is_a_csv_of_numbers(found: Gathered) -> None:
    rows = listed(found.blocks, Wanted(filter="paid_wrong"))
    read = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert [int(each["group"]) for each in read] == rows.number.tolist()
    assert float(read[0]["measure"]) == pytest.approx(float(rows.bad[0]))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        ({"filter": "paid_wrong", "run": "exp-2"}, {"filter": "paid_wrong", "run": "exp-2"}),
        ({"steps": "3:9"}, {"steps": "3:9"}),
        ({"steps": "3:"}, {"steps": "3:"}),
        ({"steps": "3"}, {"steps": "3"}),
        ({"steps": "a:-1"}, {}),
        ({"filter": "nonsense", "by": "x", "sort": "x", "reason": "x", "page": "x"}, {}),
        ({"page": "0"}, {}),
        (
            {"page": "3", "by": "completion", "sort": "step"},
            {"page": 3, "by": "completion", "sort": "step"},
        ),
        ({"column": "<script>"}, {"column": "<script>"}),
        ({"reason": "no_task"}, {"reason": "no_task"}),
        ({"id": " 7 "}, {"id": "7"}),
    ],
)
def test_an_address_names_a_list_and_back(
    query: dict[str, str], expected: dict[str, object]
) -> None:
    assert asked_of(query).address() == expected


@pytest.mark.parametrize(
    ("query", "usual", "split", "why"),
    [
        ({}, "train", "train", "what is trained on, where nothing is asked"),
        ({}, None, None, "all, where nothing is trained on"),
        ({"split": "eval"}, "train", "eval", "as asked"),
        ({"split": "all"}, "train", None, "all, as asked"),
        ({"id": "7"}, "train", None, "a group that is searched may be of any"),
    ],
)
def test_a_list_is_of_what_is_trained_on_until_asked_otherwise(
    query: dict[str, str], usual: str | None, split: str | None, why: str
) -> None:
    assert asked_of(query).query(usual).split == split, why


def test_a_tally_counts_what_is_listed(found: Gathered) -> None:
    for by in ("group", "completion"):
        tally = tallied(found.blocks, by, without={"duplicates"})
        assert "duplicates" not in tally
        for name, count in tally.items():
            assert count == len(listed(found.blocks, Wanted(filter=name, by=by))), (name, by)
