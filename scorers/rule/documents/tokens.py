"""The tokens of a LaTeX formula in a normal form: what is printed, not how it is typed. Linear.

Nothing is expanded or rendered: a macro that a formula defines is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

MAX_CHARS = 20_000
"""Of a formula."""


def _set_of(names: str) -> frozenset[str]:
    return frozenset(names.split())


_TOKEN = re.compile(
    r"\\(?:left|right)\s{0,4}+\.|\\(?:[a-zA-Z]{1,40}+\*?|[^a-zA-Z])|%[^\n]*+|\s|[^\\\s%]|\\",
    re.DOTALL,
)
_FONTS = _set_of(
    "mathbf mathrm mathnormal mathit mathbb mathcal mathscr mathfrak mathsf mathtt textbf textit"
    " textrm textsf texttt textnormal text mbox hbox boldmath boldsymbol bm symbf symbfit"
    " mathbfcal operatorname operatorname* mathop mathrel mathbin mathord mathopen mathclose"
    " mathpunct mathinner pmb emph ensuremath boxed fbox"
)
"""What changes how letters look; the braces behind it go with it."""
_LAYOUT = _set_of(
    ", ; : ! > / - quad qquad enspace enskip thinspace medspace thickspace negthinspace"
    " negmedspace negthickspace nobreakspace space displaystyle textstyle scriptstyle"
    " scriptscriptstyle limits nolimits displaylimits notag nonumber left right middle big Big"
    " bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm rm bf it sf tt"
    " cal mathstrut strut protect relax allowbreak nobreak hline smallskip medskip bigskip"
    " centering noindent"
) | {" ", "\n", "\t"}
"""What changes only where things stand."""
_WITH_ARGUMENT = _set_of(
    "tag tag* label hspace hspace* vspace vspace* kern color setlength arraycolsep ref"
)
"""What goes together with the argument behind it."""
_SAME = {
    "\\ne": "\\neq", "\\le": "\\leq", "\\ge": "\\geq", "\\leqslant": "\\leq", "\\geqslant": "\\geq",
    "\\to": "\\rightarrow", "\\gets": "\\leftarrow", "\\lbrace": "\\{", "\\rbrace": "\\}",
    "\\lbrack": "[", "\\rbrack": "]", "\\vert": "|", "\\lvert": "|", "\\rvert": "|", "\\mid": "|",
    "\\Vert": "\\|", "\\lVert": "\\|", "\\rVert": "\\|", "\\lt": "<", "\\gt": ">", "\\ast": "*",
    "\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\cfrac": "\\frac", "\\dbinom": "\\binom",
    "\\tbinom": "\\binom", "\\dots": "\\ldots", "\\dotsc": "\\ldots", "\\dotsb": "\\cdots",
    "\\land": "\\wedge", "\\lor": "\\vee", "\\lnot": "\\neg", "\\colon": ":", "\\emptyset":
    "\\varnothing", "\\owns": "\\ni", "\\iff": "\\Longleftrightarrow", "\\implies":
    "\\Longrightarrow", "\\infin": "\\infty", "\\smallsetminus": "\\setminus",
    "\\newline": "\\\\", "\\cr": "\\\\", "\\tabularnewline": "\\\\", "\\prime": "'",
    "−": "-", "×": "\\times", "·": "\\cdot", "÷": "\\div", "≤": "\\leq", "≥": "\\geq",
    "≠": "\\neq", "→": "\\rightarrow", "∞": "\\infty", "±": "\\pm", "′": "'", "’": "'",
    "…": "\\ldots",
}  # fmt: skip
"""Two names of one thing on paper."""
_SPECIAL = frozenset("{}%&$#_^~\\")
"""What means something to TeX."""
_DEFINES = _set_of(
    "def edef gdef xdef let futurelet newcommand newcommand* renewcommand renewcommand*"
    " providecommand DeclareMathOperator DeclareMathOperator* newenvironment renewenvironment"
    " csname catcode input include write openout read expandafter usepackage loop"
)
_ALIGNMENTS = _set_of(
    "equation align aligned alignat alignedat gather gathered multline split eqnarray math"
    " displaymath flalign subequations"
)
"""Environments that are no brackets: what is in them is printed as it stands."""


class MalformedError(ValueError):
    """It is no formula that could be printed; the message says why."""


@dataclass(slots=True)
class _Group:
    """What stands between two braces, or the whole formula."""

    parts: list[Part] = field(default_factory=list)
    bare: bool = False
    """Its braces print nothing: they only said what a font goes for."""


Part: TypeAlias = "str | _Group"
_SCRIPTS: tuple[list[Part], ...] = (["^"], ["_"])


def formula_tokens(latex: str) -> tuple[str, ...]:
    """The tokens of a formula; the same for any two ways to type the same print.

    Left out: fonts, spaces, sizes of brackets, tags, comments, the alignments of equations; braces
    round one token; the order of a sub- and a superscript; full stops at the end. Case stays.

    Args:
        latex: Without the delimiters of a formula.

    Raises:
        MalformedError: If braces or environments do not match, it defines or reads something, or
            it is longer than `MAX_CHARS`.
    """
    if len(latex) > MAX_CHARS:
        raise MalformedError(f"more than {MAX_CHARS} characters")
    pieces = list(_printed(latex))
    if len(pieces) > MAX_CHARS:
        raise MalformedError(f"more than {MAX_CHARS} tokens")
    tokens = list(_flat(_parsed(_environments(pieces))))
    while tokens[-1:] == ["."]:
        # The sentence that the formula stands in ends there.
        tokens.pop()
    return tuple(tokens)


def _printed(latex: str) -> Iterator[str]:
    """The tokens that print something, by one name each, braces and environments among them."""
    for piece in _TOKEN.finditer(latex):
        said = piece[0]
        if said.isspace() or said == "~" or said[0] == "%" or (said[-1] == "." and len(said) > 2):
            continue
        if said[0] != "\\":
            yield from _character(said)
            continue
        if said[1:] in _DEFINES or said == "\\":
            raise MalformedError(f"it has {said}")
        if said[1:] not in _LAYOUT:
            yield _SAME.get(said, said)


def _character(said: str) -> Iterator[str]:
    """The tokens of one character: several for "½"; a full-width brace prints one, and is none."""
    if said.isascii() or said in _SAME:
        yield _SAME.get(said, said)
    elif unicodedata.category(said) not in {"Cf", "Cc", "Cs"}:
        for each in unicodedata.normalize("NFKC", said):
            if not each.isspace():
                yield f"\\{each}" if each in _SPECIAL else _SAME.get(each, each)


def _environments(pieces: list[str]) -> Iterator[str]:
    """The tokens with each environment as one of its own, or none where it is an alignment."""
    open_ones: list[str] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece in {"\\begin", "\\end"}:
            name, at = _name(pieces, at)
            if piece == "\\begin":
                open_ones.append(name)
                at = _columns(pieces, at) if name == "array" else at
            elif not open_ones or open_ones.pop() != name:
                raise MalformedError(f"\\end{{{name}}} closes nothing")
            if name not in _ALIGNMENTS:
                yield f"{piece}{{{name}}}"
        elif piece[1:] in _WITH_ARGUMENT and piece[0] == "\\":
            at = _columns(pieces, at)
        elif piece != "&" or (open_ones and open_ones[-1] not in _ALIGNMENTS):
            yield piece
    if open_ones:
        raise MalformedError(f"\\begin{{{open_ones[-1]}}} never closes")


def _name(pieces: list[str], at: int) -> tuple[str, int]:
    """The name in braces from a place on, its star aside, and where it ends."""
    end = next((i for i in range(at, min(at + 20, len(pieces))) if pieces[i] == "}"), None)
    if end is None or pieces[at] != "{":
        raise MalformedError("an environment without a name")
    return "".join(pieces[at + 1 : end]).rstrip("*"), end + 1


def _columns(pieces: list[str], at: int) -> int:
    """Where an argument in braces ends that begins at a place; the place itself if none does."""
    if at >= len(pieces) or pieces[at] != "{":
        return at
    depth = 0
    for i in range(at, len(pieces)):
        depth += (pieces[i] == "{") - (pieces[i] == "}")
        if depth == 0:
            return i + 1
    raise MalformedError("a brace never closes")


def _parsed(pieces: Iterator[str]) -> _Group:
    """The tokens with what braces hold as groups, each in its normal form."""
    stack = [_Group()]
    font = False
    for piece in pieces:
        if piece == "{":
            stack.append(_Group(bare=font and stack[-1].parts[-1:] not in _SCRIPTS))
        elif piece == "}":
            if len(stack) == 1:
                raise MalformedError("a brace closes nothing")
            group = _ordered(stack.pop())
            if len(group.parts) == 1:
                stack[-1].parts.append(_alone(group))
            elif group.parts:
                stack[-1].parts.append(group)
            elif stack[-1].parts[-1:] in _SCRIPTS:
                del stack[-1].parts[-1]
        elif not (piece[0] == "\\" and piece[1:] in _FONTS):
            stack[-1].parts.append(piece)
        font = piece[0] == "\\" and piece[1:] in _FONTS
    if len(stack) > 1:
        raise MalformedError("a brace never closes")
    return _ordered(stack[0])


def _alone(group: _Group) -> Part:
    """The one part of a group without its braces, but with its own where both meant some."""
    (part,) = group.parts
    if isinstance(part, _Group):
        part.bare = part.bare and group.bare
    return part


def _ordered(group: _Group) -> _Group:
    """A group with subscripts before superscripts, and primes as such; each part is moved once."""
    parts: list[Part] = []
    waiting = group.parts
    at = 0
    while at < len(waiting):
        part, rest = waiting[at], waiting[at + 1 : at + 4]
        if [part] in _SCRIPTS and (not rest or rest[:1] in _SCRIPTS):
            raise MalformedError(f"nothing stands behind {part}")
        if part == "^" and rest and _primes(rest[0]):
            parts += _primes(rest[0])
            at += 2
        elif part == "^" and len(rest) == 3 and rest[1] == "_":
            parts += ["_", rest[2], "^", rest[0]]
            at += 4
        else:
            parts.append(part)
            at += 1
    _require_single_scripts(parts)
    return _Group(parts, bare=group.bare)


def _require_single_scripts(parts: list[Part]) -> None:
    """Refuse `x^2^3`, which cannot be printed."""
    seen: list[Part] = []
    at = 0
    while at < len(parts):
        script = [parts[at]] in _SCRIPTS
        if script and parts[at] in seen:
            raise MalformedError(f"two {parts[at]} behind one another")
        seen = [*seen, parts[at]] if script else []
        at += 2 if script else 1


def _primes(part: Part) -> list[Part]:
    inside = part.parts if isinstance(part, _Group) else [part]
    return list(inside) if inside and all(each == "'" for each in inside) else []


def _flat(group: _Group) -> Iterator[str]:
    """The tokens of a group, braces round the groups in it; without recursion."""
    waiting: list[Iterator[Part]] = [iter(group.parts)]
    closing = [""]
    while waiting:
        part = next(waiting[-1], None)
        if part is None:
            waiting.pop()
            if closing.pop():
                yield "}"
        elif isinstance(part, str):
            yield part
        else:
            if not part.bare:
                yield "{"
            waiting.append(iter(part.parts))
            closing.append("" if part.bare else "}")
