"""Spellings that do not matter."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.text import plain, squad


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("The Beatles!", "beatles", "case, article, punctuation"),
        ("a  b\nc", "b c", "blanks"),
        ("rock'n'roll", "rock n roll", "punctuation separates words"),
        ("another", "another", "no article within a word"),
        ("$5 + 3", "5 3", "signs"),
        ("ＡＢ", "ab", "full width"),
        ("«Été»", "été", "punctuation and letters of other languages"),
        ("!?", "", "nothing but punctuation"),
        ("x" * 5000, "x" * 4096, "an endless text is cut"),
    ],
)
def test_squad(text, words, why):
    assert squad(text) == words, why


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("$\\text{Evelyn}$.", "Evelyn", "LaTeX around words"),
        ("**Paris**", "Paris", "emphasis"),
        ("\\mathrm{cm}", "cm", "a font"),
        ("a\\,b~c", "a b c", "LaTeX blanks"),
        ("Paris.,;", "Paris", "punctuation at the end"),
        ("U.S.", "U.S", "within it stays"),
        ("x²", "x^2", "a superscript"),
        ("\\frac{1}{2}", "\\frac12", "other commands stay"),
        ("x" * 3000, "x" * 2048, "an endless text is cut"),
    ],
)
def test_plain(text, words, why):
    assert plain(text) == words, why
