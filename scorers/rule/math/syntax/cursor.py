"""Reading tokens one by one, within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError

MAX_DEPTH = 40
MAX_STEPS = 2000

_END = Token("end", "")


@dataclass(slots=True)
class Cursor:
    """A place among tokens, with what it has cost to get there."""

    tokens: list[Token]
    at: int = 0
    depth: int = 0
    steps: int = 0
    """Atoms read; a plus-minus is read twice, and nested ones must not double without end."""

    def peek(self) -> Token:
        """The next token, without taking it."""
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def next(self) -> Token:
        """The next token."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, kind: str, text: str | None = None) -> bool:
        """Take the next token if it is of this kind and text."""
        token = self.peek()
        if token.kind == kind and text in (None, token.text):
            self.at += 1
            return True
        return False

    def expect(self, kind: str) -> Token:
        """The next token, of this kind.

        Args:
            kind: As the lexer calls it.

        Raises:
            UnreadableError: If it is of another.
        """
        token = self.next()
        if token.kind != kind:
            raise UnreadableError(f"expected {kind}, got {token.text!r}")
        return token

    def deeper(self) -> None:
        """Count one step down.

        Raises:
            UnreadableError: If that is one too many.
        """
        self.depth += 1
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise UnreadableError(f"more than {MAX_STEPS} steps")
        if self.depth > MAX_DEPTH:
            raise UnreadableError(f"nested deeper than {MAX_DEPTH}")

    def degree_sign(self) -> bool:
        """Take a degree sign in an exponent, braced or not, if it is next."""
        kinds = [token.kind for token in self.tokens[self.at : self.at + 3]]
        if kinds[:1] == ["degree"]:
            self.at += 1
        elif kinds == ["open", "degree", "close"]:
            self.at += 3
        else:
            return False
        return True

    def subscript(self) -> str:
        """The text of a subscript.

        Raises:
            UnreadableError: If it is no name or number.
        """
        token = self.next()
        if token.kind == "open" and token.text == "{":
            text = ""
            while self.peek().kind not in {"close", "end"}:
                text += self.next().text
            self.expect("close")
            return text
        if token.kind not in {"num", "sym", "word"}:
            raise UnreadableError(f"subscript {token.text!r}")
        return token.text
