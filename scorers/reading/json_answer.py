"""The JSON of a completion: where it stands, and what counts as JSON. The only JSON parser.

What parsers differ about is refused, so that one text has one value: NaN and infinities, a key
twice in one object, numbers that no double holds, half a surrogate pair. Bounded and linear.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from harmo.scorers.reading.around.document import document
from harmo.scorers.reading.extract import elements, parts
from harmo.scorers.types import THINK_TAGS, ThinkTags

MAX_CHARS = 200_000
MAX_DEPTH = 64
MAX_DIGITS = 308
"""Of an integer: a longer one is beyond every double."""

_FENCE = "```"
# Both are linear: a string ends at its quote, or else with the line or the text.
_IN_BLOCK = re.compile(r'"(?:[^"\\\n]|\\.)*"?|```')
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{\]}]', re.DOTALL)
_LANGUAGE = re.compile(r"`*+(?:[^\s`{\[\"]*+(?=[^\S\n]*+\n)|json)", re.IGNORECASE)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def json_answer(text: str, tags: ThinkTags = THINK_TAGS) -> object:
    """The JSON value that a completion answers with; a `ValueError` says why there is none.

    It is the answer part or its `<answer>` element, and where that is not JSON as a whole, the last
    fenced block in it. Different `<answer>` elements are no answer, nor is one that never closes.
    `tags` stand round the think part.
    """
    _, answer, unanswered = parts(text, tags)
    if unanswered:
        raise ValueError(unanswered)
    refused = ValueError("no JSON")
    for place in _places(answer):
        try:
            return read_json(place)
        except ValueError as error:
            refused = error
    raise refused


def _places(answer: str) -> Iterator[str]:
    # As a whole first: tags and fences may stand in a string of the value.
    yield document(answer) or answer
    tagged = elements(answer, "answer")
    if len(tagged) > 1:
        raise ValueError("different <answer> elements")
    yield from tagged
    if (block := _last_block(tagged[0] if tagged else answer)) is not None:
        yield block


def read_json(text: str) -> object:
    """The value of a JSON text; a `ValueError` says why it is none.

    At most `MAX_CHARS` characters, nested at most `MAX_DEPTH` deep.
    """
    text = text.strip()
    if len(text) > MAX_CHARS:
        raise ValueError(f"{len(text)} characters; at most {MAX_CHARS} are read")
    if _depth(text) > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    value = json.loads(
        text,
        parse_constant=_refuse_constant,
        parse_int=_integer,
        parse_float=_real,
        object_pairs_hook=_object,
    )
    if _SURROGATE.search(text):
        _require_unicode(value)
    return value


def _last_block(text: str) -> str | None:
    """What the last closed fence holds, without its language; fences in JSON strings are text."""
    block = None
    opening = text.find(_FENCE)
    while opening >= 0:
        start = opening + len(_FENCE)
        tokens = _IN_BLOCK.finditer(text, start)
        end = next((token.start() for token in tokens if token[0] == _FENCE), None)
        if end is None:
            break
        block = text[start:end]
        opening = text.find(_FENCE, end + len(_FENCE))
    if block is None:
        return None
    language = _LANGUAGE.match(block)
    return block[language.end() :] if language else block


def _depth(text: str) -> int:
    """How deep the brackets outside strings nest."""
    depth = deepest = 0
    for token in _BRACKETS.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits; at most {MAX_DIGITS} are read")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{digits[:40]} is beyond every double")
    return value


def _require_unicode(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {ascii(key)[:40]} stands twice in one object")
        found[key] = value
    return found
