"""What may come in: keys, permits, bodies, replays."""

from __future__ import annotations

import asyncio

import pytest

from harmo.app.admission import Answer, Answers, ApiKey, Doorkeeper, Permits
from harmo.app.errors import ErrorType, ServiceError


def test_no_keys_leaves_every_route_open() -> None:
    assert Doorkeeper([]).identify(None) is None


def test_a_key_may_be_limited_to_recipes() -> None:
    key = Doorkeeper([ApiKey.parse("k:math|vqa")]).identify("Bearer k")
    Doorkeeper.allow(key, "vqa")
    with pytest.raises(ServiceError) as refused:
        Doorkeeper.allow(key, "other")
    assert refused.value.type is ErrorType.FORBIDDEN


def test_keys_are_not_kept_in_clear() -> None:
    assert "secret" not in repr(ApiKey.parse("secret"))


@pytest.mark.parametrize("text", [":math", "", "ключ", "two words"])
def test_a_key_that_no_header_can_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        ApiKey.parse(text)


def test_a_key_for_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(ValueError, match="no loaded recipe"):
        Doorkeeper([ApiKey.parse("team:secret")]).require_known(["math"])


async def test_permits_are_given_back_after_an_error() -> None:
    permits = Permits(2)
    with pytest.raises(KeyError):
        async with permits.hold(2):
            raise KeyError
    assert permits.taken == 0


async def test_one_request_larger_than_the_limit_passes_when_idle() -> None:
    permits = Permits(2)
    async with permits.hold(5):
        with pytest.raises(ServiceError, match="in flight"):
            async with permits.hold(1):
                pass


async def test_two_calls_with_one_key_are_scored_once() -> None:
    answers, made = Answers(), []

    async def make() -> Answer:
        made.append(1)
        await asyncio.sleep(0.01)
        return Answer(body=b"answer")

    got = await asyncio.gather(*(answers.once("k", b"body", make) for _ in range(3)))
    assert [answer for answer, _ in got] == [b"answer"] * 3
    assert len(made) == 1
    assert sorted(replayed for _, replayed in got) == [False, True, True]


async def test_whoever_waited_for_a_call_that_failed_makes_its_own() -> None:
    answers, made = Answers(), []

    async def make() -> Answer:
        made.append(1)
        await asyncio.sleep(0.01)
        if len(made) == 1:
            raise ServiceError(ErrorType.OVERLOADED, "full")
        return Answer(body=b"answer")

    got = await asyncio.gather(
        *(answers.once("k", b"body", make) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in got] == [ServiceError, tuple, tuple]
    assert len(made) == 2


async def test_many_small_answers_never_exceed_the_budget() -> None:
    answers = Answers(max_bytes=100)

    async def make() -> Answer:
        await asyncio.sleep(0)
        return Answer(body=b"x" * 30)

    await asyncio.gather(*(answers.once(f"k{i}", b"", make) for i in range(50)))
    answer, _ = await answers.once("again", b"", make)
    assert answer == b"x" * 30


async def test_an_answer_that_fell_short_because_of_us_is_not_replayed() -> None:
    answers, made = Answers(), []

    async def make() -> Answer:
        made.append(1)
        return Answer(body=b"null", final=False)

    for _ in range(2):
        assert await answers.once("k", b"", make) == (b"null", False)
    assert len(made) == 2


async def test_old_answers_make_room() -> None:
    answers, made = Answers(max_bytes=10), []

    async def make() -> Answer:
        made.append(1)
        return Answer(body=b"12345678")

    for key in ("a", "b", "a"):
        await answers.once(key, b"", make)
    assert len(made) == 3
