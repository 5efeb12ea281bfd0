"""Tokens to a tree, by recursive descent. Bounded in tokens and depth; evaluates nothing."""

from __future__ import annotations

from dataclasses import dataclass

from harmo.scorers.rule.math.syntax.atoms import CALLS, INVERSE, Atoms
from harmo.scorers.rule.math.syntax.build import negated, proper, propositions
from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError, tokenize
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Rel, Seq, Sym, height

MAX_HEIGHT = 100
"""Of a tree: what walks it by recursion stays far from the interpreter's limit."""

_OPERATIONS = {"*": "mul", "/": "div", "mod": "mod"}
_STARTS = frozenset({"num", "sym", "func", "open", "command", "begin", "bar", "operator", "big"})


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


@dataclass(slots=True)
class _Parser(Atoms):
    def items(self, closers: frozenset[str]) -> list[Node]:
        found: list[Node] = []
        joined: set[str] = set()
        while True:
            while self.peek().kind == "sep":
                joined.add(self.next().text)
            if self.peek().kind in closers or self.peek().kind == "end":
                return propositions(found, joined)
            found.extend(self.item())
            if self.peek().kind != "sep":
                return propositions(found, joined)

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
        while self.peek().kind == "rel" or (self.divides() and not self.builder):
            ops.append(self.next().text)
            terms.append(self.set_expression())
        return Rel(tuple(terms), tuple(ops)) if ops else terms[0]

    def divides(self) -> bool:
        """True if the next token says that one number divides another, in a formula."""
        return self.peek() == Token("bar", "mid", self.peek().glued)

    def set_expression(self) -> Node:
        left = self.ratio()
        while self.peek().kind == "set":
            name = self.next().text
            left = Op(name, (left, self.ratio()))
        return left

    def ratio(self) -> Node:
        terms = [self.sum()]
        while not self.builder and self.accept("ratio"):
            terms.append(self.sum())
        return Op("ratio", tuple(terms)) if len(terms) > 1 else terms[0]

    def sum(self) -> Node:
        terms = [self.signed()]
        while self.peek().text in {"+", "-"} and self.peek().kind in {"op", "pm"}:
            terms.append(self.signed())
        return Op("add", tuple(terms)) if len(terms) > 1 else terms[0]

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
            if token.kind == "op" and token.text in _OPERATIONS:
                self.next()
                left = Op(_OPERATIONS[token.text], (left, self.factor_after_operator()))
            elif token.kind in _STARTS and not (
                token.kind == "bar" and (self.bars or self.divides())
            ):
                left = self.juxtaposed(left, token)
            else:
                return left

    def factor_after_operator(self) -> Node:
        if self.peek().kind == "op" and self.peek().text == "-":
            self.next()
            return negated(self.power())
        return self.power()

    def juxtaposed(self, left: Node, token: Token) -> Node:
        if token.kind == "num" and not (isinstance(left, Op) and _is_raised(left)):
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
        exponent = negated(exponent) if negative else exponent
        called = isinstance(base, Sym) and base.name in CALLS and self.peek()[:2] == ("open", "(")
        if isinstance(base, Sym) and called and exponent == INVERSE:
            return Op("call", (Sym(base.name + "^-1"), *self.call_arguments()))
        return self.postfix(Op("pow", (base, exponent)))

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


def _is_raised(node: Op) -> bool:
    """True for what ends in a power: a number behind it is another factor, as in `2^{3}3^{5}`."""
    last = node.args[-1] if node.name == "mul" else node
    return isinstance(last, Op) and last.name == "pow"
