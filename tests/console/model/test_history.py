"""The numbers of a run in memory: grown by what is new, as if read at once."""

from __future__ import annotations

from dataclasses import fields
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from harmo.audit.read import Reader
from harmo.audit.write import Writer
from harmo.console.model.flat import Flat, flat
from harmo.console.model.history import History, chosen, grown
from tests.audit.made import made_groups

RUN = "exp-2"


def same(one: Flat, other: Flat) -> None:
    for field in fields(Flat):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        else:
            assert a == b


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    writer = Writer(folder)
    writer.write(made_groups(groups=300))
    writer.close()
    return folder


def test_a_run_that_is_followed_is_what_it_is_when_read_at_once(tmp_path: Path) -> None:
    writer, history, made = Writer(tmp_path), None, made_groups(groups=120)
    while batch := list(islice(made, 7)):
        writer.write(batch)
        reader = Reader(tmp_path)
        history = grown(reader, RUN, history)
        reader.close()
    writer.close()
    assert history is not None
    at_once = grown(Reader(tmp_path), RUN)
    assert len(history.tables) == len(at_once.tables)
    same(flat(history.tables), flat(at_once.tables))


def test_nothing_new_gives_what_was_known(store: Path) -> None:
    reader = Reader(store)
    history = grown(reader, RUN)
    assert grown(reader, RUN, history) is history


def test_a_run_from_which_groups_have_left_is_read_anew(store: Path) -> None:
    reader = Reader(store)
    known = grown(reader, RUN)
    more = History(run=RUN, tables=(*known.tables, *known.tables), last=known.last)
    assert grown(reader, RUN, more).groups == known.groups


def test_a_run_that_is_not_there_has_no_groups(store: Path) -> None:
    assert grown(Reader(store), "other").tables == ()


@pytest.mark.parametrize(
    ("split", "steps", "why"),
    [
        (None, (None, None), "everything"),
        ("eval", (None, None), "a split"),
        ("train", (3, 9), "some steps of it"),
        (None, (None, 4), "an open end"),
        ("other", (None, None), "what there is not"),
    ],
)
def test_tables_and_what_is_made_of_them_are_cut_alike(
    store: Path, split: str | None, steps: tuple[int | None, int | None], why: str
) -> None:
    tables = grown(Reader(store), RUN).tables
    cut = flat(tables).where(split=split, steps=steps)
    through = flat(chosen(tables, split=split, steps=steps))
    for name in ("numbers_G", "steps_G", "group_N", "rewards_N", "scores_NK"):
        a, b = getattr(cut, name), getattr(through, name)
        np.testing.assert_array_equal(a.reshape(b.shape) if not b.size else a, b, err_msg=why)
    first, last = steps
    assert all(first is None or step >= first for step in cut.steps_G.tolist())
    assert all(last is None or step <= last for step in cut.steps_G.tolist())


def test_reasons_stay_with_their_samples(store: Path) -> None:
    every = flat(grown(Reader(store), RUN).tables)
    cut = every.where(split="train", steps=(5, 20))
    assert (cut.reason_N >= 0).tolist() == np.isnan(cut.rewards_N).tolist()
    assert (every.reason_N >= 0).any()
