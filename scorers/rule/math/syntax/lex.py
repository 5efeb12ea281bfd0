"""Cleaned text to tokens, in one pass."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_TOKENS = 700


class UnreadableError(ValueError):
    """The text is no expression that the parser knows."""


class Token(NamedTuple):
    """One token; `glued` is False if blanks stood before it."""

    kind: str
    text: str
    glued: bool = True


_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<based>[0-9A-F]{2,12}+(?=_\{?1[1-6](?!\d)))"
    r"|(?P<num>\d{1,3}(?>(?:,\d{3}){1,30})(?!\d|,\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"|\\(?P<env>begin|end)\s?\{(?P<envname>[A-Za-z*]{1,14}+)\}(?:\{[clr|]{0,20}+\})?"
    r"|\\(?P<holder>text|operatorname)\s?\{(?P<word>[^{}]{0,80}+)\}"
    r"|\\(?P<command>[A-Za-z]+)"
    r"|(?P<escaped>\\\\|\\[{}|])"
    r"|(?P<rel><=|>=|!=|=<|=>|==|->)"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<char>.)",
    re.DOTALL,
)
FUNCTIONS = frozenset(
    {
        "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin", "arccos",
        "arctan", "asin", "acos", "atan", "ln", "log", "lg", "exp", "max", "min", "gcd", "lcm",
        "Re", "Im", "arg", "sqrt", "abs", "floor", "ceil",
    }
)  # fmt: skip
GREEK = frozenset(
    {
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta",
        "vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon",
        "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
        "Sigma", "Phi", "Psi", "Omega", "ell", "hbar", "pi", "infty", "emptyset", "varnothing",
        "partial", "nabla",
    }
)  # fmt: skip
_RELATIONS = {
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "lt": "<",
    "gt": ">", "ne": "!=", "neq": "!=", "approx": "~", "simeq": "~", "in": "in", "equiv": "=",
    "<=": "<=", ">=": ">=", "!=": "!=", "=<": "<=", "=>": ">=", "==": "=", "=": "=", "<": "<",
    ">": ">", "->": "to", "to": "to", "rightarrow": "to", "longrightarrow": "to", "mapsto": "to",
    "Rightarrow": "implies", "Longrightarrow": "implies", "implies": "implies", "iff": "both",
    "Leftrightarrow": "both", "leftrightarrow": "both", "parallel": "parallel", "perp": "perp",
    "sim": "sim", "cong": "cong",
    "subset": "subset", "subseteq": "subseteq", "subsetneq": "subset", "supset": "supset",
    "supseteq": "supseteq", "notin": "notin", "propto": "propto", "nmid": "nmid",
}  # fmt: skip
OPERATORS = frozenset(
    {
        "det", "dim", "ker", "deg", "hom", "Pr", "sup", "inf", "neg", "lnot", "dot", "ddot",
        "complement",
    }
)  # fmt: skip
"""Commands that make of their argument what nothing here works out."""
BIG = frozenset(
    {
        "sum", "prod", "bigcup", "bigcap", "bigoplus", "int", "iint", "iiint", "oint", "lim",
        "limsup", "liminf",
    }
)  # fmt: skip
"""Operators over what stands below and above them."""
_WORDS = {
    "and": "sep", "or": "sep", "oraz": "sep", "pi": "sym", "infinity": "sym", "inf": "sym",
    "degrees": "degree", "degree": "degree", "percent": "percent", "pct": "percent",
    "percentage": "percent", "mod": "op", "to": "ratio", "in": "rel",
}  # fmt: skip
_NAMED = {"infinity": "infty", "inf": "infty", "oo": "infty"}


_SHORT_WORDS = frozenset(
    {
        "the", "sum", "is", "so", "we", "it", "are", "was", "not", "for", "all", "but", "can",
        "has", "its", "you", "of", "if", "as", "by", "be", "an", "at", "on", "no", "yes", "get",
        "set", "one", "two", "six", "ten", "odd", "new", "old", "his", "her", "she", "he", "how",
        "why", "who", "may", "let", "per", "out", "up", "our", "any", "use", "see", "now", "way",
        "day", "men", "man", "red", "cat", "dog", "car", "box", "pen", "toy", "hot", "low", "big",
        "top", "end", "too", "did", "had", "been", "thus",
    }
)  # fmt: skip
"""Words that would be read as products of letters; `ab` and `xyz` are products."""


def tokenize(text: str, *, thousands: bool = True) -> list[Token]:
    """The tokens of a cleaned text.

    `1,234` is one number outside brackets; within them, where no other comma has a blank behind it,
    it is two: `(0,100)` is a pair.

    Args:
        text: The cleaned text.
        thousands: Take `1,234` for a number at all.

    Raises:
        UnreadableError: If there are more than `MAX_TOKENS`.
    """
    tokens: list[Token] = []
    glued, depth, spaced = True, 0, ", " in text
    formula = "\\" in text or "=" in text
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "blank":
            glued = False
            continue
        if formula and match.lastgroup == "letters" and match[0].isupper():
            # `NO` in a formula is a segment.
            found = _product(match[0], glued=glued)
        else:
            found = _tokens(match, glued=glued)
        separate = not thousands or (depth and not spaced) or match[0][0] == "0"
        if match.lastgroup == "num" and "," in match[0] and separate:
            found = _separated(match[0])
        depth += sum(token.kind == "open" for token in found)
        depth -= sum(token.kind == "close" for token in found)
        tokens.extend(found)
        glued = True
        if len(tokens) > MAX_TOKENS:
            raise UnreadableError(f"more than {MAX_TOKENS} tokens")
    return tokens


def _separated(numbers: str) -> list[Token]:
    """`1,234` as two numbers."""
    tokens: list[Token] = []
    for number in numbers.split(","):
        tokens += [Token("sep", ","), Token("num", number)]
    return tokens[1:]


def _tokens(match: re.Match[str], *, glued: bool) -> list[Token]:
    group = match.lastgroup or "char"
    text = match[group]
    if group == "envname":
        return [Token(match["env"], text, glued)]
    if group == "based":
        # Digits alone, and letters alone, have other readings.
        group = "num" if text.isdigit() else ("letters" if text.isalpha() else group)
    if group in {"num", "based"}:
        return [Token(group, text, glued)]
    if group == "word":
        read = _word if match["holder"] == "text" else _operator
        return read(text.strip(), glued=glued)
    if group in {"command", "rel"}:
        return [_command(text, glued=glued)]
    if group == "escaped":
        return [Token(_ESCAPED[text], text, glued)]
    if group == "letters":
        return _letters(text, glued=glued)
    return [_character(text, glued=glued)]


_ESCAPED = {"\\{": "open", "\\}": "close", "\\|": "bar", "\\\\": "row"}


def _word(text: str, *, glued: bool) -> list[Token]:
    low = text.lower().strip(" ,.")
    if low in _WORDS:
        return [Token(_WORDS[low], _NAMED.get(low, low), glued)]
    if text in FUNCTIONS:
        return [Token("func", text, glued)]
    if len(text) == 1 and text.isalpha():
        return [Token("sym", text, glued)]
    return [Token("word", low, glued)] if low else []


def _operator(text: str, *, glued: bool) -> list[Token]:
    r"""What `\operatorname` holds: a function that is known, or one of any name."""
    tokens = _word(text, glued=glued)
    if tokens and tokens[0].kind in {"word", "sym"} and text.isalpha():
        return [Token("operator", text, glued)]
    return tokens


def _command(name: str, *, glued: bool) -> Token:
    if name in _RELATIONS:
        return Token("rel", _RELATIONS[name], glued)
    if name in FUNCTIONS:
        return Token("func", name, glued)
    if name in GREEK:
        return Token("sym", {"varnothing": "emptyset"}.get(name, name), glued)
    if name in OPERATORS or name in BIG:
        return Token("operator" if name in OPERATORS else "big", name, glued)
    return _COMMANDS.get(name, Token("command", name))._replace(glued=glued)


_COMMANDS = {
    "cdot": Token("op", "*"), "times": Token("op", "*"), "ast": Token("op", "*"),
    "div": Token("op", "/"), "pm": Token("pm", "+"), "mp": Token("pm", "-"),
    "cup": Token("set", "cup"), "cap": Token("set", "cap"), "setminus": Token("set", "setminus"),
    "backslash": Token("set", "setminus"), "mod": Token("op", "mod"), "bmod": Token("op", "mod"),
    "langle": Token("open", "("), "rangle": Token("close", ")"), "lfloor": Token("open", "floor"),
    "rfloor": Token("close", "floor"), "lceil": Token("open", "ceil"),
    "rceil": Token("close", "ceil"), "vert": Token("bar", "|"), "lvert": Token("bar", "|"),
    "rvert": Token("bar", "|"), "mid": Token("bar", "mid"), "circ": Token("degree", "circ"),
    "degree": Token("degree", "circ"), "prime": Token("prime", "'"), "colon": Token("ratio", ":"),
    "ldots": Token("sym", "..."), "dots": Token("sym", "..."), "cdots": Token("sym", "..."),
    "wedge": Token("sep", "land"), "vee": Token("sep", "lor"), "land": Token("sep", "land"),
    "lor": Token("sep", "lor"),
}  # fmt: skip


def _letters(text: str, *, glued: bool) -> list[Token]:
    if text in _WORDS or text in _NAMED:
        return [Token(_WORDS.get(text, "sym"), _NAMED.get(text, text), glued)]
    if text in FUNCTIONS:
        return [Token("func", text, glued)]
    if text in GREEK:
        return [Token("sym", text, glued)]
    before, joined, after = text.partition("or")
    if joined and len(before) <= 1 and len(after) <= 1:
        # `xory`, where the blanks were lost.
        tokens = (Token("sym", before), Token("sep", "or", glued), Token("sym", after))
        return [token for token in tokens if token.text]
    if (len(text) > 3 and not text.isupper()) or text.lower() in _SHORT_WORDS:
        return [Token("word", text.lower(), glued)]
    return _product(text, glued=glued)


def _product(letters: str, *, glued: bool) -> list[Token]:
    return [Token("sym", letters[0], glued), *(Token("sym", letter) for letter in letters[1:])]


def _character(text: str, *, glued: bool) -> Token:
    if text in "+-*/^_!":
        return Token("op" if text in "+-*/" else text, text, glued)
    if text in "([{":
        return Token("open", text, glued)
    if text in ")]}":
        return Token("close", text, glued)
    return Token(_CHARACTERS.get(text, "other"), text, glued)


_CHARACTERS = {
    ",": "sep", ";": "sep", "|": "bar", "=": "rel", "<": "rel", ">": "rel", "%": "percent",
    "'": "prime", ":": "ratio", "&": "cell",
}  # fmt: skip
