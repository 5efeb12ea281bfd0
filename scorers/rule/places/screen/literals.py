"""What a literal or a call says: `{'a': [1, 2]}`, `click(x=1)`. Bounded, and nothing is evaluated.

Strings, numbers, lists, tuples, mappings, calls and bare words, as Python and JSON write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

MAX_CHARS = 4_000
MAX_DEPTH = 8

_TOKEN = re.compile(
    r"""\s|'(?>(?:[^'\\]|\\.)*)'?|"(?>(?:[^"\\]|\\.)*)"?|[A-Za-z_][\w.]{0,60}+"""
    r"""|[-+]?(?:[0-9]{1,9}+(?>(?:\.[0-9]{0,20}+)?)|\.[0-9]{1,20}+)|.""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_CONSTANTS = {"true": True, "false": False, "none": None, "null": None}


@dataclass(frozen=True, slots=True)
class Call:
    """A name with arguments, and what a keyword names."""

    name: str
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)


Value: TypeAlias = "str | float | bool | list[Value] | dict[str, Value] | Call | None"


def read_literal(text: str) -> Value:
    """The one value that a text is as a whole; a `ValueError` says why it is none."""
    if len(text) > MAX_CHARS:
        raise ValueError(f"{len(text)} characters; at most {MAX_CHARS} are read")
    reader = _Reader(_tokens(text))
    value = reader.value(MAX_DEPTH)
    reader.accept(";")
    if reader.ahead is not None:
        raise ValueError("something follows")
    return value


def _tokens(text: str) -> Iterator[str]:
    return (token[0] for token in _TOKEN.finditer(text) if not token[0].isspace())


class _Reader:
    """The tokens of a text, one ahead."""

    def __init__(self, tokens: Iterator[str]) -> None:
        self._tokens = tokens
        self.ahead = next(tokens, None)

    def take(self) -> str:
        """The next token."""
        token = self.ahead
        if token is None:
            raise ValueError("it ends too soon")
        self.ahead = next(self._tokens, None)
        return token

    def accept(self, token: str) -> bool:
        """True, and past it, if this token is next."""
        if self.ahead != token:
            return False
        self.take()
        return True

    def value(self, depth: int) -> Value:
        """The value that begins here."""
        if depth == 0:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        first = self.take()
        if first in _CLOSES:
            keywords, items = self._items(_CLOSES[first], depth)
            if first == "{" and not items:
                return keywords
            if first == "{" or keywords:
                raise ValueError("names where none belong")
            return items
        if first[0] in "'\"":
            return _string(first)
        if first[0].isalpha() or first[0] == "_":
            return self._named(first, depth)
        return _number(first)

    def _named(self, name: str, depth: int) -> Value:
        if self.accept("("):
            keywords, items = self._items(")", depth)
            return Call(name, tuple(items), keywords)
        return _CONSTANTS.get(name.lower(), name)

    def _items(self, closing: str, depth: int) -> tuple[dict[str, Value], list[Value]]:
        """What stands up to a bracket: values with a name, and those without."""
        keywords: dict[str, Value] = {}
        items: list[Value] = []
        while not self.accept(closing):
            value = self.value(depth - 1)
            if self.accept(":") or self.accept("="):
                if not isinstance(value, str) or value in keywords:
                    raise ValueError("no name, or one twice")
                keywords[value] = self.value(depth - 1)
            else:
                items.append(value)
            if not self.accept(",") and self.ahead != closing:
                raise ValueError(f"{closing} is missing")
        return keywords, items


def _string(token: str) -> str:
    if len(token) < 2 or token[-1] != token[0] or _ESCAPE.sub("", token)[-1:] != token[0]:
        raise ValueError("a string never closes")
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(escape: re.Match[str]) -> str:
    said = escape[1]
    return chr(int(said[1:], 16)) if len(said) > 1 else _ESCAPED.get(said, said)


def _number(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        raise ValueError(f"{token[:20]!r} begins no value") from None
