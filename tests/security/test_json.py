"""Attacks 12 to 14: JSON that is read in two ways, or that costs more to read than to send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.security.target import (
    MARK,
    Target,
    group,
    measured,
    require_cheap,
    require_nothing_leaked,
)

ASKED = {"recipe": "answer", "groups": [group("5", prefix="")]}


def spelled(old: str, new: str, **fields: Any) -> bytes:
    """A valid request in which one piece is spelled differently."""
    text = json.dumps(ASKED | fields)
    assert old in text
    return text.replace(old, new, 1).encode()


def counted(number: str) -> bytes:
    """A request whose completion has this `num_tokens`."""
    return spelled('"text": "5"', f'"text": "5", "num_tokens": {number}')


def with_reference(text: str) -> bytes:
    return spelled('"reference": "5"', f'"reference": {text}')


REFUSED: list[tuple[int, bytes, int, str]] = [
    (12, counted("NaN"), 400, "NaN"),
    (12, counted("-Infinity"), 400, "minus infinity"),
    (12, counted("1e999"), 422, "a float beyond all floats"),
    (12, with_reference("1e999"), 422, "the same where any JSON may stand"),
    (12, with_reference('{"a": [NaN]}'), 400, "NaN within any JSON"),
    (12, counted("true"), 422, "a truth for a number"),
    (12, counted('"1.5"'), 422, "text for a number"),
    (12, counted("1.0"), 422, "a float for a count"),
    (12, counted("-1"), 422, "a count below nothing"),
    (12, spelled('"recipe"', '"step": true, "recipe"'), 422, "a truth for a step"),
    (12, spelled('"recipe"', '"wait_for_group_ms": 1e3, "recipe"'), 422, "a float for a wait"),
    (13, spelled('"recipe"', '"recipe": "wide", "recipe"'), 400, "a name twice"),
    (13, spelled('"text": "5"', '"text": "4", "text": "5"'), 400, "a completion twice"),
    (13, spelled('"text": "5"', '"text": "4", "te\\u0078t": "5"'), 400, "the same, escaped"),
    (13, with_reference('{"a": 1, "a": 2}'), 400, "a name twice where any JSON may stand"),
    (13, spelled('"text": "5"', '"text": "5\x00"'), 400, "a NUL as it is"),
    (13, spelled('"text": "5"', '"text": "\\ud800"'), 400, "half a surrogate pair"),
    (13, spelled('"text": "5"', '"text": "\\udc00\\ud800"'), 400, "a pair the wrong way round"),
    (13, spelled('"prompt"', '"\\ud800": 1, "prompt"'), 400, "half a pair as a name"),
    (13, spelled('"text": "5"', '"text": "5"') + b"\xff", 400, "not UTF-8"),
    (13, spelled('"text": "5"', '"text": "5"').decode().encode("utf-16"), 400, "UTF-16"),
    (14, b"[" * 200_000, 400, "200,000 lists deep"),
    (14, with_reference("[" * 200_000 + "]" * 200_000), 400, "the same within a request"),
    (14, with_reference('{"a":' * 100_000 + "1" + "}" * 100_000), 400, "100,000 objects deep"),
    (14, counted("9" * 10_000), 400, "a count of 10,000 digits"),
    (14, with_reference("9" * 10_000), 400, "a reference of 10,000 digits"),
    (14, with_reference("1" * 4_000_000), 400, "a number of four million digits"),
    (14, b'{"' + b"a" * 4_000_000, 400, "a name without end"),
    (14, b" " * 4_000_000, 400, "nothing, four million times"),
    (14, b"\\u0061" * 500_000, 400, "escapes without a string"),
]


@pytest.mark.parametrize(
    ("number", "content", "status", "why"), REFUSED, ids=[f"{n}: {why}" for n, *_, why in REFUSED]
)
def test_what_is_not_plain_json_is_refused_cheaply(
    target: Target, number: int, content: bytes, status: int, why: str
) -> None:
    with measured(target) as harmless:
        plain = target.post(spelled('"5"', json.dumps("a" * len(content))))
    assert plain.status in (200, 422)
    with measured(target) as cost:
        answer = target.post(content)
    assert answer.status == status, answer.content[:300]
    require_cheap(cost, harmless, size=len(content))
    require_nothing_leaked(target, answer)


TAKEN = [
    (13, "\\boxed{5}\x00", 1.0, "a NUL, escaped, is a character like any other"),
    (13, "\U0001f600 \\boxed{5}", 1.0, "a whole surrogate pair"),
    (14, "\\boxed{5}" + " " * 100_000, 1.0, "much of nothing"),
]


@pytest.mark.parametrize(("number", "text", "reward", "why"), TAKEN)
def test_what_is_plain_is_taken(
    target: Target, number: int, text: str, reward: float, why: str
) -> None:
    answer = target.score(group(text))
    assert answer.rewards == [reward], why
    require_nothing_leaked(target, answer)


def test_a_refusal_says_where_and_not_what(target: Target) -> None:
    """A message may name a field; what stood there is the caller's."""
    content = spelled('"text": "5"', f'"text": ["{MARK}"]')
    answer = target.post(content)
    assert answer.status == 422
    assert "text" in answer.body["error"]["field"]
    require_nothing_leaked(target, answer)
