"""What is tried on a row: texts that are right or wrong by construction."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harmo.app.probe.contract import Contract
from harmo.app.probe.forms import boxed, fits_box, lead, opens_thought, right_forms, wrong_form
from harmo.app.probe.meaning import bare, meaning
from harmo.app.probe.near import near_misses, options

OTHERS = 4
"""So many rows' references are tried on each."""
EXPRESSIONS = 6
"""So many of the question's are tried, the last ones."""
HUGE_CHARS = 20_000
MAX_GAPPED_DIGITS = 9


class Kind(StrEnum):
    """What sort of text is tried."""

    ITSELF = "the reference itself"
    UNIVERSAL = "universal answers"
    QUESTION = "the question's own"
    OTHERS = "other rows' references"
    NEAR = "near misses"
    HEDGE = "hedges"
    DECORATED = "decorated boxes"
    UNFINISHED = "unfinished thinking"
    NOTHING = "nothing at all"
    HUGE = "enormous texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One completion, and what its reward must say."""

    kind: Kind
    how: str
    text: str

    @property
    def right(self) -> bool:
        """True for the only kind that is right."""
        return self.kind is Kind.ITSELF


_ANYTHING = (
    "1=1",
    "1=2",
    "x=x",
    "\\{\\}",
    "\\boxed{}",
    "any number",
    "All of the above",
    "None of the above",
    "Yes and no",
    "the correct answer",
    "see above",
    "?",
)
"""Wrong for every reference that does not say as much; see `_DOUBTFUL`."""
_VALUES = ("0", "1", "-1", "2", "10", "100", "x", "True", "False", "A", "yes", "no")
"""Wrong where they surely differ from the reference."""
_NOTHING = ("", " \n", "No idea.", "I do not know.", "none of your business")
_DOUBTFUL = re.compile(
    r"\b(?:all|any|every|always|none|never|both|identity|real|empty|undefined|infinite(?:ly)?"
    r"|unknown|unanswerable|true|false|idea|know|above|exist|solutions?)\b"
    r"|\\emptyset|\\varnothing|∅|\\mathbb|\\infty|\\pm",
    re.IGNORECASE,
)
"""References that an answer for everything may mean."""
_HUGE = (
    ("digits", "9"),
    ("open brackets", "("),
    ("nested fractions", "\\frac{1}{"),
    ("a long sum", "x+1+"),
    ("open boxes", "\\boxed{"),
    ("open tags", "<answer>"),
    ("words", "word "),
)
_MATHS = re.compile(r"\$([^$\n]{1,80})\$")
_SUM = re.compile(r"\d[\d+*/^(). -]{1,60}\d")
_SIGNS = re.compile(r"[-+*^=]|\\cdot|\\times|\\div|\\sqrt|\\log|\\binom")
_DEFINITION = re.compile(r"[A-Za-z] ?= ?[^=]*")
_UNION = re.compile(r"[,;<>≤≥≠]|\\(?:[lg]eq?(?:slant)?|lt|gt|cup|in|mid)(?![A-Za-z])")
"""Parts of a list, or conditions: with `or` and another they may say the same."""
_NUMBERS = re.compile(r"\d{1,20}(?:\.\d{1,20})?")


def attempts(
    contract: Contract, others: Sequence[str], draw: random.Random, *, huge: bool
) -> list[Attempt]:
    """Everything that is tried on a row, each text once, what is right first.

    Args:
        contract: The row as the recipe reads it.
        others: References of other rows.
        draw: What picks among them.
        huge: True to try enormous texts.
    """
    tried: dict[str, Attempt] = {}
    everything = [_itself(contract), _wrong(contract, others, draw), _plain_failures(contract)]
    if huge:
        everything.append(_huge(contract))
    for each in everything:
        for attempt in each:
            tried.setdefault(attempt.text, attempt)
    return list(tried.values())


def _itself(contract: Contract) -> Iterator[Attempt]:
    for text in contract.right:
        for how, form in right_forms(contract, text):
            yield Attempt(kind=Kind.ITSELF, how=how, text=form)


def _wrong(contract: Contract, others: Sequence[str], draw: random.Random) -> Iterator[Attempt]:
    """Wrong answers, in the forms that right ones come in."""
    if not contract.right:
        return
    near = list(_near(contract))
    found = [*_universal(contract), *_of_question(contract), *_of_others(contract, others, draw)]
    turn = contract.row.number
    for kind, how, text in [*found, *near]:
        turn += 1
        yield Attempt(kind=kind, how=how, text=wrong_form(contract, text, turn))
    wrongs = [text for kind, _, text in [*near, *found] if kind in (Kind.NEAR, Kind.OTHERS)]
    if contract.boxes and fits_box(contract.right[0]):
        yield from _hedged(contract, wrongs)
        yield from _decorated(contract)


