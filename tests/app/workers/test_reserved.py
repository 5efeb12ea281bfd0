"""What is let in is done in time, whoever else comes, and those who bring little hardly wait."""

from __future__ import annotations

import statistics

import pytest

from harmo.app.workers.reserved import Reservations
from tests.app.workers.clocked import DEADLINE_S, Clocked, Request, Texts, mixed, of

LARGE, MIDDLING, SMALL = of(1200, 0.04), of(300, 0.04), of(16, 0.04)
HUGE = of(8000, 0.04)
"""More than two workers do in the time that a request has."""
HALF_AN_HOUR_S = 1800.0

Clients = list[tuple[str, Texts, float]]
"""Recipe, what it brings, and seconds between an answer and the next request."""


def large(number: int) -> Clients:
    return [("large", LARGE, 10.0)] * number


def small(number: int) -> Clients:
    return [("small", SMALL, 3.0)] * number


@pytest.mark.parametrize("group", [8, 1200], ids="groups of {}".format)
@pytest.mark.parametrize(
    "clients",
    [
        pytest.param(large(4), id="as many as there is time for"),
        pytest.param(large(8), id="twice as many"),
        pytest.param([*large(8), *small(6)], id="and some that bring little"),
        pytest.param([("middling", MIDDLING, 5.0)] * 20, id="many in the middle"),
        pytest.param([*small(60), *large(2)], id="a crowd before the large"),
    ],
)
async def test_what_is_let_in_is_done_in_time_and_nobody_idles(
    clients: Clients, group: int
) -> None:
    """At up to three times what can be done, once it is known how long texts take."""
    clocked = Clocked(group=group)
    for client in clients:
        clocked.client(*client)
    clocked.until(DEADLINE_S * 2)
    clocked.late, clocked.worked_s = 0, 0.0
    clocked.until(DEADLINE_S * 2 + HALF_AN_HOUR_S)
    assert clocked.late == 0
    assert clocked.worked_s > 0.9 * 2 * HALF_AN_HOUR_S


@pytest.mark.parametrize("deadline_s", [1.0, 5.0])
async def test_what_has_seconds_is_done_in_time_too(deadline_s: float) -> None:
    clocked, texts = Clocked(), of(4, 0.005 * deadline_s)
    for _ in range(120):
        clocked.client("maths", texts, 0.1, deadline_s)
    clocked.until(60.0)
    clocked.late, clocked.worked_s = 0, 0.0
    clocked.until(160.0)
    assert clocked.late == 0
    assert clocked.worked_s > 0.9 * 2 * 100.0


async def test_who_brings_little_hardly_waits_behind_those_who_bring_much() -> None:
    clocked = Clocked()
    for client in [*large(8), *small(6)]:
        clocked.client(*client)
    clocked.until(HALF_AN_HOUR_S)
    alone_s = 16 * 0.04 / 2
    assert statistics.median(clocked.took_s["small"]) < 20 * alone_s


async def test_who_brings_more_is_let_in_beside_a_crowd_of_those_who_bring_little() -> None:
    clocked = Clocked()
    for client in [("small", SMALL, 0.2)] * 200 + [("more", of(60, 0.04), 5.0)] * 4:
        clocked.client(*client)
    clocked.until(HALF_AN_HOUR_S / 2)
    assert clocked.refused > 100, "there is no room for all of them"
    assert len(clocked.took_s["more"]) > 4
    assert clocked.late == 0


async def test_one_whose_texts_are_harder_than_others_of_its_recipe_is_told_from_them() -> None:
    clocked = Clocked()
    for number in range(12):
        clocked.client("maths", LARGE if number < 4 else of(1200, 0.004), 10.0)
    clocked.until(HALF_AN_HOUR_S)
    assert clocked.late < 0.05 * clocked.let_in


async def test_texts_that_take_long_now_and_then_do_not_have_the_rest_refused() -> None:
    clocked = Clocked()
    for _ in range(8):
        clocked.client("maths", mixed(900, 0.005, 0.01), 10.0)
    clocked.until(HALF_AN_HOUR_S)
    assert clocked.late < 0.15 * clocked.let_in
    assert clocked.worked_s > 0.9 * 2 * HALF_AN_HOUR_S


