"""Formulas that are the question's, not its answer: copied from the prompt, or still to solve."""

from __future__ import annotations

from functools import lru_cache

from harmo.scorers.reading.prose import formula_spans
from harmo.scorers.rule.math.equality.equations import is_solved
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError
from harmo.scorers.rule.math.equality.scalars import same_scalar
from harmo.scorers.rule.math.side import Side, read
from harmo.scorers.rule.math.syntax.clean import compact
from harmo.scorers.rule.math.syntax.normal import bare, normal
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Rel, Seq, scalar, symbols
from harmo.scorers.types import Sample

MAX_PROMPT_CHARS = 4000
MAX_FORMULAS = 16
MAX_FORMULA_CHARS = 200
NEAR_CHARS = 40
FUEL = 4_000
"""Operations for each formula of a prompt that may be the reference."""
_RELATIONS = ("=", "<", ">", "\\le", "\\ge", "\\equiv", "≡", "≤", "≥")
_PART = frozenset("+-*/^=<>_")
"""What a formula goes on with on either side."""
_SETS = frozenset({"reals", "emptyset"})
"""What an unknown may be in: no unknowns themselves."""


def echoes(sample: Sample, reference: Side, answer: Side) -> bool:
    """True if the answer is a formula that the prompt writes out, and the reference another form.

    `x^2 + 3x + 2` for `(x+1)(x+2)`, and any other sum for that product: a formula of the prompt in
    the prompt's kind, where the reference is of another; and, where the prompt has an equation or
    inequality, any that is still to be solved: `2x = 6` for `x = 3`.
    """
    if answer.tree is None or not isinstance(bare(answer.tree), Op | Rel):
        return False
    prompt = sample.prompt_text[-MAX_PROMPT_CHARS:]
    if _is_step(reference.tree, answer.tree) and any(sign in prompt for sign in _RELATIONS):
        return True
    if compact(reference.cleaned) == compact(answer.cleaned):
        return False
    said = _normal(answer.tree)
    if reference.tree is not None and _normal(reference.tree) == said:
        return False
    return (
        said in _formulas(prompt)
        or _stands_in(prompt, answer.text)
        or _is_kept(prompt, reference.tree, answer.tree)
    )


def _is_kept(prompt: str, reference: Node | None, answer: Node) -> bool:
    """True if an answer is a sum, product or quotient as the prompt's formula is, not the due one.

    `x(x+3) + 2` where `x^2 + 3x + 2` is to be factored.
    """
    if reference is None or not (scalar(reference) and scalar(answer)) or not symbols(reference):
        return False
    kind = _kind(_normal(answer))
    if not kind or kind == _kind(_normal(reference)):
        return False
    return any(
        kind == _kind(formula) and scalar(formula) and _is_same(reference, formula)
        for formula in _formulas(prompt)
    )


def _kind(node: Node) -> str:
    """What an expression is on the whole; a power is a product, "" for what is none of these."""
    core = bare(node)
    if isinstance(core, Op) and core.name == "div" and isinstance(core.args[1], Num):
        core = bare(core.args[0])
    return _KINDS.get(core.name, "") if isinstance(core, Op) else ""


_KINDS = {"add": "sum", "mul": "product", "pow": "product", "div": "quotient"}


def _is_same(reference: Node, formula: Node) -> bool:
    try:
        return same_scalar(reference, formula, Fuel(FUEL)) is True
    except OutOfFuelError:
        return False


def _normal(tree: Node) -> Node:
    """A tree without what changes nothing; an equation reads the same both ways."""
    if not isinstance(tree, Rel):
        return normal(tree)
    terms = [normal(term) for term in tree.terms]
    if set(tree.ops) == {"="}:
        terms.sort(key=repr)
    return Rel(terms=tuple(terms), ops=tree.ops)


@lru_cache(maxsize=64)
def _formulas(prompt: str) -> tuple[Node, ...]:
    """The typeset formulas of a prompt; siblings share it."""
    spans = formula_spans(prompt)[:MAX_FORMULAS]
    texts = [prompt[start:end] for start, end in spans if end - start <= MAX_FORMULA_CHARS]
    return tuple(_normal(tree) for text in texts if (tree := read(text).tree) is not None)


def _stands_in(prompt: str, answer: str) -> bool:
    """True if a prompt has the answer's text, blanks aside, and not as a part of more."""
    wanted = "".join(c for c in answer if not c.isspace() and c != "$")
    placed = [(i, c) for i, c in enumerate(prompt) if not c.isspace() and c != "$"]
    squeezed = "".join(c for _, c in placed)
    at = squeezed.find(wanted) if len(wanted) > 2 else -1
    while at >= 0:
        start, end = placed[at][0], placed[at + len(wanted) - 1][0] + 1
        left, right = prompt[max(start - NEAR_CHARS, 0) : start], prompt[end : end + NEAR_CHARS]
        if not _goes_on(left[::-1]) and not _goes_on(right):
            return True
        at = squeezed.find(wanted, at + 1)
    return False


def _goes_on(beside: str) -> bool:
    """True if what stands beside a formula, nearest first, is a part of it."""
    if beside[:1].isalnum():
        return True
    return beside.lstrip(" $")[:1] in _PART


def _is_step(reference: Node | None, answer: Node | None) -> bool:
    """True for `2x + 3 = 9` or `2x > 6` where a solution is due: `x = 3`, `x > 3`, an interval."""
    if not isinstance(answer, Rel) or is_solved(answer) or len(symbols(answer) - _SETS) != 1:
        return False
    if isinstance(reference, Rel):
        return is_solved(reference)
    return isinstance(reference, Seq) and not symbols(reference) - _SETS
