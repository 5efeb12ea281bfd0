"""What is kept of a group: numbers as they were answered, and of texts only whether they differ."""

from __future__ import annotations

import sys
from math import isnan

import numpy as np
import pytest

from harmo.rewards.combine import combine
from harmo.rewards.plan import INTERACTION
from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.record import END_CHARS, MAX_SIBLINGS, recorded, text_key
from harmo.rewards.signals.samples import Samples
from harmo.scorers.types import Group, Message, Sample, ToolCall
from tests.rewards import tables

DEADLINE = tables.DEADLINE


def kept(table, *, samples=None, group_fields=None, **fields) -> tuple[Layout, Samples]:
    """What is kept of one group with these scores."""
    plan = tables.plan(**fields)
    members = samples or tuple(Sample(num_tokens=10 + i) for i in range(len(table)))
    group = Group(id="g", samples=members, **{"size": len(members), **(group_fields or {})})
    answer = combine(plan, group, tables.rows(table))
    layout = Layout.of(plan)
    return layout, Samples.of(layout, [recorded(group, answer.rewards)])


def test_a_row_has_what_was_answered():
    layout, found = kept(
        [[2.0, 1.0, 0.5, -1.0], [2.0, 0.0, 0.5, 0.0], [DEADLINE, 1.0, 0.5, 0.0]], columns="mral"
    )
    assert layout.columns == ("m0", "r0", "a0", "l0")
    np.testing.assert_array_equal(found.scores[:2], [[2.0, 1.0, 0.5, -1.0], [2.0, 0.0, 0.5, 0.0]])
    assert np.isnan(found.scores[2]).tolist() == [True, False, False, False]
    np.testing.assert_allclose(found.contributions[0], [1.0, 1.0, 0.125, -0.25])
    np.testing.assert_allclose(found.rewards[:2], found.contributions[:2].sum(axis=1))
    assert isnan(found.rewards[2]), "one without an accuracy has no reward"
    assert found.lengths.tolist() == [10.0, 11.0, 12.0]
    assert found.groups.tolist() == [0, 0, 0]
    assert found.whole.all()


def test_a_cut_completion_is_kept_as_it_was_judged():
    samples = (Sample(truncated=True), Sample())
    _, found = kept([[1.0], [1.0]], samples=samples, columns="r", on_truncated="wrong")
    assert found.scores[:, 0].tolist() == [0.0, 1.0]
    assert found.truncated.tolist() == [True, False]


PAID = [
    ({}, ["m0", "r0", "a0", "l0"], "a sum pays by its columns"),
    ({"combine": "gate"}, ["m0", "r0", "a0", "l0", INTERACTION], "what the gate takes away"),
    ({"combine": "hero"}, ["r0", "a0", "l0", INTERACTION], "the model pays within the strata"),
    ({"combine": "lexicographic"}, [INTERACTION], "a rank is nobody's own"),
]


@pytest.mark.parametrize(("fields", "names", "why"), PAID, ids=[row[2] for row in PAID])
def test_what_pays_is_what_sums_to_the_reward(fields, names, why):
    table = [[0.2, 1.0, 0.5, -1.0, 0.7], [0.9, 0.0, 0.1, -0.5, 0.1]]
    layout, found = kept(table, columns="mrals", **fields)
    assert list(layout.paid.values()) == names, why
    paid = found.contributions[:, list(layout.paid)]
    np.testing.assert_allclose(paid.sum(axis=1), found.rewards, atol=1e-9)


ROLES = [
    ("mral", [0], {1: 1.0}, [], "a model and a rule"),
    ("mrrs", [0], {1: 0.5, 2: 0.5}, [3], "a shadow rule judges nothing where others do"),
    ("ms", [0], {1: 1.0}, [1], "but it does where no other is"),
    ("ral", [], {0: 1.0}, [], "without a model"),
    ("ma", [0], {}, [], "without a rule"),
]


@pytest.mark.parametrize(("columns", "models", "judges", "shadows", "why"), ROLES)
def test_who_judges_and_who_is_watched(columns, models, judges, shadows, why):
    layout = Layout.of(tables.plan(columns=columns))
    assert (list(layout.models), layout.judges, list(layout.shadows)) == (models, judges, shadows)


PIECES = [(2, True, "all are here"), (3, False, "one is elsewhere")]


