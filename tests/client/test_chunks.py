from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo_client import wire
from harmo_client.chunks import ChunkLimits, cut, merge, read
from harmo_client.errors import InvalidResponseError, VersionChangedError

MakeGroup = Callable[[str, Sequence[str]], wire.Group]


def ask(groups: list[wire.Group], **fields: Any) -> wire.ScoreRequest:
    return wire.ScoreRequest(groups=groups, **fields)


def sizes(request: wire.ScoreRequest, limits: ChunkLimits) -> list[list[str]]:
    return [[group.id for group in chunk.groups] for chunk in cut(request, limits)]


@pytest.mark.parametrize(
    ("completions", "limit", "expected"),
    [
        ([], 4, [[]]),  # an empty request is still asked: it names recipe and columns
        ([2], 4, [["0"]]),
        ([2, 2, 2], 4, [["0", "1"], ["2"]]),
        ([9, 1], 4, [["0"], ["1"]]),  # a group is never cut, however large
        ([1, 9, 1], 4, [["0"], ["1"], ["2"]]),
        ([0, 0], 1, [["0", "1"]]),
    ],
)
def test_chunks_hold_whole_groups_up_to_a_number_of_completions(
    group: MakeGroup, completions: list[int], limit: int, expected: list[list[str]]
) -> None:
    request = ask([group(str(i), ["x"] * n) for i, n in enumerate(completions)])
    assert sizes(request, ChunkLimits(completions=limit)) == expected


def test_chunks_hold_whole_groups_up_to_a_number_of_bytes(group: MakeGroup) -> None:
    request = ask([group(str(i), ["x" * 400]) for i in range(6)], run="exp", step=3)
    chunks = cut(request, ChunkLimits(bytes=1200))
    assert [len(chunk.groups) for chunk in chunks] == [2, 2, 2]
    assert max(len(chunk.body) for chunk in chunks) <= 1200


@given(
    texts=st.lists(st.lists(st.text(max_size=20), max_size=4), max_size=6),
    limit=st.integers(1, 8),
)
def test_cut_bodies_are_the_request_in_pieces(texts: list[list[str]], limit: int) -> None:
    groups = [
        wire.Group(
            id=str(i),
            prompt=[wire.Message(role="user", content="why?")],
            reference=["a", None],
            metadata={"nothing": None},
            completions=[wire.Completion(id=str(j), text=t) for j, t in enumerate(members)],
        )
        for i, members in enumerate(texts)
    ]
    request = ask(groups, run="exp", step=3, recipe="math", split="eval")
    bodies = [
        wire.ScoreRequest.model_validate_json(c.body)
        for c in cut(request, ChunkLimits(completions=limit))
    ]
    assert [group for body in bodies for group in body.groups] == groups
    for body in bodies:
        assert body.model_copy(update={"groups": groups}) == request


def test_the_key_is_the_payloads_own(group: MakeGroup) -> None:
    def key(step: int = 1, text: str = "a", *, run: str = "r", **beside: Any) -> str:
        [chunk] = cut(ask([group("0", [text])], step=step, run=run), ChunkLimits(), **beside)
        return chunk.key

    assert key() == key()
    others = {key(step=2), key(text="b"), key(run="s"), key(explain=True)}
    # A patient second call is not to get what an impatient first one left unscored.
    others |= {key(deadline_s=1.0), key(deadline_s=60.0)}
    assert len({key(), *others}) == 7


def spoil(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Sets one value of an answer, by a path like "groups.0.completions.1.reward"."""

    def change(answer: dict[str, Any]) -> None:
        *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
        place: Any = answer
        for step in parents:
            place = place[step]
        if value is DROP:
            del place[last]
        else:
            place[last] = value

    return change


DROP = object()
FIRST = "groups.0.completions.0"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("groups.1", DROP),  # a group is missing
        ("groups", []),
        ("groups.0.id", "1"),  # ids swapped or made up
        ("groups.0.completions.1", DROP),  # a completion is missing
        ("groups.0.completions", []),
        (f"{FIRST}.id", "1"),
        (f"{FIRST}.reward", float("nan")),  # NaN poisons a whole batch
        (f"{FIRST}.reward", float("inf")),
        (f"{FIRST}.reward", True),  # true is no number
        (f"{FIRST}.reward", "1.0"),
        (f"{FIRST}.reward", DROP),
        (f"{FIRST}.reward", None),  # null without a reason
        (f"{FIRST}.reason", "deadline"),  # a reward and a reason
        (f"{FIRST}.reward", 99.0),  # not the sum of its contributions
        (f"{FIRST}.scores", [1.0]),  # vectors that do not line up with the columns
        (f"{FIRST}.scores.0", float("nan")),
        (f"{FIRST}.confidences", [1.0, 1.0, 1.0]),
        (f"{FIRST}.contributions", [1.25]),
        (f"{FIRST}.contributions.0", None),
        (f"{FIRST}.reasons", []),
        ("groups.0.weights", [1.0]),
        ("columns", []),
        ("recipe", DROP),
        ("recipe.version", None),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused_whole(
    group: MakeGroup,
    fake_answer: Callable[[dict[str, Any]], dict[str, Any]],
    path: str,
    value: object,
) -> None:
    [chunk] = cut(ask([group("0", ["a", "b"]), group("1", ["c"])]), ChunkLimits())
    answer = fake_answer(json.loads(chunk.body))
    read(chunk, json.dumps(answer).encode())
    spoil(path, value)(answer)
    with pytest.raises(InvalidResponseError):
        read(chunk, json.dumps(answer).encode())


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"0.7", b"<html>", b'{"rewards": [1.0]}'])
def test_another_services_answer_is_refused(group: MakeGroup, content: bytes) -> None:
    [chunk] = cut(ask([group("0", ["a"])]), ChunkLimits())
    with pytest.raises(InvalidResponseError):
        read(chunk, content)


def test_fields_of_a_newer_service_are_ignored(
    group: MakeGroup, fake_answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    [chunk] = cut(ask([group("0", ["a"])]), ChunkLimits())
    answer = {**fake_answer(json.loads(chunk.body)), "new": 1}
    assert read(chunk, json.dumps(answer).encode()).groups[0].completions[0].reward == 1.25


def test_merge_keeps_order_and_sums_timings(
    group: MakeGroup, fake_answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    request = ask([group(str(i), ["x" * i]) for i in range(5)])
    pieces = cut(request, ChunkLimits(completions=2))
    whole = merge([read(c, json.dumps(fake_answer(json.loads(c.body))).encode()) for c in pieces])
    assert [g.id for g in whole.groups] == ["0", "1", "2", "3", "4"]
    assert [g.completions[0].reward for g in whole.groups] == [0.25, 1.25, 2.25, 3.25, 4.25]
    assert whole.timings_ms == {"total": 3.0}


def test_merge_refuses_chunks_with_different_columns(
    group: MakeGroup, fake_answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    [chunk] = cut(ask([group("0", ["a"])]), ChunkLimits())
    one = read(chunk, json.dumps(fake_answer(json.loads(chunk.body))).encode())
    other = one.model_copy(update={"columns": list(reversed(one.columns))})
    with pytest.raises(VersionChangedError, match=r"answer, aspect\.format"):
        merge([one, other])
