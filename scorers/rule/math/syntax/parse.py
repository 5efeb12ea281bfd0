"""Tokens to a tree, by recursive descent. Bounded in tokens and depth; evaluates nothing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from harmo.scorers.rule.math.syntax.build import (
    MATRICES,
    NUMBER_SETS,
    bracketed,
    decimal,
    matrix,
    negated,
    proper,
)
from harmo.scorers.rule.math.syntax.build import product as multiplied
from harmo.scorers.rule.math.syntax.cursor import Cursor
from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError, tokenize
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Rel, Seq, Sym, height

MAX_HEIGHT = 100
"""Of a tree: what walks it by recursion stays far from the interpreter's limit."""

_STARTS = frozenset({"num", "sym", "func", "open", "command", "begin", "bar"})
_CALLS = frozenset("fghFGW")


def parse(cleaned: str, *, thousands: bool = True) -> Node:
    """The tree of a cleaned text; several items make a `Seq` without brackets.

    Args:
        cleaned: The text.
        thousands: Take `1,234` outside brackets for one number.

    Raises:
        UnreadableError: If the text is no expression that this parser knows, or too large for it.
    """
    parser = _Parser(tokenize(cleaned, thousands=thousands))
    items = parser.items(closers=frozenset())
    if parser.peek().kind != "end":
        raise UnreadableError(f"unexpected {parser.peek().text!r}")
    if not items:
        raise UnreadableError("empty")
    tree = items[0] if len(items) == 1 else Seq(tuple(items))
    if height(tree) > MAX_HEIGHT:
        raise UnreadableError(f"a tree higher than {MAX_HEIGHT}")
    return tree


_FUNCTION_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "lg": "log10"}


