"""LaTeX and plain text brought to one spelling, ready for the lexer. Linear."""

from __future__ import annotations

import re

from harmo.scorers.reading.fold import fold
from harmo.scorers.reading.numbers import unwrap
from harmo.scorers.reading.words import read_words

_DOUBLED = re.compile(
    r"\\\\(?=(?:left|right|[dt]?frac|sqrt|text|pi|boxed|cdot|times|in|infty|cup|le|ge)\b)"
)
_DROPPED = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits|mathord|mathop"
    r"|underline|angle|triangle|measuredangle|mathbf|boldsymbol|bm|mathit|mathsf|mathcal"
    r"|quad\\text\{ ?\})(?![A-Za-z])\.?"
)
_ACCENT = re.compile(
    r"\\(?:overrightarrow|overline|vec|hat|bar|tilde|widehat)(?=\{? ?[A-Z]{2,4}(?![A-Za-z0-9]))"
    r"|\\(?:overrightarrow|vec|hat)(?=\{? ?[A-Za-z](?![A-Za-z0-9])| [A-Za-z](?![A-Za-z0-9]))"
)
"""Over points and vectors. Over anything else it is another number: a conjugate, a complement."""
_BARRED = re.compile(
    r"\\(?:overline|bar|tilde|widehat)(?: (?=[A-Za-z](?![A-Za-z0-9]))|(?= ?\{ ?[A-Za-z] ?\}))"
    r" ?\{? ?([A-Za-z])(?: ?\})?"
)
_SYSTEM = re.compile(r"([^\\]{0,40})\\\{ ?\\begin ?\{(array|aligned)\}(?: ?\{[lcr ]{1,9}\})?")
"""A brace on the left alone: a system of equations."""
_SPACED = re.compile(
    r"(?<!\\)\\[,;:> ]|\\q?quad(?![A-Za-z])|\\q?quad(?=[a-z])|~|\\hspace\{[^{}]{0,20}\}"
    r"|&(?=\s{0,9}=)"
)
_THOUSANDS = re.compile(r"(?<=\d)(?: ?\{, ?\}|,\\!)\s{0,2}(?=\d{3})")
_SWISS = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")
_MODULUS = re.compile(
    r"\\pmod\s?(?:\{[^{}]{0,40}\}|\d{1,9}+|[a-z])|\(\\(?:b?mod|operatorname\{mod\})[^()]{0,40}\)"
)
_CONCLUSION = re.compile(r"\\(?:Rightarrow|implies|Longrightarrow|therefore|iff)(?![A-Za-z])")
_TIMES = re.compile(r"(?<=[\d)]) {1,9}x {1,9}(?=[\d(])")
_EXPONENT = re.compile(r"(?<=[\d.])[eE]([+-]?\d{1,4})(?![A-Za-z0-9])")
_SPELLINGS = (
    ("\\dfrac", "\\frac"), ("\\tfrac", "\\frac"), ("\\cfrac", "\\frac"), ("\\!", ""), ("\\%", "%"),
    ("\\mathrm", "\\text"), ("\\textnormal", "\\text"), ("\\textbf", "\\text"),
    ("\\mbox", "\\text"), ("\\textit", "\\text"), ("\\textrm", "\\text"),
    ("\\operatorname*", "\\operatorname"), ("\\lbrace", "\\{"), ("\\rbrace", "\\}"),
    ("\\lbrack", "["), ("\\rbrack", "]"), ("**", "^"), ("\\$", ""), ("$", ""), ("€", ""),
    ("£", ""), ("¥", ""), ("\\pounds", ""), ("\\euro", ""), ("\\#", "#"), ("\\checkmark", ""),
    ("\\blacksquare", ""), ("\\square", ""),
)  # fmt: skip


