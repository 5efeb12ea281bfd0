"""Who comes when its group was answered without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmo.app import answered
from harmo.app.answered import AnsweredGroups
from harmo.app.samples import Received
from harmo.app.waiting import Key, WaitingGroup
from harmo.scorers.types import Group, ImageRef, Message, Sample, ToolCall
from tests.app.clock import Clock

WAIT_S = 60.0


def key(step: int | None, id: str = "g") -> Key:
    return ("", "rules", "r", step, "train", id)


def share(*members: str) -> Received:
    """Members by id, each written as `id` or `id=text`."""
    pairs = [member.partition("=") for member in members]
    samples = tuple(Sample(completion=text) for _, _, text in pairs)
    group = Group(id="g", samples=samples, size=4)
    return Received(group=group, ids=tuple(i for i, _, _ in pairs), faults=(None,) * len(members))


def sealed(of: Key, *members: str, named: bool = True) -> WaitingGroup:
    group = WaitingGroup(of, 4, 0.0, named, wait_s=WAIT_S)
    group.add(share(*members), None)
    return group


@pytest.mark.parametrize(
    ("step", "named", "asked", "late", "why"),
    [
        (1, True, ["c"], [True], "one of those that were missing"),
        (1, True, ["c", "d", "e"], [True, True, False], "two were missing; the third is another's"),
        (1, True, ["a=x"], [True], "its answer was lost, and it asks again"),
        (1, True, ["a=x", "c", "d"], [True, True, True], "who asks again is not one of them"),
        (1, True, ["a=new", "b"], [False, False], "the step is done again, from a checkpoint"),
        (None, True, ["c"], [True], "without a step, too"),
        (None, True, ["a=x"], [False], "without a step it may be the next one's"),
        (None, False, ["a", "a", "a"], [True, True, False], "made-up ids say nothing"),
    ],
)
def test_a_late_member_is_told_from_the_next_group(
    step: int | None, named: bool, asked: list[str], late: list[bool], why: str
) -> None:
    groups = AnsweredGroups(Clock())
    groups.add(sealed(key(step), "a=x", "b=y", named=named))
    assert [groups.takes(key(step), share(member), named=named) for member in asked] == late, why


def test_turns_are_told_apart_like_texts() -> None:
    def turns(text: str) -> Received:
        call = ToolCall(name="add", arguments=text)
        wrote = (Message(role="assistant", parts=(text, ImageRef(index=0)), tool_calls=(call,)),)
        return replace(share("a"), group=Group(id="g", samples=(Sample(completion=wrote),), size=4))

    group = WaitingGroup(key(1), 4, 0.0, named=True, wait_s=WAIT_S)
    group.add(turns("x"), None)
    groups = AnsweredGroups(Clock())
    groups.add(group)
    assert [groups.takes(key(1), turns(text), named=True) for text in "xy"] == [True, False]


def test_what_is_more_than_the_group_lacked_is_another_group() -> None:
    groups = AnsweredGroups(Clock())
    groups.add(sealed(key(1), "a", "b"))
    assert not groups.takes(key(1), share("c", "d", "e"), named=True)
    assert not groups.takes(key(1), share("c"), named=True), "it was begun anew"


def test_a_group_is_remembered_for_as_long_as_it_would_have_waited() -> None:
    clock = Clock()
    groups = AnsweredGroups(clock)
    for id in ("one", "two"):
        groups.add(sealed(key(1, id), "a", "b"))
    clock.now_s = WAIT_S
    assert groups.takes(key(1, "one"), share("c"), named=True)
    clock.now_s = WAIT_S + 1
    assert not groups.takes(key(1, "one"), share("d"), named=True)
    assert not groups.takes(key(2, "two"), share("c"), named=True), "another step"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "MAX_MEMBERS", 10)
    groups = AnsweredGroups(Clock())
    for step in range(9):
        groups.add(sealed(key(step), "a", "b"))
        groups.add(sealed(key(step), "a", "b"))
    assert len(groups) == 3, "each is two members and a name"
    assert groups.takes(key(8), share("c"), named=True)
    assert not groups.takes(key(5), share("c"), named=True)
