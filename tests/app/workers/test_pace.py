"""How long a job is said to take: near what the last of its kind took, whatever one of them did."""

from __future__ import annotations

import pytest

from harmo.app.workers.pace import DOUBT, HALF_LIFE_S, Pace


def test_one_job_that_was_held_up_hardly_counts() -> None:
    pace = Pace()
    for _ in range(2000):
        pace.took("maths", 0.01)
    before_s = pace.seconds("maths")
    pace.took("maths", 15.0)
    assert pace.seconds("maths") < 3 * before_s, "it was 150 times as much"


def test_what_was_never_seen_takes_as_long_as_anything_else() -> None:
    pace = Pace()
    assert pace.seconds("new") == 0.0, "nothing is refused for what nobody knows"
    for _ in range(int(10 * HALF_LIFE_S)):
        pace.took("maths", 1.0)
        pace.took("language", 0.001)
    assert pace.seconds("new") == pytest.approx(0.5, rel=0.1)
    assert pace.seconds("maths") == pytest.approx(1.0, rel=0.05)
    assert pace.seconds("language") < 0.001 < 10 * pace.seconds("language")


def test_a_first_job_that_is_slow_says_little() -> None:
    pace = Pace()
    pace.took("maths", 1.0)
    assert pace.seconds("maths") <= 1.0 / DOUBT


def test_jobs_that_took_no_time_count_as_much_as_any() -> None:
    pace = Pace()
    pace.took("maths", 2.0, 100)
    pace.took("maths", 0.0, 80)
    assert pace.seconds("maths") == pytest.approx(2.0 / 200, rel=0.1)
