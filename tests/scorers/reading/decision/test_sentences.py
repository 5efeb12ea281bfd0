"""Sentences and clauses."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.sentences import (
    MAX_HEAD_CHARS,
    MAX_TAIL_CHARS,
    breaks,
    masked,
    sentences,
)


@pytest.mark.parametrize(
    ("text", "parts", "why"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"], "marks stay"),
        (
            "At 9 A.M. we met Dr. B. Smith.",
            ["At 9 A.M. we met Dr. B. Smith"],
            "initials end nothing",
        ),
        ("It is 3.5 m", ["It is 3.5 m"], "nor does a decimal point"),
        ("- **B**\n> `C`", ["B", "C"], "Markdown"),
        ("-3", ["-3"], "a sign is no bullet"),
        ("B。不是 A", ["B.", "不是 A"], "a Chinese full stop"),
        ("", [], "nothing"),
    ],
)
def test_sentences(text, parts, why) -> None:
    assert sentences(text) == parts, why


def test_of_a_long_text_its_beginning_and_end_are_read() -> None:
    text = "First. " + "word " * (MAX_HEAD_CHARS + MAX_TAIL_CHARS) + ". Last"

    assert (sentences(text)[0], sentences(text)[-1]) == ("First", "Last")
    assert sum(map(len, sentences(text))) < MAX_HEAD_CHARS + MAX_TAIL_CHARS


def test_clauses_begin_after_a_comma_and_before_a_reason() -> None:
    sentence = "not A, so B because of C"

    assert [sentence[at:] for at in breaks(sentence)] == [
        sentence, "so B because of C", "because of C",
    ]  # fmt: skip
    assert breaks("anything but B") == breaks("Every big animal but B") == (0,)
    assert breaks("All animals bark but B") == (0, 17)


def test_initials_keep_their_length() -> None:
    assert masked("at 9 A.M. so B") == "at 9 ____ so B"
