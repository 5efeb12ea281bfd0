r"""What is glued to a box: signs, powers, factors. `-\boxed{7}` says -7, `2\boxed{7}` says nothing.

A sign, a relation, a base and degrees become part of the answer; any other operation leaves none,
as a box that is an operand is no answer. Delimiters, emphasis, units and words do not matter here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from harmo.scorers.reading.around.lexicon import BOUND_COMMANDS, HARMLESS, RELATIONS
from harmo.scorers.reading.around.stance import WINDOW_CHARS, Stance

MAX_LEVELS = 3
"""Of braces around a box that are looked at."""

_OPENERS = (
    "$", "\\(", "\\[", "(", "[", "`", '"', "“", "‘", "\\,", "\\;", "\\:", "\\!", "\\ ", "&", "~",
    "**", "\\\\", "\\left(", "\\left[", "\\$", "\\displaystyle", "\\quad", "€", "£", "¥",
)  # fmt: skip
_CLOSERS = (
    "$", "\\)", "\\]", "}", ")", "]", "`", '"', "”", "’", "\\,", "\\;", "\\:", "\\!", "\\ ", "~",
    "**", "\\right)", "\\right]", "\\right.", "\\quad", "\\qquad", "\\\\", "*", "_",
)  # fmt: skip
_OPEN_GROUP = re.compile(
    r"(?:\\([A-Za-z]{1,20}+)\*?(?: ?\{[A-Za-z0-9#!.]{0,20}+\}| ?\[[A-Za-z0-9#!. ]{0,20}+\]){0,2}"
    r" ?|([\^_}\w] ?)?)\{\Z"
)
_LAST_COMMAND = re.compile(r"\\([A-Za-z]{1,20}+)\*?(?: ?\{[^{}\\]{0,80}+\})?\Z")
_TEXT_BEHIND = re.compile(r"\\(?:text(?:bf|it|rm|normal)?|mathrm|mbox) ?\{([^{}]{0,80}+)\}\Z")
_COMMAND = re.compile(r"\\([A-Za-z]{1,20}+)")
_DEGREES = re.compile(r"\^ ?(?:\{ ?)?\\(?:circ|degree)(?![A-Za-z])(?: ?\})?")
_BASE = re.compile(r"_(?:\d{1,2}(?!\d)|\{(?:\\text ?)?\{?[0-9a-z]{1,8}\}{1,2})")
_SEPARATED = re.compile(
    r"[.,:]\d|\.{2,9}+ ?\d|\{,\}\d|,\\!\d|[,;] {0,2}\d|(?:and|und|et|y) \d{1,20}+(?![\w ])"
)
_DIGIT_MARK = re.compile(r"\d[.,]\Z|(?:\A|[ $(,])\d{1,4}:\Z")
_VARIABLES = frozenset("abcdeijknpqrtuvwxyz")
_DASHES = str.maketrans("−–", "--")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,60}>")
_ARROWS = ("=>", "->", "→", "⇒", "⟹", "|=>")
_SUBJECT = re.compile(r"[A-Za-z0-9_^{}()|\\]{1,24}+\Z")


class Glued(NamedTuple):
    """What stands at a box in its formula, and the words beyond."""

    prefix: str
    """What belongs to the answer before the box: a sign, `x >`."""
    suffix: str
    """What belongs to it behind the box: a base, degrees."""
    stance: Stance
    before: str
    """The text before the formula, or before what was read of it."""
    after: str


class _Left(NamedTuple):
    prefix: str
    stance: Stance
    rest: str


def glued(text: str, start: int, end: int, braces: Sequence[int]) -> Glued:
    r"""What is glued to the box that stands at `text[start:end]`.

    Args:
        text: The text.
        start: Of `\boxed`.
        end: Behind its closing brace.
        braces: Where the innermost braces around it open.
    """
    for brace in braces[-MAX_LEVELS:]:
        if _operates(text[max(brace - WINDOW_CHARS, 0) : brace + 1]):
            return Glued("", "", Stance.DOUBTED, "", "")
    window = text[max(start - WINDOW_CHARS, 0) : start].translate(_DASHES)
    behind = text[end : end + WINDOW_CHARS].translate(_DASHES)
    in_formula = _is_formula(window)
    left = _left(window, in_formula=in_formula)
    suffix, stance, rest = _right(behind, in_formula=in_formula)
    return Glued(left.prefix, suffix, max(left.stance, stance), left.rest, rest)


def _operates(opening: str) -> bool:
    r"""True for a brace that belongs to an operation: `\sqrt{`, `^{`, the second of `\frac`."""
    group = _OPEN_GROUP.search(opening)
    if group is None:
        return False
    if group[1]:
        return group[1] not in HARMLESS
    return group[2] is not None and group[2][0] in "^_}"


def _is_formula(window: str) -> bool:
    """True if a formula is open at the end of the window."""
    plain = window.rpartition("\n\n")[2].replace("\\$", "")
    return (
        plain.replace("$$", "").count("$") % 2 == 1
        or window.count("$$") % 2 == 1
        or window.rfind("\\(") > window.rfind("\\)")
        or window.rfind("\\[") > window.rfind("\\]")
        or window.rfind("\\begin{") > window.rfind("\\end{")
    )


def _left(window: str, *, in_formula: bool) -> _Left:
    text, opened, spaced = _stripped(window)
    last = text[-1:]
    if not last:
        return _Left("", Stance.CLAIMED, "")
    if last in "+-":
        return _signed(text, opened=opened, spaced=spaced)
    if _DIGIT_MARK.search(text[-12:]) and not spaced:
        return _Left("", Stance.DOUBTED, text)
    if text.endswith(_ARROWS) or last in ":;,.&":
        return _Left("", Stance.CLAIMED, text)
    if command := _LAST_COMMAND.search(text):
        return _commanded(text, command)
    if last in "<>≤≥≠" or text.endswith(("<=", ">=", "!=")):
        return _related(text)
    if text.endswith(("\\not=", "\\not =", "/=")):
        return _Left("", Stance.DENIED, text)
    if last == "=":
        return _Left("", Stance.CLAIMED, _subjectless(text))
    if _is_factor(text, spaced=spaced, in_formula=in_formula and not opened):
        return _Left("", Stance.DOUBTED, text)
    return _Left("", Stance.CLAIMED, text)


def _stripped(window: str) -> tuple[str, bool, bool]:
    """The text before delimiters and emphasis; whether a formula opened there; whether a blank."""
    text, opened, spaced = window, False, False
    while True:
        bare = text.rstrip()
        spaced |= len(bare) < len(text)
        at_line = "\n" in text[len(bare) :] or not bare
        opener = next((each for each in _OPENERS if bare.endswith(each)), "")
        group = None if opener else _OPEN_GROUP.search(bare[-60:])
        tag = _tag_at_end(bare)
        if opener and not (opener in "([" and _is_call(bare[: -len(opener)])):
            opened |= opener in {"$", "\\(", "\\["}
            text = bare[: -len(opener)]
        elif group and (group[1] in HARMLESS if group[1] else not group[2]):
            text = bare[: len(bare) - len(group[0])]
        elif tag:
            text = bare[: -len(tag)]
        elif bare[-1:] in set("*_>|#") and _is_marking(bare, spaced=spaced or at_line):
            text = bare[:-1]
        else:
            return bare, opened, spaced


def _tag_at_end(text: str) -> str:
    start = text.rfind("<", max(len(text) - 64, 0))
    return text[start:] if start >= 0 and _TAG.fullmatch(text[start:]) else ""


def _is_call(text: str) -> bool:
    r"""True where a bracket belongs to what stands before it: `f(`, `2(`, `\sin(`."""
    name = _NAME.search(text[-24:])
    return name is not None and (name[1] is None or name[1] not in HARMLESS)


_NAME = re.compile(r"(?:\\([A-Za-z]{1,20}+)|(?<![A-Za-z\\])[A-Za-z]|[)^_\d])\Z")


def _is_marking(text: str, *, spaced: bool) -> bool:
    """True for a mark of Markdown: at the start of a line, or emphasis behind a blank."""
    rest = text[:-1].rstrip(" ")
    if not rest or rest[-1] == "\n":
        return True
    if text[-1] in "|#":
        return text[-1] == "|"
    return text[-1] in "*_" and text[-2:-1] in {" ", "*", "_"} and not spaced


def _signed(text: str, *, opened: bool, spaced: bool) -> _Left:
    """A sign before the box; a bullet or dash of prose is none."""
    sign, rest = text[-1], text[:-1].rstrip()
    line_start = not rest or "\n" in text[len(rest) : -1]
    if sign == "-" and text.endswith(("--", "---")):
        return _Left("", Stance.CLAIMED, rest.rstrip("-"))
    if line_start:
        return _Left("" if spaced and not opened else sign, Stance.CLAIMED, rest)
    if rest[-1] in "0123456789)}!" or (rest[-1].isalpha() and not rest[-2:-1].isalpha()):
        return _Left("", Stance.DOUBTED, rest)
    dash = spaced and text[-2:-1] == " " and rest[-1] not in "=(,<>≈$&" and not opened
    word = rest[-1].isalpha() and text[-2:-1] != " "
    return _Left("" if dash or word else sign, Stance.CLAIMED, rest)


def _commanded(text: str, command: re.Match[str]) -> _Left:
    if said := _TEXT_BEHIND.search(text):
        return _Left("", Stance.CLAIMED, f"{text[: said.start()]} {said[1]}")
    if command[1] in RELATIONS:
        return _related(text, command)
    stance = Stance.CLAIMED if command[1] in HARMLESS else Stance.DOUBTED
    return _Left("", stance, text[: command.start()])


def _related(text: str, command: re.Match[str] | None = None) -> _Left:
    """An inequality before the box: with what stands before it, it is what is said."""
    sign = command[0] if command else text[-2:] if text[-2:] in {"<=", ">=", "!="} else text[-1]
    rest = text[: -len(sign)].rstrip()
    subject = _SUBJECT.search(rest[-24:])
    bound = sign in {"<=", ">=", "≤", "≥"} or (command is not None and command[1] in BOUND_COMMANDS)
    prefix = f"{subject[0] if subject else ''} {sign} "
    return _Left(prefix, Stance.BOUNDED if bound else Stance.CLAIMED, rest)


def _subjectless(text: str) -> str:
    """The words before `x =`, with the sign."""
    return text[:-1].rstrip("= ").rpartition(" ")[0] + " ="


def _is_factor(text: str, *, spaced: bool, in_formula: bool) -> bool:
    """True if the end of a text multiplies, divides or raises what follows."""
    last = text[-1]
    if last in "/^_×·÷√±∓*⋅([" or (last == "!" and not spaced and text[-2:-1] in {"", " "}):
        return True
    if last.isdigit() or last in ")}|]!":
        boxed = last == "}" and "boxed" in text[-40:]
        return ((not spaced or in_formula) and not boxed and last != "!") or (
            in_formula and last == "!"
        )
    if last.isalpha() and last.isascii():
        lone = not text[-2:-1].isalpha()
        called = text.endswith(("ln", "log", "sqrt", "sin", "cos", "tan"))
        return (lone and (not spaced or in_formula)) or (called and not spaced)
    return False


def _right(window: str, *, in_formula: bool) -> tuple[str, Stance, str]:
    """What belongs to the answer behind the box, whether it is an operand, and the words there."""
    suffix = ""
    if mark := _DEGREES.match(window) or _BASE.match(window):
        suffix, window = mark[0], window[mark.end() :]
    text, closed, spaced = _closed(window)
    if not text or "\n" in window[: len(window) - len(text)]:
        return suffix, Stance.CLAIMED, text
    if _SEPARATED.match(text) and not (closed and spaced and text[0] in ",.:;"):
        return suffix, Stance.DOUBTED, text
    if text[0] == "\\":
        return suffix, *_command_behind(text)
    operand = _is_operand(text, closed=closed, spaced=spaced, in_formula=in_formula)
    return suffix, Stance.DOUBTED if operand else Stance.CLAIMED, text


def _closed(window: str) -> tuple[str, bool, bool]:
    """The text behind delimiters and emphasis; whether a formula closed there; whether a blank."""
    text, closed, spaced = window, False, False
    while True:
        bare = text.lstrip()
        spaced |= len(bare) < len(text)
        closer = next((each for each in _CLOSERS if bare.startswith(each)), "")
        tag = _TAG.match(bare)
        if closer in {"*", "_"} and bare[1:].lstrip(" ")[:1].isalnum():
            return bare, closed, spaced
        if closer:
            closed |= closer in {"$", "\\)", "\\]"}
            text = bare[len(closer) :]
        elif tag:
            text = bare[tag.end() :]
        else:
            return bare, closed, spaced


def _command_behind(text: str) -> tuple[Stance, str]:
    command = _COMMAND.match(text)
    if command is None:
        return Stance.CLAIMED, text[1:]
    harmless = command[1] in HARMLESS and not command[1].endswith("dots")
    return Stance.CLAIMED if harmless else Stance.DOUBTED, text[command.end() :]


def _is_operand(text: str, *, closed: bool, spaced: bool, in_formula: bool) -> bool:
    """True if what follows a box makes it a part of something: `^2`, `/3`, `8`, `x`, `+ 1`."""
    first, then = text[0], text[1:].lstrip(" ")[:1]
    if first in "^×·÷±∓√⋅<>≤≥≠π²³⁴¹⁰½⁻⁺" or text.startswith(("!=", "{}^")):
        return True
    if first in "*_":
        return then.isalnum()
    if first == "+":
        return True
    if first == "-":
        return (
            then.isdigit() or then == "\\" or text.startswith("-ish") or (in_formula and not closed)
        )
    if first == "/":
        return not text[1:3].isalpha()
    if first == "!":
        return in_formula and not closed
    if first.isdigit():
        return not (closed and spaced) or not text[:2].isalpha()
    if first.isalpha() and first.isascii() and not text[1:2].isalpha():
        lone = text[1:2] in set("^_+*=.)") or len(text) == 1
        return first in _VARIABLES and (not spaced or lone or (in_formula and not closed))
    return False
