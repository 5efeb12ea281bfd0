"""What stands between operators: numbers, names, functions, commands, brackets, matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction

from harmo.scorers.rule.math.syntax.build import (
    CASES,
    CONDITIONAL,
    DETERMINANT,
    MATRICES,
    NUMBER_SETS,
    bracketed,
    cases,
    decimal,
    matrix,
    negated,
    over_index,
    product,
    set_by,
    unnamed,
)
from harmo.scorers.rule.math.syntax.cursor import Cursor
from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError
from harmo.scorers.rule.math.syntax.tree import Mat, Node, Num, Op, Rel, Seq, Sym

CALLS = frozenset("fghFGW")
"""Letters that name a function where a bracket follows."""
_FUNCTION_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "lg": "log10"}
INVERSE = negated(Num(Fraction(1), None, "1"))
"""The exponent of `sin^{-1}`."""


@dataclass(slots=True)
class Atoms(Cursor, ABC):
    """Reads one atom; a subclass reads what operators make of atoms."""

    bars: int = 0
    """Absolute values being read: a bar then closes the innermost."""
    plus_minus: int = 1
    """The sign that a plus-minus stands for in this reading."""
    saw_plus_minus: bool = False
    builder: bool = False
    """Directly within braces, where a colon says "such that"."""

    @abstractmethod
    def items(self, closers: frozenset[str]) -> list[Node]:
        """Relations separated by commas and the like; one with a plus-minus is two."""

    @abstractmethod
    def relation(self) -> Node:
        """An expression, or a chain of relations."""

    @abstractmethod
    def sum(self) -> Node:
        """A sum, or less."""

    @abstractmethod
    def product(self) -> Node:
        """A product, or less."""

    @abstractmethod
    def power(self) -> Node:
        """An atom with its exponent and what stands behind it, such as `!`."""

    def atom(self) -> Node:
        self.deeper()
        token = self.next()
        reader = getattr(self, f"read_{token.kind}", None)
        if reader is None:
            raise UnreadableError(f"unexpected {token.text!r}")
        node: Node = reader(token)
        self.depth -= 1
        return node

    def read_num(self, token: Token) -> Node:
        text = token.text.replace(",", "")
        number = decimal(text)
        if self.peek().kind != "_":
            return number
        self.next()
        base = self.argument()
        return Op("based", (number, base))

    def read_based(self, token: Token) -> Node:
        """Digits with letters among them, before their base."""
        self.expect("_")
        return Op("based", (Num(Fraction(0), None, token.text.upper()), self.argument()))

    def read_sym(self, token: Token) -> Node:
        name = token.text
        while self.accept("prime"):
            name += "'"
        if self.accept("_"):
            name += "_" + self.subscript()
            while self.accept("prime"):
                name += "'"
        if name.rstrip("'")[0] in CALLS and self.peek() == Token("open", "("):
            return Op("call", (Sym(name), *self.call_arguments()))
        return Sym(name)

    def call_arguments(self) -> list[Node]:
        self.expect("open")
        arguments = self.items(closers=frozenset({"close"}))
        self.expect("close")
        return arguments

    def read_func(self, token: Token) -> Node:
        name = _FUNCTION_NAMES.get(token.text, token.text)
        if name == "sqrt":
            return self.read_command(Token("command", "sqrt"))
        base = None
        exponent: Node | None = None
        while self.peek().kind in {"^", "_"}:
            kind = self.next().kind
            value = self.signed_argument()
            base, exponent = (value, exponent) if kind == "_" else (base, value)
        arguments = self.function_arguments()
        if base is not None:
            arguments = [*arguments, base]
        if exponent == INVERSE:
            return Op("arc" + name, tuple(arguments))
        node = Op(name, tuple(arguments))
        return node if exponent is None else Op("pow", (node, exponent))

    def read_operator(self, token: Token) -> Node:
        """A function that nothing here works out: one of its name, whatever it is."""
        marks: list[Node] = []
        while self.peek().kind in {"^", "_"}:
            self.next()
            marks.append(self.signed_argument())
        arguments = self.function_arguments()
        if token.text == "det" and len(arguments) == 1 and isinstance(arguments[0], Mat):
            return Op("det", (arguments[0],))
        return Op("call", (Sym(token.text), *arguments, *marks))

    def read_big(self, token: Token) -> Node:
        """An operator over a range: a sum or product of terms, or one that is not worked out."""
        marks: dict[str, Node] = {}
        while self.peek().kind in {"^", "_"}:
            kind = self.next().kind
            marks[kind] = self.below() if kind == "_" else self.signed_argument()
        body, index = self.product(), marks.get("_")
        if token.text in {"sum", "prod"} and isinstance(index, Rel) and "^" in marks:
            return over_index(token.text, index, marks["^"], body)
        kinds = sorted(marks)
        node = Op(token.text + "".join(kinds), (*(marks[kind] for kind in kinds), body))
        # The letter of a range is nobody else's.
        return unnamed(node, index.terms[0]) if isinstance(index, Rel) else node

    def below(self) -> Node:
        """What stands below an operator: its range."""
        if self.peek() != Token("open", "{", self.peek().glued):
            return self.argument()
        self.next()
        items = self.items(closers=frozenset({"close"}))
        self.expect("close")
        return items[0] if len(items) == 1 else Seq(tuple(items))

    def function_arguments(self) -> list[Node]:
        if self.peek().kind == "open" and self.peek().text in {"(", "{", "[", "\\{"}:
            return self.call_arguments()
        factors = [self.power()]
        while self.peek().kind in {"num", "sym", "command"}:
            factors.append(self.power())
        return [factors[0] if len(factors) == 1 else product(factors)]

    def signed_argument(self) -> Node:
        return negated(self.argument()) if self.accept("op", "-") else self.argument()

    def argument(self, *, digits: bool = False) -> Node:
        """A command's argument: a braced group or one atom; with `digits`, one digit."""
        token = self.peek()
        if digits and token.kind == "num" and len(token.text) > 1 and token.text.isdecimal():
            # In place: a plus-minus is read twice.
            halves = [Token("num", token.text[0]), Token("num", token.text[1:])]
            self.tokens[self.at : self.at + 1] = halves
        return self.atom()

    def read_command(self, token: Token) -> Node:
        if token.text == "frac":
            return Op("div", (self.argument(digits=True), self.argument(digits=True)))
        if token.text in {"binom", "dbinom", "tbinom"}:
            return Op("binom", (self.argument(digits=True), self.argument(digits=True)))
        if token.text == "sqrt":
            index = None
            if self.peek().text == "[":
                index = self.atom()
            inside = self.argument()
            return Op("root", (inside, index)) if index is not None else Op("sqrt", (inside,))
        if token.text == "mathbb":
            letter = self.argument()
            if isinstance(letter, Sym) and letter.name in NUMBER_SETS:
                return Sym(NUMBER_SETS[letter.name])
        if token.text in {"boxed", "ce", "text"}:
            return self.argument()
        raise UnreadableError(f"\\{token.text}")

    def read_bar(self, _token: Token) -> Node:
        self.bars += 1
        inside = self.sum()
        self.expect("bar")
        self.bars -= 1
        return Op("abs", (inside,))

    def read_open(self, token: Token) -> Node:
        builder, self.builder = self.builder, token.text == "\\{"
        bars, self.bars = self.bars, 1 if token.text == "\\{" else 0
        if token.text == "\\{":
            signs = self.plus_minus, self.saw_plus_minus
            items = self.items(closers=frozenset({"close"}))
            self.plus_minus, self.saw_plus_minus = signs
        else:
            items = self.same_signs()
        if items and token.text == "\\{" and self.peek().kind in {"bar", "ratio"}:
            self.next()
            conditions = self.items(closers=frozenset({"close"}))
            self.bars, self.builder = bars, builder
            self.expect("close")
            return set_by(items, conditions)
        self.bars, self.builder = bars, builder
        closing = self.expect("close").text
        return bracketed(token.text, closing, items)

    def same_signs(self) -> list[Node]:
        """Items that share the plus-minus of what they stand in: `(1 ± x)` inside a product."""
        found: list[Node] = []
        while self.peek().kind not in {"close", "end"}:
            if not self.accept("sep"):
                found.append(self.relation())
        return found

    def read_begin(self, token: Token) -> Node:
        if token.text not in MATRICES | {CASES, DETERMINANT}:
            raise UnreadableError(f"environment {token.text}")
        rows: list[tuple[Node, ...]] = []
        row: list[Node] = []
        while not self.accept("end", token.text):
            if self.peek().kind == "end":
                raise UnreadableError("matrix without end")
            if self.accept("row"):
                rows, row = [*rows, tuple(row)], []
            elif token.text == CASES and self.peek()[:2] in CONDITIONAL:
                self.next()
            elif not self.accept("cell"):
                row.append(self.relation())
        rows.append(tuple(row))
        if token.text == CASES:
            return cases(rows)
        return Op("det", (matrix(rows),)) if token.text == DETERMINANT else matrix(rows)
