"""Values of formulas, worked out apart from every rule.

A probe must know that two answers differ without asking what it probes. So this reads little
(numbers, letters, four operations, powers, roots, some functions) and says so where it cannot.
"""

from __future__ import annotations

import cmath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MAX_CHARS = 300
MAX_DEPTH = 40
MAX_MAGNITUDE = 1e60
POINTS = 3
"""A formula with letters is worked out at so many points."""

_TOKEN = re.compile(r"\\[A-Za-z]{1,40}|\d{1,40}\.\d{1,40}|\.\d{1,40}|\d{1,40}|[A-Za-z]|\S")
_FUNCTIONS: Mapping[str, Callable[[complex], complex]] = MappingProxyType(
    {
        "\\sin": cmath.sin,
        "\\cos": cmath.cos,
        "\\tan": cmath.tan,
        "\\ln": cmath.log,
        "\\exp": cmath.exp,
    }
)
_CONSTANTS = MappingProxyType({"\\pi": cmath.pi, "π": cmath.pi, "e": cmath.e, "i": 1j})
_TIMES = ("*", "\\cdot", "\\times", "×", "·")
_OVER = ("/", "\\div", "÷")
_CLOSING = MappingProxyType({"(": ")", "{": "}", "[": "]"})


class UnreadError(ValueError):
    """No formula that is read here."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What a text is worth."""

    values: tuple[complex, ...]
    """At each point."""
    letters: frozenset[str]
    """Its variables."""


def formula(text: str) -> Formula:
    """The values of a formula at a few points, the same ones for every formula.

    Args:
        text: LaTeX or plain, without dollars.

    Raises:
        UnreadError: If it is none, too long, too deep or too large.
    """
    if len(text) > MAX_CHARS:
        raise UnreadError("too long")
    tokens = _TOKEN.findall(text)
    readers = [_Reader(list(tokens), point) for point in range(POINTS)]
    try:
        values = tuple(reader.whole() for reader in readers)
    except (ArithmeticError, ValueError, IndexError) as error:
        raise UnreadError(str(error)) from None
    if any(abs(value) > MAX_MAGNITUDE or value != value for value in values):
        raise UnreadError("too large")
    return Formula(values=values, letters=frozenset(readers[0].letters))


@dataclass(slots=True)
class _Reader:
    """Works a formula out while it reads it; recursive descent."""

    tokens: list[str]
    point: int
    at: int = 0
    depth: int = 0
    letters: set[str] = field(default_factory=set)

    def whole(self) -> complex:
        value = self._sum()
        if self.at < len(self.tokens):
            raise UnreadError(f"unread: {self.tokens[self.at]}")
        return value

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> bool:
        found = self._next() in wanted and bool(self._next())
        self.at += found
        return found

    def _sum(self) -> complex:
        value = self._product()
        while self._next() in ("+", "-", "−"):
            sign = 1 if self._next() == "+" else -1
            self.at += 1
            value += sign * self._product()
        return value

    def _product(self) -> complex:
        value = self._signed()
        while True:
            if self._take(*_TIMES):
                value *= self._signed()
            elif self._take(*_OVER):
                value /= self._signed()
            elif self._starts_factor():
                value *= self._power()
            else:
                return value

    def _starts_factor(self) -> bool:
        """True where a factor follows without a sign; digits after digits are no product."""
        ahead, last = self._next(), self.tokens[self.at - 1]
        if ahead[:1].isdigit() or ahead[:1] == ".":
            return last in (")", "}")
        return bool(ahead) and (ahead.isalpha() or ahead[0] == "\\" or ahead in "({")

    def _signed(self) -> complex:
        sign = 1
        while self._next() in ("+", "-", "−") and self._next():
            sign = sign if self._next() == "+" else -sign
            self.at += 1
        return sign * self._power()

    def _power(self) -> complex:
        base = self._atom()
        if not self._take("^"):
            return base
        exponent = self._signed() if self._next() != "{" else self._atom()
        if abs(exponent) > 64:
            raise UnreadError("a large exponent")
        return base**exponent

    def _atom(self) -> complex:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnreadError("too deep")
        try:
            return self._opened()
        finally:
            self.depth -= 1

    def _opened(self) -> complex:
        first = self.tokens[self.at]
        self.at += 1
        if first[0].isdigit() or first[0] == ".":
            return complex(float(first))
        if first in ("(", "{", "["):
            value = self._sum()
            if not self._take(_CLOSING[first]):
                raise UnreadError(f"unclosed: {first}")
            return value
        if first in ("\\frac", "\\dfrac", "\\tfrac"):
            return self._digit_or_atom() / self._digit_or_atom()
        if first == "\\sqrt":
            degree = self._atom() if self._next() == "[" else 2
            return self._digit_or_atom() ** (1 / degree)
        if first in _FUNCTIONS:
            return _FUNCTIONS[first](self._power())
        if first in _CONSTANTS:
            return _CONSTANTS[first]
        if first.isalpha():
            return self._letter(first)
        raise UnreadError(f"unread: {first}")

    def _digit_or_atom(self) -> complex:
        r"""An argument: `\frac12` takes one digit each."""
        token = self.tokens[self.at]
        if token.isdigit() and len(token) > 1:
            self.tokens[self.at] = token[1:]
            return complex(int(token[0]))
        return self._atom()

    def _letter(self, letter: str) -> complex:
        self.letters.add(letter)
        return complex(next(_points(letter, self.point)))


def _points(letter: str, point: int) -> Iterator[float]:
    """Where a letter stands at a point: positive, of no simple ratio to another's."""
    yield 0.37 + (ord(letter) * 0.6180339887 + point * 1.4142135623) % 2.3
