"""How many steps a backtracking match may take: an upper bound, read off the parsed pattern.

Steps are counted where nothing pays for them: a match that is bound to succeed consumes what it has
read, and is charged per character of it. What cannot be bounded is infinite; a bound that is too
high is safe. Sets of characters are bit masks over all of Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import inf
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Literal

Use = Literal["search", "match", "fullmatch"]
"""From every position of a text, or from its start alone, or as a whole."""

SIZE = 0x110000
EVERY = (1 << SIZE) - 1
MANY = 10**7
"""So many steps are as bad as infinitely many."""
_IGNORE = re.IGNORECASE.value
_OUTSIDE = {
    sre.CATEGORY_NOT_DIGIT: sre.CATEGORY_DIGIT,
    sre.CATEGORY_NOT_SPACE: sre.CATEGORY_SPACE,
    sre.CATEGORY_NOT_WORD: sre.CATEGORY_WORD,
}
_CLASSES = {sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_WORD: r"\w"}
_FOLDING = {"s": "\u017f", "k": "\u212a", "i": "\u0130\u0131"}
"""What else is an ASCII letter where case is ignored."""
_REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}


@dataclass(frozen=True, slots=True)
class Bound:
    """The most steps a pattern may take."""

    start: float
    """At one starting position; a failed attempt starts again at the next character."""
    character: float
    """For every character that a match reads."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is still to match from some place of a pattern on."""

    first: int
    """The characters it may go on with; all of them where it may be done at once."""
    miss: float
    """Steps where the next character is none of those."""
    once: float
    """Steps in the worst case, those per character of the text aside."""
    each: float = 0
    """Steps for every character that is left of the text."""
    sure: bool = False
    """It cannot fail, and what it has read is consumed for good."""


def bound(pattern: str, flags: int = 0, *, use: Use = "search") -> Bound:
    """The bound of a pattern, as it is used."""
    tree = parser.parse(pattern, flags)
    reading = _Reading(tree.state.flags)
    if use == "fullmatch":
        end = _Rest(first=0, miss=1, once=1)
    else:
        # After an empty match the next must not be: what may be empty is no longer sure to match.
        sure = use == "match" or tree.getwidth()[0] > 0
        end = _Rest(first=EVERY, miss=0, once=0, sure=sure)
    found = reading.sequence(list(tree), end)
    anchored = use != "search" or _anchored(tree)
    start = inf if found.each and not anchored else _capped(found.once)
    return Bound(start=start, character=_capped(max(reading.rate, found.each)))


def _anchored(tree: Sequence[Any]) -> bool:
    return bool(tree) and tree[0] == (sre.AT, sre.AT_BEGINNING_STRING)


def _capped(steps: float) -> float:
    return steps if steps < MANY else inf


@cache
def _category(name: object, ascii_only: int) -> int:
    if name in _OUTSIDE:
        return EVERY ^ _category(_OUTSIDE[name], ascii_only)
    one = re.compile(_CLASSES[name], ascii_only)
    return _mask(code for code in range(SIZE) if one.match(chr(code)))