def clean(text: str) -> str:
    """The answer as one line of plain LaTeX; what does not change its value is gone."""
    text = unwrap(fold(text)).replace("\n", " ").replace("\r", " ").replace("\t", " ")
    if "\\\\" in text and "\\begin" not in text.replace("\\\\begin", ""):
        text = _DOUBLED.sub(r"\\", text)
    for spelling, ours in _SPELLINGS:
        text = text.replace(spelling, ours)
    text = _SWISS.sub("", _THOUSANDS.sub("", text))
    text = _CHOSEN.sub(r"\\binom{\1}{\2}", _OVER.sub(r"\\frac{\1}{\2}", text))
    text = _COUNTED.sub(_counted, text)
    text = _REPEATING.sub(_repeated, text)
    text = _BASE_BEHIND.sub(_base_behind, _IN_BRACKETS.sub(r"\1", text))
    text = _BASE.sub(_base, _TRANSPOSED.sub(_row, text))
    text = _SPACED.sub(" ", _DROPPED.sub("", _ACCENT.sub("", _BARRED.sub(r"\1'", text))))
    text = _RAISED.sub(_unbraced, text)
    system = _SYSTEM.match(text)
    if system and text.endswith(f"\\end{{{system[2]}}}"):
        inside = text[system.end() : -len(system[2]) - len("\\end{}")]
        text = f"{system[1]}\\begin{{cases}}{inside}\\end{{cases}}"
    text = _DEGREE.sub("^\\\\circ", text)
    text = _PERCENT.sub("%", _COLOUR.sub("", _MODULUS.sub(" ", text)))
    text = _FRENCH.sub(_turned, text)
    text = _concluded(text)
    text = _EXPONENT.sub(r"\\times10^{\1}", _TIMES.sub("*", text))
    text = " ".join(text.split()).rstrip(".,;: ").strip("*").removesuffix("\\\\").strip()
    text = text[head.end() :] if (head := _HEADED.match(text)) else text
    return text[lead.end() :] if (lead := _FOREIGN_LEAD.match(text)) else text


_RAISED = re.compile(r"\\text ?\{(?>(?:[^{}\\^]{1,16}+\^ ?\{ ?-?\d ?\}){1,3})[^{}\\^]{0,16}+\}")


def _unbraced(unit: re.Match[str]) -> str:
    r"""A unit whose powers stand inside its text, `\text{m s^{-1}}`, without their braces."""
    return "\\text{" + unit[0].partition("{")[2].replace("{", "").replace("}", "") + "}"


def _concluded(text: str) -> str:
    """What a relation leads to, `x = 2` of `2x = 4`, so `x = 2`; any other text as it is."""
    before, *rest = _CONCLUSION.split(text)
    return rest[-1] if rest and _RELATED.search(before) else text


_RELATED = re.compile(r"[=<>]|\\(?:leq?|geq?|neq?|in|equiv|approx)(?![A-Za-z])|\\text")
_BASE = re.compile(
    r"(?<=\d)_ ?(?:\{ ?)?(?:\\text ?)?\{ ?(?:base )?([a-z]{3,7}+|(?<=base )\d{1,2}) ?\} ?\}?"
)
_IN_BRACKETS = re.compile(r"\(([0-9A-F]{1,40})\) ?(?=_)")
_BASE_BEHIND = re.compile(
    r"(?<=[0-9A-F]) ?+(?>(?:\\text ?+\{)?) ?+\(?+ ?+(?>(?:in )?)base[ -]?+\}?+ ?+"
    r"(\d{1,2}+|[a-z]{3,7}+) ?+\)?+ ?+\}?+\Z"
)
_TRANSPOSED = re.compile(
    r"[\[(]([^\[\]()]{3,121}+)[\])]"
    r" ?\^ ?\{? ?(?:\\top|\\intercal|\\text ?\{T\}|T) ?\}?"
)


def _row(transposed: re.Match[str]) -> str:
    """A transposed row without the mark: what a column holds."""
    return f"[{transposed[1]}]" if _in_two(transposed[1], ",") else transposed[0]


def _in_two(text: str, marks: str) -> bool:
    """True if one of the marks has from 1 to 60 characters on either side."""
    middle = text[max(1, len(text) - 61) : min(61, len(text) - 1)]
    return any(mark in middle for mark in marks)


def _base_behind(words: re.Match[str]) -> str:
    """`1011 base 2` as `1011_{2}`."""
    if words[1].isdigit():
        return f"_{{{words[1]}}}"
    number = read_words(words[1])
    return words[0] if number is None else f"_{{{number.value}}}"


def _base(subscript: re.Match[str]) -> str:
    """A base that is written in words, in digits."""
    number = read_words(subscript[1])
    return subscript[0] if number is None else f"_{{{number.value}}}"


