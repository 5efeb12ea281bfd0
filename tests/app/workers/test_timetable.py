"""Whether more fits before what is due, and whether there is time to take turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.app.workers.timetable import FULL, Due, fits, hurried, timetable, turns_s, wait_s

Works = list[tuple[float, float]]


@pytest.mark.parametrize(
    ("works", "due", "why"),
    [
        ([], [], "nothing"),
        ([(10.0, 0.0)], [], "what takes no time"),
        (
            [(20.0, 3.0), (10.0, 2.0)],
            [(10.0, 2.0), (20.0, 5.0)],
            "soonest first, added up",
        ),
        (
            [(10.0, 15.0), (20.0, 3.0)],
            [(10.0, 15.0), (20.0, 13.0)],
            "5 s of it are given up",
        ),
        ([(-1.0, 4.0), (20.0, 3.0)], [(-1.0, 4.0), (20.0, 3.0)], "what is late takes no time"),
    ],
)
def test_what_is_due_by_each_instant(works: Works, due: Works, why: str) -> None:
    assert timetable(works) == due, why


@pytest.mark.parametrize(
    ("works", "work_s", "in_s", "waits_s", "why"),
    [
        ([], 70.0, 100.0, 0.0, "alone, and so much of the time"),
        ([(100.0, 40.0)], 30.0, 100.0, 0.0, "so much of the time with the other's"),
        ([(100.0, 40.0)], 35.0, 100.0, 5.0, "5 s more than that"),
        ([(100.0, 65.0)], 4.0, 20.0, 0.0, "it goes first, and the other has time"),
        ([(100.0, 65.0)], 9.0, 20.0, 4.0, "it goes first, and the other would have too little"),
        ([(20.0, 9.0), (100.0, 40.0)], 24.0, 50.0, 3.0, "the last of all is the closest"),
        ([(20.0, 30.0)], 50.0, 100.0, 0.0, "of what is late only 20 s are in the way"),
        ([(20.0, 30.0)], 1.0, 10.0, 0.0, "what is late by itself refuses nobody"),
        ([(-5.0, 30.0)], 70.0, 100.0, 0.0, "what should be over is in nobody's way"),
        ([(100.0, 99.0)], 0.0, 1.0, 0.0, "what takes no time"),
    ],
)
def test_how_long_more_has_to_wait(
    works: Works, work_s: float, in_s: float, waits_s: float, why: str
) -> None:
    assert wait_s(timetable(works), work_s, in_s, turns_s=0.0) == pytest.approx(waits_s), why


@pytest.mark.parametrize(
    ("works", "work_s", "before_s", "why"),
    [
        ([], 5.0, 0.0, "nobody"),
        ([1.0, 2.0, 30.0], 5.0, 8.0, "all of the small ones, and as much of the large"),
        ([30.0] * 4, 0.5, 2.0, "little behind much"),
        ([0.5] * 100, 30.0, 50.0, "much behind a crowd"),
        ([5.0, 5.0], 5.0, 10.0, "its equals"),
    ],
)
def test_what_goes_before_the_last_turn_of_more(
    works: list[float], work_s: float, before_s: float, why: str
) -> None:
    assert turns_s(works, work_s) == before_s, why


@pytest.mark.parametrize(
    ("before_s", "waits_s"), [(40.0, 0.0), (43.0, 3.0)], ids=["in time", "too late"]
)
def test_who_would_wait_too_long_for_its_turns_is_not_let_in(
    before_s: float, waits_s: float
) -> None:
    assert wait_s([], 1.0, 100.0, turns_s=before_s) == pytest.approx(waits_s)


@pytest.mark.parametrize(
    ("works", "hurries", "why"),
    [
        ([], False, "nothing to do"),
        ([(100.0, 70.0)], False, "time enough"),
        ([(100.0, 80.0)], True, "not enough for detours"),
        ([(100.0, 40.0), (110.0, 50.0)], True, "with what is due before"),
        ([(0.0, 0.1)], True, "it should be done"),
    ],
)
def test_when_nobody_takes_turns(works: Works, hurries: bool, why: str) -> None:
    assert hurried(timetable(works)) == hurries, why


SECONDS = st.floats(0.01, 100.0)


@given(st.lists(st.tuples(SECONDS, SECONDS)))
def test_what_is_let_in_can_be_done_in_time_and_there_is_time_for_turns(asked: Works) -> None:
    let_in: Works = []
    for in_s, work_s in asked:
        if fits(work_s, in_s) and not wait_s(timetable(let_in), work_s, in_s, turns_s=0.0):
            let_in.append((in_s, work_s))
    done_s = 0.0
    for in_s, work_s in sorted(let_in):
        done_s += work_s
        assert done_s <= FULL * in_s * (1 + 1e-9)
    assert not hurried(timetable(let_in))


@given(st.lists(SECONDS), st.floats(0.01, 50.0), st.floats(100.0, 500.0))
def test_after_the_wait_it_fits(others: list[float], work_s: float, in_s: float) -> None:
    """Its own deadline is as far off as before, and the others were worked on meanwhile."""
    due, before_s = timetable((100.0, seconds) for seconds in others), sum(others)
    waits_s = wait_s(due, work_s, in_s, turns_s=before_s)
    left = [Due(one.in_s - waits_s, one.work_s - waits_s) for one in due]
    again_s = wait_s(left, work_s, in_s, turns_s=before_s - waits_s)
    assert again_s == pytest.approx(0.0, abs=1e-6)