def _mask(codes: Iterable[int]) -> int:
    marked = bytearray(SIZE // 8)
    for code in codes:
        marked[code >> 3] |= 1 << (code & 7)
    return int.from_bytes(marked, "little")


def _span(low: int, high: int) -> int:
    return ((1 << (high - low + 1)) - 1) << low


@cache
def _cased() -> int:
    letters = ((code, chr(code)) for code in range(SIZE))
    return _mask(code for code, letter in letters if letter.lower() != letter.upper())


class _Reading:
    """One pattern's flags, and the most that a match pays per character."""

    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.rate: float = 1

    def sequence(self, items: Sequence[Any], rest: _Rest) -> _Rest:
        for item in reversed(items):
            rest = self.item(item, rest)
        return rest

    def item(self, item: tuple[Any, Any], rest: _Rest) -> _Rest:
        op, given = item
        if (characters := self.characters(item)) is not None:
            return _Rest(characters, 1, 1 + rest.once, rest.each)
        if op in _REPEATS:
            return self.repeat(op, *given, rest)
        if op is sre.BRANCH:
            return self.branch([self.sequence(list(each), rest) for each in given[1]], rest)
        if op is sre.SUBPATTERN:
            return self.with_flags(given[1], given[2], lambda: self.sequence(given[3], rest))
        if op is sre.ATOMIC_GROUP:
            inner = list(given)
            if len(inner) == 1 and inner[0][0] is sre.MAX_REPEAT:
                return self.repeat(sre.POSSESSIVE_REPEAT, *inner[0][1], rest)
            return self.atomic(given, rest)
        if op in {sre.ASSERT, sre.ASSERT_NOT}:
            return self.look(op, given[0], given[1], rest)
        if op is sre.AT:
            return self.at(given, rest)
        # A back-reference, or what this does not know.
        return replace(rest, first=EVERY, miss=inf, once=inf, sure=False)

    def with_flags(self, added: int, removed: int, read: Callable[[], _Rest]) -> _Rest:
        before, self.flags = self.flags, (self.flags | added) & ~removed
        found = read()
        self.flags = before
        return found

    def characters(self, item: tuple[Any, Any]) -> int | None:
        """The characters that an item of width one takes; None for any other item."""
        op, given = item
        if op is sre.ANY:
            return EVERY if self.flags & re.DOTALL.value else EVERY ^ (1 << 10)
        if op is sre.LITERAL:
            return self.folded(1 << given)
        if op is sre.NOT_LITERAL:
            return EVERY ^ (1 << given)
        if op is not sre.IN:
            return None
        negated = given[0][0] is sre.NEGATE
        mask = 0
        for kind, value in given[negated:]:
            if kind is sre.LITERAL:
                mask |= 1 << value
            elif kind is sre.RANGE:
                mask |= _span(*value)
            else:
                mask |= _category(value, self.flags & re.ASCII.value)
        # Of a negated set nothing is folded: too many characters are safe, too few are not.
        return EVERY ^ mask if negated else self.folded(mask)

    def folded(self, mask: int) -> int:
        """A mask with its letters in the other case; with all letters, where that is simpler."""
        if not self.flags & _IGNORE or not mask & _cased():
            return mask
        if mask >> 128:
            return mask | _cased()
        for letter in [chr(code) for code in range(128) if mask >> code & 1]:
            spelled = letter.lower() + letter.upper() + _FOLDING.get(letter.lower(), "")
            mask |= _mask(map(ord, spelled))
        return mask

    def at(self, place: object, rest: _Rest) -> _Rest:
        if place is sre.AT_END_STRING:
            return _Rest(0, 1, 1 + rest.once, rest.each)
        if place is sre.AT_END:
            return _Rest(1 << 10, 1, 1 + rest.once, rest.each)
        return _Rest(rest.first, 1 + rest.miss, 1 + rest.once, rest.each)

    def look(self, op: object, way: int, tree: Any, rest: _Rest) -> _Rest:
        end = _Rest(first=EVERY, miss=0, once=0)
        seen = self.sequence(list(tree), end)
        first = rest.first
        if way > 0 and op is sre.ASSERT:
            first &= seen.first
        elif way > 0 and len(tree) == 1 and not self.flags & _IGNORE:
            first &= EVERY ^ (self.characters(tree[0]) or 0)
        if op is sre.ASSERT and way > 0 and seen.first & rest.first == seen.first:
            miss = 1 + seen.miss
        else:
            miss = inf if seen.each else 1 + seen.once + rest.miss
        return _Rest(first, miss, 1 + seen.once + rest.once, seen.each + rest.each)

    def atomic(self, tree: Any, rest: _Rest) -> _Rest:
        """A group that is left by its first way through alone."""
        if rest.sure:
            return self.sequence(list(tree), rest)
        inner = self.sequence(list(tree), _Rest(first=EVERY, miss=0, once=0, sure=True))
        least, most = tree.getwidth()
        endless = most >= sre.MAXREPEAT
        return _Rest(
            inner.first | (0 if least else rest.first),
            inner.miss + (0 if least else rest.miss),
            inner.once + (0 if endless else most * self.rate) + rest.once,
            inner.each + rest.each + (self.rate if endless else 0),
        )

    def branch(self, ways: list[_Rest], rest: _Rest) -> _Rest:
        """Alternatives: of those that the next character shuts out, only the first step."""
        # Where what follows cannot fail, only one of them comes to it.
        shared = rest.once if rest.sure and rest.once < MANY else 0
        once = shared + max(
            sum(other.once - shared if other.first & way.first else other.miss for other in ways)
            for way in ways
        )
        first = 0
        for way in ways:
            first |= way.first
        miss = sum(way.miss for way in ways)
        return _Rest(
            first,
            1 + miss,
            1 + max(once, miss),
            max(way.each for way in ways) if _apart(ways) else sum(way.each for way in ways),
            sure=any(way.sure for way in ways),
        )

    def repeat(self, op: object, least: int, most: int, body: Any, rest: _Rest) -> _Rest:
        endless = most >= sre.MAXREPEAT
        one = self.characters(body[0]) if len(body) == 1 else None
        if rest.sure:
            return self.paid(least, body, rest, bare=op is sre.MIN_REPEAT or most == least)
        if op is sre.POSSESSIVE_REPEAT:
            return self.possessive(least, most, body, rest, endless=endless)
        if one is not None:
            return self.run(one, least, most, rest, endless=endless)
        if endless:
            return replace(rest, first=EVERY, miss=inf, once=inf, sure=False)
        return self.unrolled(least, most, body, rest)

    def paid(self, least: int, body: Any, rest: _Rest, *, bare: bool) -> _Rest:
        """A repeat before what cannot fail: its turns are paid for by what they consume."""
        turn = self.sequence(list(body), _Rest(first=EVERY, miss=0, once=0, sure=True))
        if not bare:
            self.rate = max(self.rate, turn.once)
            if turn.each or body.getwidth()[0] == 0:
                self.rate = inf
            # It may also take nothing.
            once = 1 + turn.once + rest.once
            rest = _Rest(EVERY, 0, once, rest.each, sure=True)
        for _ in range(least):
            rest = self.sequence(list(body), rest)
        return rest

    def run(self, one: int, least: int, most: int, rest: _Rest, *, endless: bool) -> _Rest:
        """Characters of one set, before what may fail."""
        first = one if least else one | rest.first
        apart = not one & rest.first
        # Where what follows cannot start inside the run, it fails there at its first character.
        again = rest.miss if apart else rest.once
        miss = 1 + (0 if least else rest.miss)
        if not endless:
            once = 1 + most + rest.once + (again * (most - least) if most > least else 0)
            each = rest.each if apart else rest.each * (most - least + 1)
            return _Rest(first, miss, once, each)
        if rest.each and not apart:
            return _Rest(first, miss, inf)
        return _Rest(first, miss, 1 + rest.once, 1 + again + rest.each)

    def possessive(
        self,
        least: int,
        most: int,
        body: Any,
        rest: _Rest,
        *,
        endless: bool,
    ) -> _Rest:
        """A repeat that gives nothing back: one way through."""
        turn = self.sequence(list(body), _Rest(first=EVERY, miss=0, once=0, sure=True))
        if turn.each or (endless and body.getwidth()[0] == 0):
            return _Rest(EVERY, inf, inf)
        first = turn.first if least else turn.first | rest.first
        miss = turn.miss + (0 if least else rest.miss)
        narrow, width = body.getwidth()
        if endless or width >= sre.MAXREPEAT:
            return _Rest(first, miss, turn.once + rest.once, self.rate + turn.once + rest.each)
        # What varies in width has runs that its own turn does not count.
        read = 0 if narrow == width else most * width
        return _Rest(first, miss, read + turn.once * (1 + most) + rest.once, rest.each)

    def unrolled(self, least: int, most: int, body: Any, rest: _Rest) -> _Rest:
        """A repeat as the optional copies that it is."""
        after = rest
        for turn in range(most, 0, -1):
            taken = self.sequence(list(body), after)
            after = taken if turn <= least else self.branch([taken, rest], rest)
            if after.once > MANY:
                return _Rest(EVERY, inf, inf)
        return after


def _apart(ways: list[_Rest]) -> bool:
    seen = 0
    for way in ways:
        if seen & way.first:
            return False
        seen |= way.first
    return True
