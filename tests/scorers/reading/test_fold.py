"""One spelling for the many ways to type one character."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.fold import fold

ROWS = [
    ("abc 123", "abc 123", "ASCII stays"),
    ("x²", "x^{2}", "a superscript"),
    ("x¹⁰", "x^{10}", "a run of them is one"),
    ("a₁₂", "a_{12}", "subscripts"),
    ("−5", "-5", "a typographic minus"),
    ("2×3", "2\\times 3", "a sign of multiplication"),
    ("½", " 1/2", "a fraction"),
    ("1½", "1 1/2", "a mixed number"),
    ("５％", "5%", "full width"),
    ("٣", "3", "Arabic digits"),
    ("x\u00a0y", "x y", "a hard space"),
    ("x\u200by", "xy", "an invisible character"),
    ("x\u0000y", "x\u0000y"[::2], "a control character"),
    ("ℝ", "\\mathbb{R}", "a letter with a meaning"),
    ("答案", "答案", "letters of other scripts stay"),
    ("é", "é", "accents stay"),
    ("ﬁ", "fi", "a ligature"),
    ("5\ufe0f\u20e37\ufe0f\u20e3", "57", "keycaps"),
    ("5\u20dd7", "57", "a circle round a digit"),
    ("“a”", '"a"', "quotation marks"),
]


@pytest.mark.parametrize(("text", "folded", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_fold(text, folded, why):
    assert fold(text) == folded, why
