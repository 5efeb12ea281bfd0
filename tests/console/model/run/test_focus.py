"""One column of a run alone."""

from __future__ import annotations

import numpy as np
import pytest

from harmo.audit.read import Reader
from harmo.console.model.history import History, grown
from harmo.console.model.run.board import board
from harmo.console.model.run.seen import seen_of
from tests.audit.made import made_store

ALL = (None, None)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return grown(Reader(made_store(tmp_path_factory.mktemp("store"), groups=400)), "exp-2")


@pytest.mark.parametrize("steps", [ALL, (3, 12)])
def test_what_columns_paid_adds_up_to_the_reward(
    history: History, steps: tuple[int | None, int | None]
) -> None:
    names = [column.name for column in history.tables[0].recipe.columns]
    seen, _ = seen_of(history, "train", steps)
    paid = np.zeros(len(seen.curves.at.last_B))
    for name in names:
        focus = seen_of(history, "train", steps, name)[0].focus
        assert focus is not None
        paid += focus.paid.mean_B
    np.testing.assert_allclose(paid, seen.curves.reward.mean_B, atol=1e-6)


def test_what_it_did_not_score_is_by_reason(history: History) -> None:
    seen, _ = seen_of(history, "train", ALL, "aspect.ifeval")
    assert seen.focus is not None
    assert "no_constraints" in seen.focus.missing
    k = [c.name for c, _ in seen.curves.columns].index("aspect.ifeval")
    table = history.tables[0]
    train = np.array([split == "train" for split in table.splits_G])[table.group_N]
    missing = np.isnan(table.scores_NK[:, k][train]).sum()
    at, total = seen.curves.at, np.sum(list(seen.focus.missing.values()), axis=0)
    samples = np.bincount(at.bin_G, np.bincount(table.group_N, train)[_of(table, "train")])
    assert (total * samples).sum() == pytest.approx(missing)


def _of(table: object, split: str) -> np.ndarray:
    return np.array([each == split for each in table.splits_G])


def test_a_column_that_there_is_not_shows_all(history: History) -> None:
    seen, _ = seen_of(history, "train", ALL, "other")
    assert seen.focus is None
    assert board(seen)[0].title == "Reward"


def test_its_page_is_of_it_alone(history: History) -> None:
    seen, _ = seen_of(history, "train", ALL, "answer")
    (section,) = board(seen)
    assert section.title == "answer"
    assert [panel.title for panel in section.panels] == [
        "Score", "What it paid", "How sure it was", "Not scored",
    ]  # fmt: skip
