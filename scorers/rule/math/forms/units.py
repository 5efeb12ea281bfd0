"""Quantities: a number with its unit, converted by pint where the units differ."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from harmo.scorers.rule.math.equality.values import Value
from harmo.scorers.rule.math.forms.unit_words import POWER, SHORT, TEXT, is_unit, spaced

MAX_UNIT_CHARS = 60
MAX_QUANTITY_CHARS = 160

_CELSIUS = re.compile(r"\^ ?\{? ?\\circ ?\}? ?(?:\\text ?\{ ?)?([CF])\b ?\}?\Z")
_PHRASES = (
    (re.compile(r"\bper\b"), "/"),
    (re.compile(r"\bsquare ([a-z]+)"), r"\1^2"),
    (re.compile(r"\bsq\.? ([a-z]+)"), r"\1^2"),
    (re.compile(r"\bcubic ([a-z]+)"), r"\1^3"),
    (re.compile(r"\b([a-z]{1,60}+) squared"), r"\1^2"),
    # Metres per second are written so; nobody writes "per millisecond" so.
    (re.compile(r"\bms ?\^ ?-([12])"), r"m s^-\1"),
    (re.compile(r"\b([a-z]{1,60}+) cubed"), r"\1^3"),
)
_ALIASES = {
    "celsius": "degC", "fahrenheit": "degF", "hr": "hour", "hrs": "hour", "sec": "second",
    "secs": "second", "mins": "minute", "lbs": "pound", "yrs": "year", "yr": "year",
    "°": "degree", "degrees": "degree", "cc": "cm^3", "usd": "dollar", "USD": "dollar",
    "eur": "euro", "EUR": "euro", "gbp": "pound_sterling", "GBP": "pound_sterling",
    "inches": "inch", "feet": "foot", "radians": "radian", "rad": "radian",
}  # fmt: skip
_MONEY = {"dollar": 100.0, "cent": 1.0}
"""In cents; other currencies do not convert."""
_CURRENCIES = {"€": "euro", "£": "pound_sterling", "¥": "yen", "\\$": "dollar"}
_DURATIONS = {
    "day": 86400, "d": 86400, "hour": 3600, "hr": 3600, "h": 3600, "minute": 60, "min": 60,
    "second": 1, "sec": 1, "s": 1,
}  # fmt: skip
_DURATION = re.compile(
    r"(\d{1,6}+(?>(?:\.\d{1,6}+)?)) ?(d(?:ay)?|h(?:our|r)?|min(?:ute)?|s(?:ec(?:ond)?)?)s?\b,? ?"
    r"(?:and )?"
)
_FILLERS = frozenset(
    {
        "unit", "units", "square units", "sq units", "cubic units", "approximately", "about",
        "per cent",
    }
)  # fmt: skip
_LONG = re.compile(r"[A-Za-z]{4,60}")


class Conversion(NamedTuple):
    """From one unit to another."""

    scale: float
    offset: float = 0.0

    def of(self, value: Value) -> Value:
        """A value in the other unit."""
        return value * self.scale + self.offset


class Quantity(NamedTuple):
    """A cleaned text cut into its number and its unit; the unit is empty where there is none."""

    number: str
    unit: str


def currency(text: str) -> str:
    """The currency whose sign a raw text has, `$` only where it is no LaTeX delimiter."""
    for sign, name in _CURRENCIES.items():
        if sign in text:
            return name
    return "dollar" if text.count("$") == 1 and any(c.isdigit() for c in text) else ""


def duration(cleaned: str) -> Quantity | None:
    """`1 hour 30 minutes` in seconds; None if it is not several durations."""
    text = " ".join(TEXT.sub(spaced, cleaned).split())
    seconds, at = [], 0
    while match := _DURATION.match(text, at):
        seconds.append(Fraction(match[1]) * _DURATIONS[match[2]])
        at = match.end()
    if len(seconds) > 1 and at == len(text):
        return Quantity(str(sum(seconds)), "second")
    return None


def split(cleaned: str, *, glued: bool = False) -> Quantity:
    r"""The number and the unit of a cleaned text: `5\\text{ cm}`, `3 km/h`, `12 apples`.

    A lone letter is a unit behind a blank or a decimal, not behind letters: `2m` and `x^2 m` are
    products.

    Args:
        cleaned: The text.
        glued: Take a lone letter right behind any number for a unit, too, and a fraction of units.
    """
    if match := _CELSIUS.search(cleaned[-40:]):
        start = len(cleaned) - len(cleaned[-40:]) + match.start()
        return Quantity(cleaned[:start].strip(), "deg" + match[1])
    if len(cleaned) <= MAX_QUANTITY_CHARS and (whole := duration(cleaned)):
        return whole
    if len(cleaned) > MAX_QUANTITY_CHARS or "\\begin" in cleaned:
        return Quantity(cleaned, "")
    cleaned = _QUOTIENT.sub(r"\\text{\1/\2\3}", _TYPESET.sub(r"\\text{\1/\2}", cleaned))
    if glued:
        cleaned = _LETTERED.sub(_quotient, cleaned)
    if _BRACKETED.fullmatch(cleaned) and (within := split(cleaned[1:-1], glued=glued)).unit:
        return within
    for match in _BOUNDARY.finditer(cleaned):
        number, unit = cleaned[: match.end()], cleaned[match.end() :].strip()
        if not unit or number.count("(") != number.count(")"):
            # `-(12 m)` is no `-(12` of `m)`.
            continue
        apart = number[-1] == " " or unit[0] == "\\"
        letters = apart or glued or _DECIMAL.search(number) is not None
        if is_unit(unit, letters=letters) and not (_SINGLE.match(unit) and _named(number)):
            return Quantity(number.strip(), normal(unit))
    return Quantity(cleaned, "")


def _quotient(fraction: re.Match[str]) -> str:
    """A fraction of abbreviations as the unit that it is, any other as it stands."""
    units = POWER.fullmatch(fraction[1]), POWER.fullmatch(fraction[2])
    short = all(unit is not None and unit[1] in SHORT for unit in units)
    return f"\\text{{{fraction[1]}/{fraction[2]}}}" if short else fraction[0]


def _named(number: str) -> bool:
    """True if what stands before a unit has letters of its own: a letter behind is one more."""
    return _LETTER.search(_COMMAND.sub("", number)) is not None


_BOUNDARY = re.compile(
    r"\S(?= ?\\text)"
    r"|(?:[\d})!]|\\pi)(?: (?=[A-Za-zµΩÅ\u0370-\uffff])|(?=[A-Za-zµΩÅ\u0370-\uffff]))"
)
_QUOTIENT = re.compile(
    r"\\frac ?\{ ?\\text ?\{([^{}]{1,30})\} ?\} ?\{ ?\\text ?\{([^{}]{1,30})\} ?(\^ ?\{?\d\}?)? ?\}"
)
"""A fraction of two units."""
_TYPESET = re.compile(r"\\text ?\{ ?\\frac ?\{ ?([^{}]{1,30}+)\} ?\{ ?([^{}]{1,30}+)\} ?\}")
_LETTERED = re.compile(
    r"(?:\\text ?\{ ?\} ?|(?<=[\d) ]))\\frac ?\{ ?([^{} ]{1,8}+) ?\} ?\{ ?([^{} ]{1,8}+) ?\}\Z"
)
"""The same in letters that may be variables: `\\frac{m}{s}`."""
_BRACKETED = re.compile(r"\([^(),]{1,100}\)")
_DECIMAL = re.compile(r"\.\d{1,40}\Z")
_SINGLE = re.compile(r"[A-Za-z](?![A-Za-z])")
_COMMAND = re.compile(r"\\[A-Za-z]{1,20}")
_LETTER = re.compile(r"[A-Za-z]")


def normal(unit: str) -> str:
    """A unit in one spelling: lower-case words, `/` for per, `^2` for square."""
    text = TEXT.sub(_factored, unit[:MAX_UNIT_CHARS])
    text = " ".join(text.replace("{", "").replace("}", "").split()).strip(" .")
    lowered = _LONG.sub(_lowered, text)
    if lowered in _FILLERS:
        return ""
    for pattern, spelled in _PHRASES:
        lowered = pattern.sub(spelled, lowered)
    return lowered.replace(" / ", "/").replace(" ^", "^")


def _lowered(name: re.Match[str]) -> str:
    return name[0] if name[0] in SHORT else name[0].lower()


def _factored(typeset: re.Match[str]) -> str:
    """What a text command holds, between blanks, be it nothing; a star without blanks for a dot."""
    return "*" if typeset[1] is None else f" {typeset[1]} "


def same_unit(left: str, right: str) -> bool:
    """True if two units read the same, plural and dots aside."""
    return _stem(left) == _stem(right)


def _stem(unit: str) -> str:
    words = [_ALIASES.get(word, word) for word in unit.replace("*", " ").split()]
    return " ".join(word[:-1] if word.endswith("s") and len(word) > 2 else word for word in words)


def physical(unit: str) -> bool:
    """True for a unit that converts, `kJ mol^-1`, not for `apples`. Only call it in a worker."""
    return conversion(unit, unit) is not None


@lru_cache(maxsize=1024)
def conversion(unit: str, into: str) -> Conversion | None:
    """From one unit to another; None if one is unknown or they do not convert.

    Slow the first time: pint loads its definitions. Only call it in a worker.
    """
    import pint  # noqa: PLC0415 - a third of a second that the service never spends

    given, due = _MONEY.get(_stem(unit)), _MONEY.get(_stem(into))
    if given is not None and due is not None:
        return Conversion(given / due)
    try:
        zero = _registry().Quantity(0.0, _unit(unit)).to(_unit(into)).magnitude
        one = _registry().Quantity(1.0, _unit(unit)).to(_unit(into)).magnitude
    except (pint.errors.PintError, ValueError, AttributeError, TypeError):
        return None
    return Conversion(one - zero, zero)


@cache
def _registry():  # type: ignore[no-untyped-def]  # noqa: ANN202 - pint ships no types here
    import pint  # noqa: PLC0415

    return pint.UnitRegistry(cache_folder=None)


def _unit(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """The pint unit of a normal unit text, built factor by factor: pint sees bare names only."""
    registry = _registry()
    built = None
    for i, words in enumerate(text.split("/")):
        for word in words.replace("*", " ").replace("·", " ").split():
            match = POWER.fullmatch(_ALIASES.get(word, word))
            # Anything but a name trips pint's own parser.
            named = match is not None and match[1].isidentifier()
            base = getattr(registry, match[1]) if match and named else None
            if match is None or i > 1 or not isinstance(base, registry.Unit):
                raise ValueError(f"unit {word!r}")
            # A unit that begins with its slash, as in `5 per second`, is read without it.
            sign = -1 if i and built is not None else 1
            factor = base ** (sign * int(match[2] or 1))
            built = factor if built is None else built * factor
    if built is None:
        raise ValueError("no unit")
    return built
