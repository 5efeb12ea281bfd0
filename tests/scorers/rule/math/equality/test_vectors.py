"""Unit vectors, and the whole number of a period."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.vectors import components, recounted


@pytest.mark.parametrize(
    ("text", "size", "found", "why"),
    [
        ("2i + 3j", 2, "(mul 2 1), (mul 3 1)", "two components"),
        ("2i - j", 2, "(mul 2 1), (neg 1)", "a sign"),
        ("i + k", 3, "1, 0, 1", "a component that is zero"),
        ("j/2", 2, "0, (div 1 2)", "one above a fraction bar"),
        ("2i + 3j", 3, "(mul 2 1), (mul 3 1), 0", "in the space"),
        ("2i + 3", 2, None, "a complex number"),
        ("2i", 2, None, "another one"),
        ("i + j + k", 2, None, "too many dimensions"),
        ("i + 2i + j", 2, None, "one unit vector twice"),
        ("i*j", 2, None, "a product of two"),
        ("2/j + i", 2, None, "one below the bar"),
        ("j^2 + i", 2, None, "a square"),
        ("i + j", 4, None, "more dimensions than unit vectors"),
    ],
)
def test_components(tree, shown, text, size, found, why):
    terms = components(tree(text), size)

    assert (None if terms is None else ", ".join(map(shown, terms))) == found, why


@pytest.mark.parametrize(
    ("reference", "answer", "made", "why"),
    [
        ("2k\\pi", "2n\\pi", "(mul (mul 2 k) pi)", "the reference's letter"),
        ("2k\\pi", "2k\\pi", "(mul (mul 2 k) pi)", "the same letter already"),
        ("2k", "2n", "(mul 2 n)", "no period"),
        ("2k\\pi", "2x\\pi", "(mul (mul 2 x) pi)", "no letter of a whole number"),
        ("kn\\pi", "2m\\pi", "(mul (mul 2 m) pi)", "two such letters"),
    ],
)
def test_recounted(tree, shown, reference, answer, made, why):
    assert shown(recounted(tree(reference), tree(answer))) == made, why
