"""Steps as an address has them."""

from __future__ import annotations

import pytest

from harmo.console.model.asked import steps_of, steps_written


@pytest.mark.parametrize(
    ("text", "steps", "written"),
    [
        ("", (None, None), ""),
        ("7", (7, 7), "7"),
        ("3:9", (3, 9), "3:9"),
        ("9:3", (3, 9), "3:9"),
        (":9", (None, 9), ":9"),
        ("3:", (3, None), "3:"),
        (" 3 : 9 ", (3, 9), "3:9"),
        ("three", (None, None), ""),
        ("-1:5", (None, 5), ":5"),
        ("٣:٩", (None, None), ""),
        ("9" * 400, (None, None), ""),
        ("1:2:3", (1, None), "1:"),
    ],
)
def test_steps_are_read_and_written(
    text: str, steps: tuple[int | None, int | None], written: str
) -> None:
    assert steps_of(text) == steps
    assert steps_written(steps) == written
    assert steps_of(written) == steps