@pytest.mark.parametrize(("size", "whole", "why"), PIECES)
def test_a_piece_of_a_group_is_no_group(size, whole, why):
    _, found = kept([[1.0], [0.0]], columns="r", group_fields={"size": size})
    assert found.whole.tolist() == [whole] * 2, why
    assert found.scored.tolist() == [True, True]
    assert found.compared.tolist() == [whole] * 2


TALK = (Message(role="assistant", parts=("four",)),)
LENGTHS = [
    (("four", 2), ("five", 3), [2, 3], "tokens"),
    (("four", 2), ("fourteen", None), [4, 8], "characters where not all were counted"),
    ((TALK, 9), (TALK, 0), [9, 0], "tokens of turns"),
    ((TALK, None), ("four", None), [None, 4], "turns that nobody counted"),
]


@pytest.mark.parametrize(("one", "two", "lengths", "why"), LENGTHS, ids=[row[3] for row in LENGTHS])
def test_lengths_of_siblings_are_in_one_unit(one, two, lengths, why):
    samples = tuple(Sample(completion=text, num_tokens=count) for text, count in (one, two))
    _, found = kept([[1.0], [0.0]], samples=samples, columns="r")
    assert [None if isnan(n) else n for n in found.lengths] == lengths, why


def said(text: str, calls: tuple[ToolCall, ...] = ()) -> Message:
    return Message(role="assistant", parts=(text,), tool_calls=calls)


CALL = ToolCall(name="search", arguments='{"q": "cats"}')
LONG = "word " * 2000
SAME = [
    ("It is 4.", "  it  is\n4.  ", True, "case and white space are nothing"),
    ("It is 4.", "It is 5.", False, "a digit is something"),
    ("straße", "STRASSE", True, "folded as Unicode folds"),
    ("", " \n", True, "nothing at all"),
    (LONG, "".join(LONG), True, "long texts"),
    (LONG, LONG.upper(), False, "long texts are compared as they are"),
    (LONG + "4", LONG + "5", False, "that end differently"),
    ("4" + LONG, "5" + LONG, False, "that begin differently"),
    (LONG, LONG + "word ", False, "that are longer"),
    ((said("4"),), (said(" 4 "),), True, "conversations"),
    ((said("4"),), (said("5"),), False, "with another reply"),
    ((said("4"),), (said("4"), said("4")), False, "with more turns"),
    ((said("", (CALL,)), said("4")), (said("", (CALL,)), said("4")), True, "with the same calls"),
    ((said("", (CALL,)), said("4")), (said(""), said("4")), False, "without the calls"),
    ((said("4"),), "4", False, "a conversation is no text"),
]


@pytest.mark.parametrize(("one", "two", "same", "why"), SAME, ids=[row[3] for row in SAME])
def test_siblings_that_say_the_same_have_one_key(one, two, same, why):
    keys = {text_key(Sample(completion=completion)) for completion in (one, two)}
    assert (len(keys) == 1) is same, why
    assert all(key.is_integer() and 0 <= key < 2**53 for key in keys)


class Watched(str):
    """A text that says how much of it was looked at."""

    looked = 0

    def split(self, *args):
        raise AssertionError("all of a long text was read")

    def __getitem__(self, place):
        part = str.__getitem__(self, place)
        Watched.looked += len(part)
        return part


def test_of_a_text_of_a_million_characters_little_is_read():
    text_key(Sample(completion=Watched("x" * 1_000_000)))
    assert Watched.looked == 2 * END_CHARS


def test_of_a_group_that_is_too_large_the_first_siblings_are_kept():
    table = [[float(k % 2)] for k in range(MAX_SIBLINGS + 1)]
    _, found = kept(table, columns="r")
    assert found.lengths.tolist() == [10.0 + k for k in range(MAX_SIBLINGS)]
    assert found.whole.all()


def test_a_record_knows_what_it_holds_and_holds_no_text():
    plan = tables.plan(columns="mral")
    group = Group(
        id="g", samples=tuple(Sample(completion="x" * 100_000) for _ in range(64)), size=64
    )
    answer = combine(plan, group, tables.rows([[0.5, 1.0, 0.5, 0.0]] * 64))
    record = recorded(group, answer.rewards)
    assert record.bytes >= sys.getsizeof(record.rows) + sys.getsizeof(record)
    assert record.bytes < 64 * Layout.of(plan).width * 8 * 1.3 + 256