_REPEATING = re.compile(r"(\d{0,20})\.(\d{0,20})\\(?:overline|bar|dot) ?\{(\d{1,20})\}")


def _repeated(decimal: re.Match[str]) -> str:
    """A repeating decimal as the fraction it is."""
    whole, head, period = decimal.groups()
    nines = 10 ** len(period) - 1
    top = (int(whole or 0) * 10 ** len(head) + int(head or 0)) * nines + int(period)
    return f"\\frac{{{top}}}{{{nines * 10 ** len(head)}}}"


_OVER = re.compile(r"\{([^{}\\]{1,60})\\over(?![A-Za-z])([^{}\\]{1,60})\}")
_CHOSEN = re.compile(r"\{([^{}\\]{1,60})\\choose(?![A-Za-z])([^{}\\]{1,60})\}")
_N = r" ?(?:\{ ?(\d{1,4}+) ?\}|(\d))"
_COUNTED = re.compile(
    rf"(?:(?<![\w}})\]])|\{{ ?\}} ?)[\^_]{_N} ?(?:\\text ?\{{ ?)?([CP])(?: ?\}})? ?_{_N}"
    r"|\A(\d{1,4}+)([CP])(\d{1,4}+)\Z"
)


def _counted(choice: re.Match[str]) -> str:
    """`{}^5C_2` as the binomial that it is, `{}^5P_2` as the quotient of factorials."""
    n, kind, k = choice[1] or choice[2] or choice[6], choice[3] or choice[7], choice[4] or choice[5]
    k = k or choice[8]
    if kind == "C":
        return f"\\binom{{{n}}}{{{k}}}"
    return f"\\frac{{{n}!}}{{({n}-{k})!}}" if int(k) <= int(n) else choice[0]


_DEGREE = re.compile(r"(?<=\d) ?\^ ?(?:\{ ?o ?\}|o(?![A-Za-z]))")
_PERCENT = re.compile(r"\\text ?\{ ?(?:percent(?:age)?|per cent|pct)\.? ?\}")
_COLOUR = re.compile(r"\\(?:text)?color ?\{[A-Za-z]{1,20}\}")
_FRENCH = re.compile(r"([\[\]])([^\[\]()|]{3,121}+)([\[\]])")


def _turned(interval: re.Match[str]) -> str:
    """`]1, 2[` as `(1, 2)`."""
    opening, ends, closing = interval.groups()
    if not _in_two(ends, ",;"):
        return interval[0]
    return {"]": "("}.get(opening, opening) + ends + {"[": ")"}.get(closing, closing)


_HEADED = re.compile(r"#{1,6} ")
"""A heading's mark, as references of worked solutions have it: `#### 72`."""
_FOREIGN_LEAD = re.compile(r"[^\x00-\x7f][^\x00-\x7f ,:]{0,40}[:,]? {0,2}(?=[(\\$\d.+-])")
"""Words of another script before a number: `答案是5`."""


def compact(text: str) -> str:
    """A cleaned text without what only typesets: equal ones are one answer."""
    text = _SINGLE.sub(_braced, _WORDS.sub(r"\1", text))
    if _APART.search(text):
        text = _GAP.sub(_between, text)
    return text.replace(" ", "").replace("_", "").replace("`", "").replace("\0", " ")


def _between(gap: re.Match[str]) -> str:
    """Nothing, but a blank between two digits, unless it sets thousands apart: `1 2` is no 12."""
    text, start, end = gap.string, gap.start(), gap.end()
    apart = text[start - 1 : start].isdigit() and text[end : end + 1].isdigit()
    return "\0" if apart and not (gap[0] == " " and _GROUP.match(text, end)) else ""


_APART = re.compile(r"[ _]\d")
_GAP = re.compile(r"[ _]++")
_GROUP = re.compile(r"\d{3}(?!\d)")


def _braced(braces: re.Match[str]) -> str:
    return braces[1] or braces[2]


_WORDS = re.compile(r"\\(?:text|ce|boxed) ?\{([^{}]{0,200}+)\}")
# Braces that hold one character, or all of a subscript: `x^{2}`, `x_{10}`, not `2^{n+1}`.
_SINGLE = re.compile(r"(?<!\\)\{ ?(\\?[A-Za-z0-9]) ?\}|(?<=_)\{([A-Za-z0-9]{1,20})\}")