@dataclass(slots=True)
class _Parser(Cursor):
    bars: int = 0
    """Absolute values being read: a bar then closes the innermost."""
    plus_minus: int = 1
    """The sign that a plus-minus stands for in this reading."""
    saw_plus_minus: bool = False
    builder: bool = False
    """Directly within braces, where a colon says "such that"."""

    def items(self, closers: frozenset[str]) -> list[Node]:
        """Relations separated by commas and the like; one with a plus-minus is two."""
        found: list[Node] = []
        while True:
            while self.accept("sep"):
                pass
            if self.peek().kind in closers or self.peek().kind == "end":
                return found
            found.extend(self.item())
            if self.peek().kind != "sep":
                return found

    def item(self) -> list[Node]:
        start, self.saw_plus_minus, self.plus_minus = self.at, False, 1
        first = self.relation()
        if not self.saw_plus_minus:
            return [first]
        self.at, self.plus_minus = start, -1
        second = self.relation()
        self.plus_minus, self.saw_plus_minus = 1, False
        return [first, second]

    def relation(self) -> Node:
        terms, ops = [self.set_expression()], []
        while self.peek().kind == "rel":
            ops.append(self.next().text)
            terms.append(self.set_expression())
        return Rel(tuple(terms), tuple(ops)) if ops else terms[0]

    def set_expression(self) -> Node:
        left = self.ratio()
        while self.peek().kind == "set":
            name = self.next().text
            left = Op(name, (left, self.ratio()))
        return left

    def ratio(self) -> Node:
        parts = [self.sum()]
        while not self.builder and self.accept("ratio"):
            parts.append(self.sum())
        return Op("ratio", tuple(parts)) if len(parts) > 1 else parts[0]

    def sum(self) -> Node:
        parts = [self.signed()]
        while self.peek().text in {"+", "-"} and self.peek().kind in {"op", "pm"}:
            parts.append(self.signed())
        return Op("add", tuple(parts)) if len(parts) > 1 else parts[0]

    def signed(self) -> Node:
        negative = False
        while self.peek().kind in {"op", "pm"} and self.peek().text in {"+", "-"}:
            token = self.next()
            minus = token.text == "-"
            if token.kind == "pm":
                self.saw_plus_minus = True
                minus ^= self.plus_minus < 0
            negative ^= minus
        product = self.product()
        return negated(product) if negative else product

    def product(self) -> Node:
        left = self.power()
        while True:
            token = self.peek()
            if token.kind == "op" and token.text in {"*", "/", "mod"}:
                self.next()
                right = self.factor_after_operator()
                left = Op({"*": "mul", "/": "div", "mod": "mod"}[token.text], (left, right))
            elif token.kind in _STARTS and not (token.kind == "bar" and self.bars):
                left = self.juxtaposed(left, token)
            else:
                return left

    def factor_after_operator(self) -> Node:
        if self.peek().kind == "op" and self.peek().text == "-":
            self.next()
            return negated(self.power())
        return self.power()

    def juxtaposed(self, left: Node, token: Token) -> Node:
        if token.kind == "num":
            raise UnreadableError("two numbers side by side")
        right = self.power()
        if isinstance(left, Num) and left.places is None and proper(right, token):
            return Op("add", (left, right))
        if isinstance(left, Sym) and left.name.isupper() and isinstance(right, Seq):
            # A named point: A(1, 2).
            return right
        return Op("mul", (left, right))

    def power(self) -> Node:
        base = self.postfix(self.atom())
        if self.peek().kind != "^":
            return base
        self.next()
        if self.degree_sign():
            return self.postfix(Op("degree", (base,)))
        self.deeper()
        negative = self.accept("op", "-")
        exponent = self.power()
        self.depth -= 1
        return self.postfix(Op("pow", (base, negated(exponent) if negative else exponent)))

    def postfix(self, node: Node) -> Node:
        while True:
            if self.accept("!"):
                node = Op("factorial", (node,))
            elif self.accept("percent"):
                node = Op("percent", (node,))
            elif self.accept("degree"):
                node = Op("degree", (node,))
            elif isinstance(node, Sym) and self.accept("prime"):
                node = Sym(node.name + "'")
            else:
                return node

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

    def read_sym(self, token: Token) -> Node:
        name = token.text
        while self.accept("prime"):
            name += "'"
        if self.accept("_"):
            name += "_" + self.subscript()
            while self.accept("prime"):
                name += "'"
        if name.rstrip("'")[0] in _CALLS and self.peek() == Token("open", "("):
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
        if exponent == negated(Num(Fraction(1), None, "1")):
            return Op("arc" + name, tuple(arguments))
        node = Op(name, tuple(arguments))
        return node if exponent is None else Op("pow", (node, exponent))

    def function_arguments(self) -> list[Node]:
        if self.peek().kind == "open" and self.peek().text in {"(", "{", "["}:
            return self.call_arguments()
        factors = [self.power()]
        while self.peek().kind in {"num", "sym", "command"}:
            factors.append(self.power())
        return [factors[0] if len(factors) == 1 else multiplied(factors)]

    def signed_argument(self) -> Node:
        return negated(self.argument()) if self.accept("op", "-") else self.argument()

    def argument(self, *, digits: bool = False) -> Node:
        """A command's argument: a braced group or one atom; with `digits`, one digit."""
        token = self.peek()
        if digits and token.kind == "num" and len(token.text) > 1 and "." not in token.text:
            self.tokens[self.at] = Token("num", token.text[1:])
            return Num(Fraction(int(token.text[0])), None, token.text[0])
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
        if token.text == "\\{" and self.peek().kind in {"bar", "ratio"}:
            self.next()
            items = self.items(closers=frozenset({"close"}))
            if len(items) != 1:
                raise UnreadableError("set-builder with several conditions")
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
        if token.text not in MATRICES:
            raise UnreadableError(f"environment {token.text}")
        rows: list[tuple[Node, ...]] = []
        row: list[Node] = []
        while not self.accept("end", token.text):
            if self.peek().kind == "end":
                raise UnreadableError("matrix without end")
            if self.accept("row"):
                rows, row = [*rows, tuple(row)], []
            elif not self.accept("cell"):
                row.append(self.relation())
        rows.append(tuple(row))
        return matrix(rows)
