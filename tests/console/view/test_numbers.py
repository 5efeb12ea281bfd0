"""Numbers as people read them."""

from __future__ import annotations

import pytest

from harmo.console.view.numbers import ago, count, lasting, share, size, three

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (NAN, "–"), (0.0, "0"), (0.5, "0.500"), (1.0, "1.00"),
        (0.99949, "0.999"), (0.99951, "1.00"), (999_400.0, "999k"), (999_600.0, "1.00M"),
        (9.994, "9.99"), (9.996, "10.0"), (99.96, "100"), (123.4, "123"), (9_876.0, "9876"),
        (12_345.0, "12.3k"), (4.1e6, "4.10M"), (-0.25, "−0.250"), (0.0004, "4.0e−4"),
        (float("inf"), "∞"), (-float("inf"), "−∞"),
    ],
)  # fmt: skip
def test_three_digits(value: float | None, text: str) -> None:
    assert three(value) == text


def test_a_change_has_its_sign() -> None:
    assert [three(v, sign=True) for v in (0.5, -0.5, 0.0)] == ["+0.500", "−0.500", "0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.0004, "<0.1 %"),
        (-0.0004, "−<0.1 %"),
        (-0.029, "−2.9 %"),
        (0.125, "12.5 %"),
        (0.9999, "100 %"),
        (1.0, "100 %"),
    ],
)  # fmt: skip
def test_shares_are_per_cent(value: float | None, text: str) -> None:
    assert share(value) == text


def test_units() -> None:
    assert [size(v) for v in (12, 3_400, 3.4e6, 2e9)] == ["12 B", "3.4 kB", "3.4 MB", "2 GB"]
    assert count(12_345) == "12\u202f345"
    assert count(None) == "–"
    assert [ago(v) for v in (1, 59, 130)] == ["now", "59 s ago", "2 min ago"]
    assert [lasting(v) for v in (3600, 7800, 90_000)] == ["1 h", "2 h 10 min", "1 d 1 h"]
