"""Rows to groups."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from harmo.app.errors import ServiceError
from harmo.app.settings import Settings
from harmo.app.trainers.options import Options
from harmo.app.trainers.rows import Row, chat, to_request, within
from harmo_client.wire import Image, Message

A, B = Row(prompt="2 + 2?", text="4", reference="4"), Row(prompt="3 + 3?", text="6", reference="6")


def grouped(*rows: Row, **options: Any) -> list[tuple[int, int | None]]:
    """How many completions each group brings, and how many it has in all."""
    request = to_request(rows, Options(**options))
    return [(len(group.completions), group.size) for group in request.groups]


@pytest.mark.parametrize(
    ("rows", "options", "groups", "why"),
    [
        ((), {}, [], "an empty batch"),
        ((A, A, A), {}, [(1, 1)] * 3, "nobody says that they are siblings"),
        ((A, A, B, B), {"group_size": 2}, [(2, 2), (2, 2)], "neighbours with one prompt"),
        ((A,) * 4, {"group_size": 2}, [(2, 2), (2, 2)], "one prompt twice is two groups"),
        ((A, A, A), {"group_size": 2}, [(2, 2), (1, 2)], "the last waits for another"),
        ((A, B, A, B), {"group_size": 2}, [(1, 2)] * 4, "shuffled: they meet by their name"),
        ((A,), {"group_size": 8}, [(1, 8)], "one of eight"),
        ((A, A), {"group": "7", "group_size": 4}, [(2, 4)], "a group that the trainer names"),
        (
            (A, replace(A, reference="5")),
            {"group_size": 2},
            [(1, 2), (1, 2)],
            "one prompt with two references is two questions",
        ),
        (
            (A, replace(A, metadata={"schema": {}})),
            {"group_size": 2},
            [(1, 2), (1, 2)],
            "a scorer may read metadata: nobody is judged by a sibling's",
        ),
        (
            (A, replace(A, prefix="<think>")),
            {"group_size": 2},
            [(1, 2), (1, 2)],
            "what was opened for one was not for the other",
        ),
    ],
)
def test_neighbours_of_one_prompt_are_a_group(
    rows: tuple[Row, ...], options: dict[str, Any], groups: list[tuple[int, int]], why: str
) -> None:
    assert grouped(*rows, **options) == groups, why


def test_members_of_one_prompt_have_one_name_in_whatever_request_they_come() -> None:
    options = Options(group_size=8)
    [one], [other] = (to_request([replace(A, text=text)], options).groups for text in "45")
    assert one.id == other.id
    assert to_request([B], options).groups[0].id != one.id
    [apart] = to_request([replace(A, metadata={"index": 1})], options).groups
    assert apart.id == one.id, "metadata is no part of the question"
    assert one.completions[0].id != other.completions[0].id


def test_two_siblings_that_wrote_the_same_are_two() -> None:
    [group] = to_request([A, A], Options(group_size=2)).groups
    assert len({completion.id for completion in group.completions}) == 2


def test_only_what_is_not_whole_waits() -> None:
    assert to_request([A, A], Options(group_size=2)).wait_for_group_ms == 0
    assert to_request([A], Options(group_size=2, wait_for_group_ms=7)).wait_for_group_ms == 7


def test_one_name_for_several_prompts_is_refused() -> None:
    with pytest.raises(ValueError, match="group '7' is one prompt with one reference"):
        to_request([A, B], Options(group="7", group_size=2))


def test_the_urls_words_go_into_the_request() -> None:
    options = Options(
        recipe="r", run="x", step=3, split="eval", task="count", prefix="<think>", group="g"
    )
    request = to_request([replace(A, task="math", prefix="<a>")], options)
    assert (request.recipe, request.run, request.step, request.split) == ("r", "x", 3, "eval")
    [group] = request.groups
    assert (group.id, group.prefix) == ("g", "<think>")
    assert group.task == "count", "a column of the dataset may be called task by chance"


PNG = "data:image/PNG;base64,QUJD"


def test_pictures_in_parts_travel_with_the_prompt() -> None:
    turns: list[dict[str, Any]] = [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": PNG}},
                {"type": "input_image", "image_url": PNG},
                {"type": "image", "image": PNG},
                {"type": "text", "text": "How many?"},
                "And why?",
            ],
            "unknown": 1,
        },
        {"role": "assistant", "content": None, "tool_calls": [{"name": "look", "arguments": {}}]},
        {"role": "tool", "content": "3", "tool_call_id": "1"},
    ]
    messages, images = chat(turns, Options())
    assert images == [Image(data="QUJD", media_type="image/png")] * 3
    assert [message.role for message in messages if isinstance(message, Message)] == [
        *("user", "assistant", "tool")
    ]
    content = messages[0].content  # type: ignore[union-attr]
    assert isinstance(content, list)
    assert [part.type for part in content] == ["image"] * 3 + ["text"] * 2


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://127.0.0.1/a.png"}},
        {"type": "image", "image": "/etc/passwd"},
        {"type": "image", "image": "file:///etc/passwd"},
        {"type": "image"},
        {"type": "image", "image": {"url": None}},
        {"type": "audio", "audio": "data:audio/wav;base64,QUJD"},
        {"type": ["image"], "image": ["data:image/png;base64,QUJD"]},
    ],
)
def test_a_picture_that_is_only_named_is_refused_or_left_out(part: dict[str, Any]) -> None:
    turns = [{"role": "user", "content": [part, {"type": "text", "text": "Hi"}]}]
    with pytest.raises(ValueError, match="images=leave_out"):
        chat(turns, Options())
    [message], images = chat(turns, Options(images="leave_out"))
    assert images == []
    assert len(message.content) == 1  # type: ignore[union-attr, arg-type]


LIMITS = Settings(
    max_completions=3, max_images=2, max_references=4, max_constraints=4, max_messages=5
)
TURN = Message(role="user", content="Hi")


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        (A, "max_completions"),
        (replace(A, images=[Image(data="")]), "max_images"),
        (replace(A, reference=["4", "four"]), "max_references"),
        (replace(A, references={"a": "4", "b": "4"}, reference=None), "max_references"),
        (replace(A, constraints=[{}, {}]), "max_constraints"),
        (replace(A, constraints={"kwargs": [1, 2], "instruction_id_list": ["a"]}), "constraints"),
        (replace(A, prompt=[TURN, TURN]), "max_messages"),
        (replace(A, text=None, messages=[TURN, TURN]), "max_messages"),
    ],
)
def test_rows_beyond_a_limit_are_never_made(row: Row, limit: str) -> None:
    made = itertools.count()
    rows = (row for _ in iter(lambda: next(made), 1000))
    with pytest.raises(ServiceError, match=limit) as refused:
        to_request(within(rows, LIMITS), Options())
    assert refused.value.status == 413
    assert next(made) <= 5, "no more than went too far"
