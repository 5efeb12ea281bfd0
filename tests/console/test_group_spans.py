"""A completion in pieces: what was opened, thought, answered, and read as the answer."""

from __future__ import annotations

import pytest

from harmo.console.model.group.spans import Kind, Span, excerpt, spans
from tests.audit.hostile import HOSTILE


def pieces(found: tuple[Span, ...]) -> list[tuple[str, str, bool]]:
    return [(piece.kind.value, piece.text, bool(piece.read)) for piece in found]


@pytest.mark.parametrize(
    ("text", "prefix", "read", "expected"),
    [
        (
            r"so \boxed{7}",
            "",
            "7",
            [("answer", r"so \boxed{", False), ("answer", "7", True), ("answer", "}", False)],
        ),
        (
            "hm 7</think>7",
            "<think>",
            "7",
            [("prefix", "<think>", False), ("think", "hm 7</think>", False), ("answer", "7", True)],
        ),
        ("7, no</think>8", "", "8", [("think", "7, no</think>", False), ("answer", "8", True)]),
        ("<think>so it is 7", "", "", [("think", "<think>so it is 7", False)]),
        (
            "17 and 7 of 77",
            "",
            "7",
            [("answer", "17 and ", False), ("answer", "7", True), ("answer", " of 77", False)],
        ),
        ("seven", "", "7", [("answer", "seven", False)]),
        ("", "", "7", []),
        (
            r"\boxed{1} or \boxed{2}",
            "",
            "1, 2",
            [
                ("answer", r"\boxed{", False),
                ("answer", "1", True),
                ("answer", r"} or \boxed{", False),
                ("answer", "2", True),
                ("answer", "}", False),
            ],
        ),
    ],
    ids=[
        "a box",
        "thinking that the prompt opened holds no answer",
        "what was thought is not what was answered",
        "thinking that never closes is all there is",
        "a number by itself before one in another",
        "what does not stand there is not marked",
        "nothing was written",
        "every one of several answers",
    ],
)
def test_a_text_is_split_where_its_parts_and_its_answer_begin(
    text: str, prefix: str, read: str, expected: list[tuple[str, str, bool]]
) -> None:
    assert pieces(spans(text, prefix=prefix, read=[("answer", read)])) == expected


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_joins_to_itself(name: str) -> None:
    text = HOSTILE[name]
    found = spans(text, prefix="<think>\n", read=[("answer", "42"), ("answer", text[:200])])
    assert "".join(piece.text for piece in found) == "<think>\n" + text
    assert all(piece.text for piece in found)


def test_of_a_long_text_the_ends_and_what_was_read_are_shown() -> None:
    text = "a" * 50_000 + r"\boxed{7}" + "b" * 50_000
    shown = excerpt(spans(text, read=[("answer", "7")]), limit=3000)
    assert [piece.text for piece in shown if piece.read] == ["7"]
    gaps = [piece.text for piece in shown if piece.kind is Kind.GAP]
    assert gaps == ["48,607 characters", "48,601 characters"]
    left = sum(len(piece.text) for piece in shown if piece.kind is not Kind.GAP)
    assert left + 48_607 + 48_601 == len(text)


def test_a_short_text_is_shown_whole() -> None:
    found = spans(r"\boxed{7}", read=[("answer", "7")])
    assert excerpt(found, limit=3000) == found
