"""A failure's own words stay; the policy's do not travel in them."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.quotes import MAX_MESSAGE_CHARS, MAX_TEXT_CHARS, unquoted, written
from harmo.scorers.types import Group, Message, Sample, ToolCall

LONG = "so the total comes to seven apples"

ROWS = [
    ("no such column 'a'", "", "no such column 'a'", "nothing was written"),
    ("list index out of range", LONG, "list index out of range", "nothing is quoted"),
    (f"cannot read {LONG}!", LONG, "cannot read \u2026!", "the whole text"),
    ("cannot read comes to seven!", LONG, "cannot read\u2026!", "a run of it"),
    (f"not a float: {LONG.upper()!r}", LONG, "not a float: '\u2026'", "in capitals"),
    ("not a float: 'seven'", LONG, "not a float: '\u2026'", "one quoted word of it"),
    ("not a float: seven", "seven", "not a float: \u2026", "all of a short text"),
    ("not seventh", "seven", "not seventh", "not inside another word"),
    (
        "bad text 'a\\nb is the answer'",
        "a\nb is the answer",
        "bad text '\u2026'",
        "as repr says it",
    ),
    ('bad text "\\u00e9t\\u00e9 1999"', "\u00e9t\u00e9 1999", 'bad text "\u2026"', "as JSON does"),
    ("one\ntwo\x1b[31m\u202e", "", "one two [31m", "one line, no control characters"),
    ("lone \ud800", "", "lone ?", "no surrogate"),
]


@pytest.mark.parametrize(("message", "text", "shown", "why"), ROWS)
def test_what_a_policy_wrote_is_cut_out(message: str, text: str, shown: str, why: str) -> None:
    assert unquoted(message, [text]) == shown, why


def test_a_message_is_bounded() -> None:
    assert len(unquoted("x" * 5000, ["y"])) == MAX_MESSAGE_CHARS


def test_beyond_what_is_searched_nothing_is_shown() -> None:
    secret = "a secret of the policy"
    shown = unquoted(secret, ["x" * MAX_TEXT_CHARS, secret])
    assert "secret" not in shown
    assert "not shown" in shown


def test_written_is_everything_the_policy_wrote() -> None:
    call = ToolCall(name="find", arguments='{"q": 1}')
    turns = (
        Message(role="assistant", parts=("let me look",), tool_calls=(call,)),
        Message(role="tool", parts=("found",)),
    )
    samples = (Sample(completion="plain"), Sample(completion=turns))
    group = Group(id="g", samples=samples, size=2)
    assert written(group) == ["plain", "let me look", "find", '{"q": 1}', "found"]
    assert written(samples[0]) == ["plain"]
