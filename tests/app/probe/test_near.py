"""Near misses change one thing."""

from __future__ import annotations

import pytest

from harmo.app.probe.near import near_misses, options


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            "42",
            {
                "sign flipped": "-42",
                "digit changed": "43",
                "off by one": "43",
                "a zero more": "420",
            },
        ),
        ("-7", {"sign flipped": "7", "digit changed": "-8", "off by one": "-6"}),
        ("0", {"off by one": "1"}),
        ("0.05", {"sign flipped": "-0.05", "digit changed": "0.06"}),
        ("3/4", {"sign flipped": "-3/4", "digit changed": "4/4", "turned over": "4/3"}),
        ("5 cm", {"unit changed": "5 m", "digit changed": "6 cm"}),
        ("B", {"neighbour letter": "A"}),
        ("yes", {"the opposite": "no"}),
        ("(1, 2)", {"item added": "(1, 2, 3)", "order turned": "(2, 1)"}),
        ("\\{1, 2, 3\\}", {"item dropped": "\\{1, 2\\}", "item added": "\\{1, 2, 3, 4\\}"}),
        ("[0, 1)", {"bracket changed": "(0, 1)"}),
        ("x+2", {"sign flipped": "-(x+2)", "digit changed": "x+3"}),
        ("Paris", {"accent added": "Páris"}),
        ("café", {"accents dropped": "cafe"}),
        ("x \\in A", {}),
    ],
)
def test_what_is_changed(text: str, changed: dict[str, str]) -> None:
    found = {how: near for how, near, _ in near_misses(text, "")}
    assert changed.items() <= found.items()
    assert bool(changed) == bool(found)


@pytest.mark.parametrize(
    ("prompt", "letters"),
    [
        ("Which? A) red B) blue C) green", "ABC"),
        ("Which?\n(A) red\n(B) blue", "AB"),
        ("Find the area of triangle A.", ""),
        ("See point B) below", ""),
    ],
)
def test_options_of_a_question(prompt: str, letters: str) -> None:
    assert options(prompt) == letters


def test_a_neighbour_is_one_of_the_options() -> None:
    assert [near for _, near, _ in near_misses("E", "ABCDE")] == ["D"]
