"""How a completion gives an answer: bare, in tags, in a box, in a sentence, after thinking."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harmo.app.probe.contract import Contract

MAX_SENTENCE_CHARS = 60
_CLAUSE = re.compile(r"\b(?:is|are|do|does|has|have|not|can)\b", re.IGNORECASE)
ENDED = "<|im_end|>"
"""What trainers leave at the end of a completion."""
COURTESY = "Let me know if you have any questions!"
PONDERING = "Let me work it out step by step."


def opens_thought(contract: Contract) -> bool:
    """True if the prompt's template opens the think part."""
    opening, closing = contract.think_tags
    prefix = contract.row.group.prefix
    return prefix.rfind(opening) > prefix.rfind(closing)


def lead(contract: Contract) -> str:
    """What must stand before every answer: the thought that terms read, and the closing tag."""
    opened = opens_thought(contract)
    return thinking(contract, contract.thought) if opened or contract.thought else ""


def thinking(contract: Contract, thought: str) -> str:
    """A whole think part, less what the prefix has opened."""
    opening, closing = contract.think_tags
    first = "" if opens_thought(contract) else f"{opening}\n"
    return f"{first}{thought or PONDERING}\n{closing}\n"


def boxed(text: str) -> str:
    r"""An answer in a box; a lone `%` or `$` is escaped as LaTeX wants it."""
    text = text.replace("\\%", "%").replace("%", "\\%")
    if text.count("$") == 1:
        text = text.replace("\\$", "$").replace("$", "\\$")
    return f"\\boxed{{{text}}}"


def fits_box(text: str) -> bool:
    """True if a text may be put into a box: one line, closed braces, no box of its own."""
    depth = 0
    for char in text.replace("\\{", "").replace("\\}", ""):
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0 and "\n" not in text and "boxed" not in text


def right_forms(contract: Contract, text: str) -> Iterator[tuple[str, str]]:
    """Every form in which a reference must be right, each with its name.

    Args:
        contract: The row's.
        text: One accepted answer.
    """
    if contract.self_answer == "never":
        return
    start, thought = lead(contract), thinking(contract, contract.thought)
    yield "verbatim", start + text
    yield "in tags", f"{start}<answer>{text}</answer>"
    yield "before an end token", f"{start}{text}{ENDED}"
    yield "thought, in tags", f"{thought}<answer>{text}</answer>"
    if contract.boxes and fits_box(text):
        yield "in a box", start + boxed(text)
        yield "thought, in a box", f"{thought}Therefore the answer is {boxed(text)}."
        yield "in a box, with words behind it", f"{start}{boxed(text)}. {COURTESY}"
    if contract.self_answer == "sentence" and _fits_sentence(text):
        yield "in a sentence", f"{start}The answer is {_in_text(text)}."
        yield "with words behind it", f"{start}The answer is {_in_text(text)}. {COURTESY}"


def _fits_sentence(text: str) -> bool:
    """True if `The answer is ...` can go on like this: short, and no clause of its own."""
    short = len(text) <= MAX_SENTENCE_CHARS and "\n" not in text and not text.endswith(".")
    return short and "boxed" not in text and not _CLAUSE.search(text)


def wrong_form(contract: Contract, text: str, turn: int) -> str:
    """A wrong answer in one of the forms that the rule reads; they take turns."""
    start = lead(contract)
    forms = [f"{start}<answer>{text}</answer>", start + text]
    if contract.boxes and fits_box(text):
        forms.insert(0, start + boxed(text))
    return forms[turn % len(forms)]


def _in_text(text: str) -> str:
    """LaTeX stands between dollars in a sentence."""
    return f"${text}$" if any(c in text for c in "\\^_") and "$" not in text else text
