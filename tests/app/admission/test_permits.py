"""Permits."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.app.admission.outflow import Clock
from harmo.app.admission.permits import Hold, Limit, Permits
from harmo.app.errors import ServiceError
from harmo.app.shed import ShedError, ShedReason
from tests.app.clock import Clock as FakeClock


def permits(total: int, share: float = 1.0, clock: Clock | None = None) -> Permits:
    reason = ShedReason.COMPLETIONS
    limit = Limit(total=total, what="in flight", setting="max", reason=reason, share=share)
    return Permits(limit, clock or FakeClock())


def test_permits_are_given_back_after_an_error() -> None:
    held = permits(2)
    with pytest.raises(KeyError), held.hold("a", 2):
        raise KeyError
    assert held.taken == 0


def test_one_request_larger_than_the_limit_passes_when_idle() -> None:
    held = permits(2)
    with held.hold("a", 5), pytest.raises(ServiceError, match="in flight"):
        held.hold("b", 1)


def test_what_grows_past_the_limit_is_refused_and_keeps_what_it_had() -> None:
    held = permits(10)
    with held.hold("a", 4) as first, held.hold("b", 4):
        with pytest.raises(ShedError):
            first.grow_to(7)
        assert (first.amount, held.taken) == (4, 8)
        first.grow_to(6)
        first.grow_to(2)
        assert held.taken == 10


def test_a_hold_is_over_with_the_last_who_holds_it() -> None:
    held = permits(10)
    hold = held.hold("a", 4)
    with hold:
        inner = hold.__enter__()
    assert held.taken == 4
    inner.__exit__(None, None, None)
    assert held.taken == 0


@pytest.mark.parametrize(
    ("taken", "owner", "amount", "fits", "why"),
    [
        ([("a", 3)], "a", 2, True, "up to the share"),
        ([("a", 3)], "a", 3, False, "past the share"),
        ([("a", 3)], "b", 5, True, "another's share is untouched"),
        ([("a", 3)], "b", 9, False, "past the limit"),
        ([("b", 1)], "a", 8, True, "more than the share where nothing else is the caller's"),
    ],
)
def test_each_caller_has_a_share(
    taken: list[tuple[str, int]], owner: str, amount: int, fits: bool, why: str
) -> None:
    held = permits(10, share=0.5)
    with contextlib.ExitStack() as stack:
        for each, much in taken:
            stack.enter_context(held.hold(each, much))
        if fits:
            stack.enter_context(held.hold(owner, amount))
        else:
            with pytest.raises(ShedError, match="max"):
                held.hold(owner, amount)
    assert held.taken == 0, why


def test_the_time_to_come_back_is_that_in_which_so_much_is_given_back() -> None:
    clock = FakeClock()
    held = permits(10, clock=clock)
    for _ in range(20):
        with held.hold("a", 4):
            clock.now_s += 2.0
    with held.hold("a", 10), pytest.raises(ShedError) as refused:
        held.hold("b", 20)
    assert 10 <= int(refused.value.headers["Retry-After"]) <= 13, "20 more at 2 a second"


async def test_what_has_waited_goes_before_what_comes_now() -> None:
    held = permits(4)
    first = held.hold("a", 3).__enter__()
    waits = asyncio.create_task(held.claim("b", 2))
    await asyncio.sleep(0)
    with pytest.raises(ShedError):
        held.hold("c", 1)
    first.__exit__(None, None, None)
    with await waits:
        assert held.taken == 2
    assert held.taken == 0


async def test_a_claim_of_nothing_waits_for_nobody() -> None:
    held = permits(4)
    with held.hold("a", 4):
        waits = asyncio.create_task(held.claim("b", 1))
        await asyncio.sleep(0)
        with await held.claim("b", 0):
            assert held.taken == 4
    with await waits:
        assert held._by_owner == {"b": 1}


@pytest.mark.parametrize("granted", [False, True], ids=["while it waits", "as it is granted"])
async def test_a_claim_that_is_cancelled_leaves_nothing_and_lets_the_next_go(granted: bool) -> None:
    held = permits(4)
    first = held.hold("a", 4).__enter__()
    gone = asyncio.create_task(held.claim("b", 4))
    following = asyncio.create_task(held.claim("c", 4))
    await asyncio.sleep(0)
    if granted:
        first.__exit__(None, None, None)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    if not granted:
        first.__exit__(None, None, None)
    with await following:
        assert held.taken == 4
    assert held.taken == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 12))
def test_whatever_is_taken_refused_cancelled_and_given_back_none_is_lost(
    seed: int, total: int
) -> None:
    async def all_of_it() -> None:
        chance, held = random.Random(seed), permits(total, share=0.6)
        outcomes: list[str] = []

        async def one(owner: str, amount: int, claims: bool) -> None:
            try:
                hold: Hold = await held.claim(owner, amount) if claims else held.hold(owner, amount)
                with hold:
                    for _ in range(chance.randrange(4)):
                        await asyncio.sleep(0)
                        hold.give_back(chance.randrange(2))
                outcomes.append("done")
            except ShedError:
                outcomes.append("shed")
            except asyncio.CancelledError:
                outcomes.append("cancelled")

        tasks = []
        for _ in range(30):
            asked = one(chance.choice("abc"), chance.randrange(1, total + 2), chance.random() < 0.4)
            tasks.append(asyncio.create_task(asked))
            await asyncio.sleep(0)
            if chance.random() < 0.3:
                chance.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len(outcomes) <= 30
        assert held.taken == 0
        assert not held._by_owner
        assert not held._claims

    asyncio.run(asyncio.wait_for(all_of_it(), 20))
