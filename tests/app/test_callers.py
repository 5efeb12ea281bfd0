"""Trainers with fewer callers than a group has members, and those that only look like it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random

import pytest

from harmo.app import callers
from harmo.app.assembly import Assembly
from harmo.app.callers import Known
from tests.app.clock import Clock, simulated
from tests.app.trainers import PATIENCE_S, Member, Trainer, members, room, trainer

ANSWER_S = 0.1
"""What one more answer may take, with the look at whether more is to come."""


@pytest.mark.parametrize("shuffled", [None, 1], ids=["prompt by prompt", "in any order"])
@pytest.mark.parametrize("pool", [1, 2, 4, 7])
def test_a_trainer_with_too_few_callers_waits_once_and_then_goes_on(
    pool: int, shuffled: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    groups = members(20, shuffled=shuffled)

    async def run() -> tuple[Trainer, float]:
        asking = trainer()
        return asking, await asking.by_pool(pool, groups)

    asking, took_s = simulated(run())
    assert len(asking.answers) == len(groups)
    # In any order nobody is late at first: a wait shows as many callers as come back after it.
    waits = 1 if shuffled is None else math.ceil(callers.MIN_RETURNS / pool)
    assert took_s < waits * PATIENCE_S + ANSWER_S * len(groups)
    assert 0 < sum(answer.cause == "stalled" for answer in asking.answers) <= waits * pool
    assert "patience" not in asking.causes()
    (told,) = [r.getMessage() for r in caplog.records if "few_callers" in r.getMessage()]
    assert "run='r' group='g" in told
    assert f"never has more than {pool} requests in flight" in told
    assert "at least 8 requests" in told


def test_what_a_run_has_shown_is_known_after_it_was_idle() -> None:
    async def run() -> list[float]:
        asking, took_s = trainer(), []
        for step in range(3):
            asking.step = step
            took_s.append(await asking.by_pool(4, members(10)))
            await asyncio.sleep(600)
        return took_s

    first, *others = simulated(run())
    assert first > PATIENCE_S
    assert max(others) < ANSWER_S * 80


def test_enough_callers_never_wait_in_vain() -> None:
    async def run() -> Trainer:
        asking = trainer()
        await asking.by_pool(8, members(20))
        await asking.by_pool(13, members(20))
        return asking

    assert simulated(run()).causes() == {None}


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        ("eval", "an evaluation of the run comes and goes"),
        ("whole", "whole groups are sent beside the pieces"),
        ("other", "another run of the same caller"),
    ],
)
def test_too_few_callers_get_on_whatever_else_is_sent(beside: str, why: str) -> None:
    async def run() -> tuple[Trainer, float]:
        asking = trainer()
        other = Trainer(assembly=asking.assembly, run="s" if beside == "other" else "r", step=None)

        async def now_and_then() -> None:
            for n in range(4):
                await asyncio.sleep(20)
                if beside == "whole":
                    await asking.whole(1.0)
                else:
                    pieces = [((f"e{n}-{id}", id), int(id) / 10) for id in "01234567"]
                    pieces += [((group, f"{id}'"), after_s) for (group, id), after_s in pieces]
                    await other.at_once([((g, i), s) for (g, i), s in pieces])

        meanwhile = asyncio.create_task(now_and_then())
        took_s = await asking.by_pool(3, members(200))
        await meanwhile
        return asking, took_s

    asking, took_s = simulated(run())
    assert len(asking.answers) == 1600, why
    # What is more than the known number of requests costs one more wait, each time.
    assert took_s < 5 * PATIENCE_S + ANSWER_S * 1600, why
    assert "callers" in asking.causes()


def straggling(seed: int, prompts: int) -> list[tuple[Member, float]]:
    """When the members of a step are written: one in eight takes up to two minutes longer."""
    chance = random.Random(seed)
    return [
        (member, chance.uniform(0, 20) + (chance.random() < 0.12) * chance.uniform(20, 120))
        for member in members(prompts)
    ]


def late_by_themselves(written_s: list[tuple[Member, float]]) -> set[str]:
    """The groups whose last member is written when the patience with the first is over."""
    times: dict[str, list[float]] = {}
    for (group, _), after_s in written_s:
        times.setdefault(group, []).append(after_s)
    return {group for group, each in times.items() if max(each) - min(each) > PATIENCE_S}


@pytest.mark.parametrize("prompts", [1, 2, 16])
@pytest.mark.parametrize("seed", range(20))
def test_members_that_straggle_are_waited_for_as_long_as_was_asked(seed: int, prompts: int) -> None:
    steps = [straggling(1000 * seed + step, prompts) for step in range(12)]

    async def run() -> list[Trainer]:
        assembly = Assembly(room(10_000, 10_000), clock=asyncio.get_running_loop().time)
        done = []
        for step, written_s in enumerate(steps):
            done.append(Trainer(assembly=assembly, step=step))
            await done[-1].at_once(written_s)
        return done

    for step, written_s in zip(simulated(run()), steps, strict=True):
        assert "callers" not in step.causes()
        short = {answer.group for answer in step.answers if not answer.complete}
        assert short == late_by_themselves(written_s)


def test_completions_that_are_cut_at_the_same_token_prove_nothing() -> None:
    """They come together, and by chance just after a wait was over."""

    async def run() -> Trainer:
        asking = trainer(size=4)
        for step in range(20):
            asking.step = step
            written_s = [
                ((group, id), PATIENCE_S + 0.3 if id in "23" else n / 10)
                for n, (group, id) in enumerate(members(3, 4))
            ]
            await asking.at_once(written_s)
        return asking

    assert "callers" not in simulated(run()).causes()


@pytest.mark.parametrize("seed", range(5))
def test_a_run_that_got_more_callers_is_wrong_about_two_groups_at_most(seed: int) -> None:
    """A trainer that was started anew, as it was told, and asks for all members at once."""
    chance = random.Random(seed)

    async def run() -> list[set[str | None]]:
        asking, causes = trainer(), []
        await asking.by_pool(7, members(20))
        for step in range(6):
            await asyncio.sleep(100)
            again = Trainer(assembly=asking.assembly, step=100 + step)
            await again.at_once([(member, chance.uniform(0, 40)) for member in members(1)])
            causes.append(again.causes())
        return causes

    assert simulated(run())[2:] == [{None}] * 4


@pytest.mark.parametrize(
    ("fourth", "last_s", "why"),
    [
        ([], 5.0, "one of the four is busy elsewhere, and brings the last member"),
        ([(0.0, 5.0, None)], 5.1, "one of the four has a whole group scored before"),
        (
            [(0.0, 0.0, 0.045), (0.0465, 0.0, None)],
            0.08,
            "it gave up and came back: a fifth may be",
        ),
    ],
)
def test_no_group_is_given_up_before_all_callers_have_waited_for_a_while(
    fourth: list[tuple[float, float, float | None]], last_s: float, why: str
) -> None:
    async def run() -> Trainer:
        asking = trainer()
        await asking.by_pool(4, members(5))
        again = Trainer(assembly=asking.assembly, size=4, step=2)

        async def elsewhere(after_s: float, scored_s: float, gone_s: float | None) -> None:
            await asyncio.sleep(after_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if gone_s is None else gone_s - after_s):
                    await (again.whole(scored_s) if scored_s else again.ask("other", "x"))

        others = [asyncio.create_task(elsewhere(*each)) for each in fourth]
        await again.at_once([(("g", id), last_s if id == "d" else 0.0) for id in "abcd"])
        for other in others:
            other.cancel()
        return again

    assert [answer.complete for answer in simulated(run()).answers] == [True] * 4, why


def test_one_request_more_than_there_can_be_ends_what_was_known() -> None:
    async def run() -> tuple[Trainer, Trainer]:
        asking = trainer()
        await asking.by_pool(4, members(20))
        again = Trainer(assembly=asking.assembly, step=2)
        await again.at_once([(member, n * 0.04) for n, member in enumerate(members(1))])
        last = Trainer(assembly=asking.assembly, step=3)
        await last.at_once([(member, n * 10.0 % 31) for n, member in enumerate(members(1))])
        return again, last

    again, last = simulated(run())
    assert (again.causes(), last.causes()) == ({None}, {None})


def test_another_run_is_judged_by_itself() -> None:
    async def run() -> Trainer:
        asking = trainer()
        await asking.by_pool(2, members(20))
        other = Trainer(assembly=asking.assembly, run="s")
        await other.at_once([(member, 8.0 * n) for n, member in enumerate(members(1))])
        return other

    assert simulated(run()).causes() == {None}


def test_runs_that_are_known_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MAX_KNOWN", 3)

    async def run() -> Assembly:
        asking = trainer()
        for n in range(5):
            one = Trainer(assembly=asking.assembly, run=f"r{n}")
            await one.by_pool(2, members(3))
        return asking.assembly

    assembly = simulated(run())
    assert list(assembly._callers._known) == [("", f"r{n}") for n in (2, 3, 4)]
    assert assembly.is_idle


def known_after(*events: tuple[float, str]) -> Known:
    """What is known after a stall of four requests, and what came (+) and went (-) then."""
    known = Known()
    known.suspect(4, callers.STILL_S)
    for now_s, what in events:
        for each in what:
            known.came(now_s) if each == "+" else known.went(now_s)
    return known


@pytest.mark.parametrize(
    ("events", "at_most", "is_tried", "why"),
    [
        ([], None, True, "nobody came back yet"),
        ([(0, "----"), (0.4, "++++")], 4, False, "each answer brought a request"),
        ([(0, "--"), (0.4, "++-"), (0.5, "+-"), (0.6, "+")], 4, False, "one after the other"),
        ([(0, "----"), (0.4, "+++")], None, True, "one is missing"),
        ([(0, "--"), (0.4, "++")], None, True, "two may have been written just then"),
        ([(0, "----"), (0.4, "+++"), (0.6, "+")], None, False, "nobody waits so long for nothing"),
        ([(0, "--"), (0.4, "+++")], None, False, "one more than there can be"),
        ([(0, "----"), (0.4, "++++"), (0.5, "+")], None, False, "the same when it was proved"),
        ([(0, "----"), (0.4, "++++"), (0.5, "----"), (600, "++++")], 4, False, "it was idle"),
    ],
)
def test_a_number_is_proved_by_callers_that_come_back_and_no_others(
    events: list[tuple[float, str]], at_most: int | None, is_tried: bool, why: str
) -> None:
    known = known_after(*events)
    assert (known.ceiling and known.ceiling.at_most) == at_most, why
    assert (known.trial is not None) is is_tried, why


def test_of_many_that_waited_as_many_must_come_back() -> None:
    known = Known()
    known.suspect(9, callers.STILL_S)
    for _ in range(8):
        known.went(0.0)
        known.came(0.1)
    assert known.ceiling is None
    known.went(0.2)
    known.came(0.3)
    assert known.ceiling is not None


@pytest.mark.parametrize(("still_s", "is_tried"), [(1.9, False), (2.1, True)])
def test_a_number_is_tried_after_a_run_stood_still(still_s: float, is_tried: bool) -> None:
    clock = Clock()
    seen = callers.Callers(clock)
    run, _ = seen.came(("", "r"))
    run.held = 1
    clock.now_s = still_s
    assert seen.stalled(("", "r"), run, 0, PATIENCE_S)
    assert (run.known.trial is not None) is is_tried