async def test_of_what_cannot_be_done_in_time_one_is_let_in_and_costs_nobody_a_reward() -> None:
    clocked = Clocked()
    for client in [*large(3), ("huge", HUGE, 10.0), ("huge", HUGE, 10.0)]:
        clocked.client(*client)
    clocked.until(DEADLINE_S * 2)
    clocked.late, before = 0, len(clocked.took_s["large"])
    clocked.until(DEADLINE_S * 2 + HALF_AN_HOUR_S)
    assert 10 <= clocked.late <= HALF_AN_HOUR_S / DEADLINE_S + 1, "one after the other gets on"
    assert len(clocked.took_s["large"]) - before > 30, "as large ones are done all the same"
    assert "huge" not in clocked.took_s


def known(workers: int, seconds: float) -> Clocked:
    """Workers that know how long a text of the recipe `maths` takes."""
    clocked = Clocked(workers)
    with clocked.reserved.reserve("maths", 10_000, 1e9) as before:
        for _ in range(10_000):
            clocked.reserved.took(before, "maths", seconds, whole=True)
        clocked.reserved.scored(before, 10_000)
    return clocked


def asked(number: int) -> Request:
    return Request([1.0] * number, "maths", 0.0)


async def test_all_take_turns_until_who_is_due_first_has_to_go_first() -> None:
    clocked, first, second = known(1, 1.0), asked(40), asked(150)
    clocked.send(first, deadline_s=100.0)
    clocked.send(second, deadline_s=500.0)
    clocked.until(20.5)
    assert (len(first.jobs), len(second.jobs)) == (30, 140)
    clocked.until(100.0)
    assert not first.jobs, "by turns it had its last text after 80 s, but for the others that came"
    clocked.until(500.0)
    assert not second.jobs
    assert clocked.late == 0


@pytest.mark.parametrize(
    ("number", "late", "why"),
    [
        (60, 0, "it came alone, and others are let in for what time it leaves"),
        (85, 1, "nobody can promise that"),
    ],
)
async def test_one_that_takes_most_of_its_time_keeps_it(number: int, late: int, why: str) -> None:
    clocked, large = known(1, 1.0), asked(number)
    clocked.send(large, deadline_s=100.0)
    for second in range(0, 90, 3):
        clocked.at(second + 0.5, lambda: clocked.send(asked(5), deadline_s=60.0))
    clocked.until(99.0)
    assert clocked.let_in > 5, "others are not kept out"
    clocked.until(101.0)
    assert clocked.late == late, why


async def test_what_reserved_nothing_goes_before_those_in_a_hurry() -> None:
    """The service's own question whether it works at all: it must not fail for being busy."""
    clocked = known(1, 1.0)
    reserved = clocked.reserved
    with reserved.reserve("maths", 60, 100.0) as large:
        waiting = {"canary", large}
        assert reserved.first(waiting) is None, "there is time to take turns"
        clocked.now_s = 20.0
        assert reserved.first(waiting) is large
        reserved.stand("canary", "maths", 1)
        assert reserved.first(waiting) == "canary"
        reserved.stand("canary", "maths", -1)
        assert reserved.first(waiting) is large
    assert reserved.first({"canary"}) is None


async def test_what_nobody_knows_is_let_in() -> None:
    reserved = Reservations(2)
    with reserved.reserve("maths", 10_000, 1.0):
        assert reserved.wait_s("maths", 10_000, 1.0) == 0.0


async def test_what_is_reserved_counts_at_once_and_no_longer_than_it_lasts() -> None:
    reserved = known(1, 1.0).reserved
    assert reserved.wait_s("maths", 40, 100.0) == 0.0
    with reserved.reserve("maths", 40, 100.0):
        assert reserved.wait_s("maths", 40, 100.0) == pytest.approx(17.0, rel=0.01)
    assert reserved.wait_s("maths", 40, 100.0) == 0.0


async def test_what_is_late_whoever_goes_first_keeps_nobody_waiting() -> None:
    clocked = known(1, 1.0)
    reserved = clocked.reserved
    with reserved.reserve("maths", 40, 100.0) as late:
        clocked.now_s = 85.0
        assert reserved.wait_s("maths", 10, 120.0) == 0.0
        with reserved.reserve("maths", 10, 120.0) as other:
            assert reserved.first({late, other}) is None, "they take turns"


async def test_a_request_that_ended_before_anything_was_scored_says_how_long_others_take() -> None:
    reserved = Reservations(1, clock=lambda: 0.0)
    with reserved.reserve("maths", 100, 60.0) as one:
        assert one.work_s == 0.0, "nobody knows"
        for _ in range(40):
            reserved.took(one, "maths", 0.5, whole=True)
    with reserved.reserve("maths", 100, 60.0) as next_one:
        assert next_one.work_s > 10.0
