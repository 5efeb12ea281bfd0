"""Plain numbers as exact fractions: what people type where they mean one number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from harmo.scorers.reading.fold import fold

MAX_NUMBER_CHARS = 256
MAX_EXPONENT = 400
"""Larger decimal exponents are left to the evaluator, which does not write them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as written."""

    value: Fraction
    """Its value; a percentage is divided by 100."""
    places: int | None = None
    """Digits after the point, if it was written as a decimal; None for integers and fractions."""
    percent: bool = False


_PERCENT_SIGNS = ("\\%", "%", " percent", " per cent", " percentage", " pct")
_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"))
_SPACES = re.compile(r" ?\{, ?\} ?|,\\! {0,2}|\\[,!;: ]|~|[\u2009\u202f\u00a0]")
_INTEGER = re.compile(r"[+-]?\d{1,200}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,100}\.\d{0,100}|\.\d{1,100})")
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,20},(?:\d{1,2}|\d{4,20})|[+-]?0,\d{1,20}")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}){1,30}(?:\.\d{0,20})?")
_SPACED = re.compile(r"[+-]?\d{1,3}(?: \d{3}){1,30}(?:[.,]\d{0,20})?")
_POINTED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){2,30}(?:,\d{0,20})?|[+-]?\d{1,3}\.\d{3},\d{1,2}")
_SCIENTIFIC = re.compile(
    r"([+-]?\d{1,40}(?:\.\d{0,40})?)(?:[eE]([+-]?\d{1,4})"
    r"| ?(?:\\times|\\cdot|\*|x) ?10 ?(?:\^|\*\*) ?\{? ?([+-]?\d{1,4}) ?\}?)"
)
_SLASH = re.compile(r"([+-]?) ?(?:(\d{1,40}) )?(\d{1,40}) ?/ ?(\d{1,40})")
_FRAC = re.compile(
    r"([+-]?) ?(\d{1,40})? ?\\[dtc]?frac ?"
    r"(?:\{ ?([+-]?\d{1,40}) ?\}|(\d)) ?(?:\{ ?([+-]?\d{1,40}) ?\}|(\d))"
)


def unwrap(text: str) -> str:
    """A text without the delimiters, emphasis and full stop around it."""
    text = text.strip().removesuffix(".").strip() if not text.endswith("..") else text.strip()
    for opening, closing in _WRAPPERS:
        if text.startswith(opening) and text.endswith(closing):
            inner = text[len(opening) : -len(closing)]
            if inner and opening not in inner:
                return inner.strip().removesuffix(".").strip()
    return text


def read_number(text: str) -> Number | None:
    """The one number that a text is, or None: digits in the usual spellings, no words.

    `1,234` is 1234, `0,5` and `1000,99` are decimals, `1 1/2` is 3/2, `5%` is 1/20.
    """
    return None if len(text) > MAX_NUMBER_CHARS else _read_number(text)


@lru_cache(maxsize=2048)
def _read_number(text: str) -> Number | None:
    return read_folded(" ".join(_SPACES.sub(_spacing, unwrap(fold(text))).split()))


def _spacing(space: re.Match[str]) -> str:
    if "," in space[0] and space[0] != "\\,":
        return ","
    return "" if space[0] == "\\!" else " "


def read_folded(text: str) -> Number | None:
    """`read_number` of a text already folded, unwrapped and single-spaced."""
    for sign in _PERCENT_SIGNS:
        if text.endswith(sign):
            inner = _read(text[: -len(sign)].rstrip())
            if inner is None:
                return None
            places = None if inner.places is None else inner.places + 2
            return Number(value=inner.value / 100, places=places, percent=True)
    return _read(text)


def _read(text: str) -> Number | None:
    if not text or not (text[0].isdigit() or text[0] in "+-.\\"):
        return None
    if text[0] in "+-":
        text = text[0] + text[1:].lstrip()
    return _read_decimal(text) or _read_fraction(text)


def _read_decimal(text: str) -> Number | None:
    if _INTEGER.fullmatch(text):
        return Number(value=Fraction(int(text)))
    if _DECIMAL.fullmatch(text):
        return _decimal(text)
    if _THOUSANDS.fullmatch(text):
        return _decimal(text.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(text):
        return _decimal(text.replace(",", "."))
    if _SPACED.fullmatch(text):
        return _decimal(text.replace(" ", "").replace(",", "."))
    if _POINTED.fullmatch(text):
        return _decimal(text.replace(".", "").replace(",", "."))
    return None


def _decimal(text: str) -> Number:
    whole, _, places = text.partition(".")
    negative = whole.startswith("-")
    digits = int((whole.lstrip("+-") + places) or "0")
    value = Fraction(-digits if negative else digits, 10 ** len(places))
    return Number(value=value, places=len(places) or None)


def _read_fraction(text: str) -> Number | None:
    if match := _SCIENTIFIC.fullmatch(text):
        exponent = int(match[2] or match[3])
        if abs(exponent) > MAX_EXPONENT:
            return None
        mantissa = _decimal(match[1])
        places = max((mantissa.places or 0) - exponent, 0)
        return Number(value=mantissa.value * Fraction(10) ** exponent, places=places or None)
    if match := _SLASH.fullmatch(text):
        return _fraction(match[1], match[2], match[3], match[4])
    if match := _FRAC.fullmatch(text):
        return _fraction(match[1], match[2], match[3] or match[4], match[5] or match[6])
    return None


def _fraction(sign: str, whole: str | None, top: str, bottom: str) -> Number | None:
    if not int(bottom):
        return None
    value = int(whole or 0) + Fraction(int(top), int(bottom))
    return Number(value=-value if sign == "-" else value)
