"""What a reader sees of a text."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.visible import visible


@pytest.mark.parametrize(
    ("text", "seen", "why"),
    [
        ("as it is", "as it is", "nothing hidden"),
        ("a<!-- b -->c", "ac", "a comment"),
        ("a<!-- b", "a", "a comment that never ends"),
        ("~~a~~b", "b", "struck out"),
        ("1<!-- b -->2", "1 2", "digits with a comment between them are two numbers"),
        ("1\\phantom{0}2", "1 2", "so are those with a gap"),
        ("3.~~1~~2", "3. 2", "behind a point, too"),
        ("1\\cancel{0}2", "1 2", "or with one struck out"),
        ("13\u03362", "1 2", "or struck through"),
        ("a ~~ b", "a ~~ b", "one mark strikes nothing"),
        ("<s>a</s>b", "b", "struck out in HTML"),
        ("<s>a", "<s>a", "a token that never closes"),
        ("\\cancel{a{b}c}d", "d", "struck out in LaTeX"),
        ("\\cancel{a", "", "to the end where it never closes"),
        ("\\phantom{a}b", "b", "invisible"),
        ("\\color{white}{a}b", "b", "white on white"),
        ("{\\color{white}a}b", "{}b", "white to the end of the group"),
        ("$\\color{white}a$b", "$$b", "or of the formula"),
        ("\\color{blue}{a}", "\\color{blue}{a}", "another colour"),
        ("<i style='display: none'>a</i>b", "</i>b", "not displayed"),
        ("<i style='color:red'>a</i>", "<i style='color:red'>a</i>", "displayed"),
        ("a\n% b\nc", "a\n\nc", "a comment line"),
        ("50% of a", "50% of a", "a percent sign"),
        ("a\u202e21\u202cb", "ab", "turned round"),
        ("a7\u0336b", "ab", "struck through"),
        ("\\iffalse a\\fi b", " b", "never typeset"),
    ],
)
def test_visible(text, seen, why):
    assert visible(text) == seen, why
