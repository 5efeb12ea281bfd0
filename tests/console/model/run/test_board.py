"""The panels of the Run page: what is drawn of one run, and of two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harmo.audit.read import Reader
from harmo.audit.write import Writer
from harmo.console.model.history import History, grown
from harmo.console.model.run.board import board
from harmo.console.model.run.seen import Seen, seen_of, signals_of
from harmo.rewards.signals import MEANINGS
from tests.audit.made import RECIPE, kept_recipe, made_groups, made_plan, made_store

ALL = (None, None)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, History]:
    reader = Reader(made_store(tmp_path_factory.mktemp("store"), groups=800))
    return {run: grown(reader, run) for run in ("exp-1", "exp-2")}


def seen(history: History, split: str = "train") -> Seen:
    return replace(seen_of(history, split, ALL)[0], signals=signals_of(history, split, ALL))


def test_every_column_and_every_signal_has_its_panel(histories: dict[str, History]) -> None:
    sections = {section.title: section.panels for section in board(seen(histories["exp-2"]))}
    columns = histories["exp-2"].tables[0].recipe.columns
    assert [panel.title for panel in sections["Columns"]] == [column.name for column in columns]
    sentences = {panel.sentence for panel in sections["Audit signals"]}
    assert "" not in sentences
    assert sentences <= {meaning.sentence for meaning in MEANINGS.values()}
    assert len(sentences) >= 6


def test_train_and_eval_stand_apart(histories: dict[str, History]) -> None:
    reward = board(seen(histories["exp-2"]))[0].panels[0]
    assert [one.name for one in reward.series] == ["train", "eval"]
    assert len(reward.series[1].x) < len(reward.series[0].x)


def test_evals_without_a_step_have_no_line_and_no_legend(tmp_path: Path) -> None:
    made = made_groups(groups=100, runs=("run",))
    writer = Writer(tmp_path)
    writer.write(
        [
            replace(g, group=replace(g.group, step=None)) if g.group.split == "eval" else g
            for g in made
        ]
    )
    writer.close()
    reward = board(seen(grown(Reader(tmp_path), "run")))[0].panels[0]
    assert ([one.name for one in reward.series], reward.legend) == (["train"], False)


def test_a_second_run_is_dashed_and_what_is_stacked_stands_beside(
    histories: dict[str, History],
) -> None:
    sections = board(seen(histories["exp-2"]), seen(histories["exp-1"]))
    reward = sections[0].panels[0]
    assert [(one.name, one.dashed) for one in reward.series] == [("exp-2", False), ("exp-1", True)]
    stacked = [panel for panel in sections[0].panels if panel.kind == "stack"]
    assert [panel.note for panel in stacked] == ["exp-2", "exp-1"]
    keys = [panel.key for section in sections for panel in section.panels]
    assert len(keys) == len(set(keys))


def test_before_the_signals_the_other_panels_have_their_places(
    histories: dict[str, History],
) -> None:
    first = board(seen_of(histories["exp-2"], "train", ALL)[0])
    whole = board(seen(histories["exp-2"]))
    keys = [[panel.key for panel in section.panels] for section in whole]
    assert [[panel.key for panel in section.panels] for section in first] == keys[: len(first)]


def test_what_the_reward_differs_by_sums_to_one(histories: dict[str, History]) -> None:
    stacked = next(p for p in board(seen(histories["exp-1"]))[0].panels if p.kind == "stack")
    for point in zip(*(one.y for one in stacked.series), strict=True):
        if all(value == value for value in point):
            assert sum(point) == pytest.approx(1.0)


def test_a_column_has_one_colour_wherever_it_is_drawn(histories: dict[str, History]) -> None:
    sections = board(seen(histories["exp-1"]))
    columns = {p.title: p.series[0].tone for p in sections[1].panels}
    stacked = next(panel for panel in sections[0].panels if panel.kind == "stack")
    assert {one.name: one.tone for one in stacked.series}.items() <= columns.items()


def test_another_version_of_the_recipe_is_marked_and_the_shares_go_on(tmp_path: Path) -> None:
    other = kept_recipe(made_plan(RECIPE.replace("model: 0.5", "model: 0.25")))
    made = made_groups(groups=400, runs=("run",))
    writer = Writer(tmp_path)
    writer.write([replace(g, recipe=other) if i >= 200 else g for i, g in enumerate(made)])
    writer.close()
    sections = board(seen(grown(Reader(tmp_path), "run")))
    panels = {panel.key: panel for section in sections for panel in section.panels}
    (begins,) = {panel.marks for panel in panels.values()}
    assert begins == (24.0,)
    for key, gap in (("shares", False), ("signal-model_auc", True)):
        (line, *_) = panels[key].series
        known = [value == value for value in line.y]
        assert (not all(known[known.index(True) :])) is gap, key


def test_a_run_of_one_version_has_no_mark(histories: dict[str, History]) -> None:
    sections = board(seen(histories["exp-1"]))
    assert {panel.marks for section in sections for panel in section.panels} == {()}


def test_a_split_that_there_is_not_draws_nothing(histories: dict[str, History]) -> None:
    assert board(seen(histories["exp-1"], "other")) == [] or all(
        section.panels for section in board(seen(histories["exp-1"], "other"))
    )