def _universal(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    asked = contract.row.prompt.casefold()
    letter = any(said.letter for said in contract.meanings)
    zero = any(said.exact == 0 for said in contract.meanings)
    if not any(_DOUBTFUL.search(text) for text in contract.accepted):
        for text in _ANYTHING:
            listed = (letter and text.casefold() in asked) or (zero and text.startswith("None"))
            if not listed and all(bare(text) != bare(right) for right in contract.accepted):
                yield Kind.UNIVERSAL, text, text
        if letter and len(contract.accepted) == 1 and len(bare(contract.accepted[0])) == 1:
            every = ", ".join(options(contract.row.prompt) or "ABCD")
            yield Kind.UNIVERSAL, "every option", every
    for text in _VALUES:
        if contract.wrong(text):
            yield Kind.UNIVERSAL, text, text


def _of_question(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    """The question's formulas: other values, and calculations that are left to be done."""
    asked = contract.row.prompt
    found = [*_MATHS.findall(asked), *_SUM.findall(_MATHS.sub(" ", asked))]
    for text in [*dict.fromkeys(t.strip() for t in found if len(t) > 1)][-EXPRESSIONS:]:
        if contract.wrong(text) or _is_restated(contract, text):
            yield Kind.QUESTION, "an expression", text
    numbers = _NUMBERS.findall(asked)
    if numbers and contract.wrong(numbers[-1]):
        yield Kind.QUESTION, "its last number", numbers[-1]


def _is_restated(contract: Contract, text: str) -> bool:
    """True for a calculation or an equation where the reference is the plain number it leads to."""
    if _DEFINITION.fullmatch(text) or meaning(text).plain or not _SIGNS.search(text, 1):
        return False
    return all(right.plain for right in contract.meanings)


def _of_others(
    contract: Contract, others: Sequence[str], draw: random.Random
) -> Iterator[tuple[Kind, str, str]]:
    found = 0
    for text in draw.sample(others, min(len(others), 4 * OTHERS)):
        if found < OTHERS and contract.wrong(text):
            found += 1
            yield Kind.OTHERS, "another row's", text


def _near(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    for how, text in contract.surely_wrong.items():
        yield Kind.NEAR, how, text
    letters = options(contract.row.prompt)
    right = contract.right[0] if contract.right else ""
    for how, text, surely in near_misses(right, letters):
        alone = surely and len(contract.accepted) == 1 and bare(text) != bare(right)
        if (alone and not contract.near_enough) or contract.wrong(text):
            yield Kind.NEAR, how, text


def _hedged(contract: Contract, wrongs: Sequence[str]) -> Iterator[Attempt]:
    right, start = contract.right[0], lead(contract)
    if _UNION.search(right) or not contract.reads_answer:
        return
    found = [("maybe in the box", boxed(f"\\text{{maybe }} {right}"))]
    for wrong in filter(fits_box, wrongs[:1]):
        found += [
            ("or in the box", boxed(f"{right} \\text{{ or }} {wrong}")),
            ("two boxes", f"{boxed(right)} or {boxed(wrong)}"),
            ("two boxes, wrong first", f"{boxed(wrong)} or {boxed(right)}"),
            ("two tags", f"<answer>{right}</answer><answer>{wrong}</answer>"),
            ("or in a sentence", f"The answer is {right} or {wrong}."),
        ]
    for how, text in found:
        yield Attempt(kind=Kind.HEDGE, how=how, text=start + text)


def _decorated(contract: Contract) -> Iterator[Attempt]:
    right, start = contract.right[0], lead(contract)
    if not contract.reads_answer:
        return
    found = [
        ("not in the box", boxed(f"\\text{{not }} {right}")),
        ("not before the box", f"The answer is not {boxed(right)}."),
        ("a comment", f"<!-- {boxed(right)} -->"),
    ]
    value = contract.meanings[0].exact if contract.meanings[0].plain else None
    if value:
        found += [("minus before it", f"-{boxed(right)}"), ("2 before it", f"2{boxed(right)}")]
        found += [("a bound in it", boxed(f"> {right}"))]
        found += [("a gap in it", boxed(gapped)) for gapped in _gapped(right)]
    if value and value != 1 and contract.wrong(str(value * value)):
        found += [
            ("squared", f"{boxed(right)}^2"),
            ("squared, in words", boxed(f"{right} squared")),
        ]
    for how, text in found:
        yield Attempt(kind=Kind.DECORATED, how=how, text=start + text)


def _gapped(right: str) -> Iterator[str]:
    """A whole number with a gap that groups nothing: `1 2` is not 12."""
    digits = bare(right)
    if digits.isascii() and digits.isdigit() and 2 <= len(digits) <= MAX_GAPPED_DIGITS:
        yield f"{digits[:-1]} {digits[-1]}"


def _plain_failures(contract: Contract) -> Iterator[Attempt]:
    """No answer at all: nothing is written, or what is written never gets to one."""
    start = lead(contract)
    # Any text but none may match a pattern.
    doubtful = any(_DOUBTFUL.search(text) for text in contract.accepted)
    texts = _NOTHING[:2] if doubtful or not contract.accepted else _NOTHING
    for text in texts:
        yield Attempt(kind=Kind.NOTHING, how="empty" if not text.strip() else text, text=text)
    if not contract.reads_answer:
        return
    opening, closing = contract.think_tags
    opened = "" if opens_thought(contract) else f"{opening}\n"
    right = contract.right[0] if contract.right else "7"
    shown = boxed(right) if contract.boxes and fits_box(right) else right
    for how, text in [
        (f"{opening} never closes", f"{opened}So it is {shown}."),
        ("only the thinking says it", f"{opened}So it is {shown}.\n{closing}\n"),
        ("<answer> never closes", f"{start}<answer>{right}"),
    ]:
        yield Attempt(kind=Kind.UNFINISHED, how=how, text=text)


def _huge(contract: Contract) -> Iterator[Attempt]:
    if contract.accepted:
        for how, part in _HUGE:
            text = lead(contract) + part * (HUGE_CHARS // len(part))
            yield Attempt(kind=Kind.HUGE, how=how, text=text)
