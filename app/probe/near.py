"""Near misses: a reference with one thing changed. Whether one surely is wrong is asked later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType

from harmo.app.probe.meaning import Meaning, bare, meaning

_COUNTS = re.compile(r"\\(?:prod|sum|lim|int|max|min|big)|^\(?[A-J][).:] ")
"""Another bound may give the same value, and of an option the letter may count alone."""
_DIGITS = re.compile(r"\d{1,40}")
_UNITS = MappingProxyType(
    {
        "mm": "cm",
        "cm": "m",
        "m": "km",
        "km": "m",
        "g": "kg",
        "kg": "g",
        "ml": "l",
        "l": "ml",
        "s": "min",
        "seconds": "minutes",
        "minutes": "hours",
        "hours": "minutes",
        "days": "weeks",
        "weeks": "days",
        "inches": "feet",
        "feet": "inches",
        "miles": "feet",
        "cents": "dollars",
        "dollars": "cents",
    }
)
"""Another unit of the same kind: any number but 0 is then another quantity."""
_OPPOSITES = MappingProxyType(
    {"yes": "no", "no": "yes", "true": "false", "false": "true", "True": "False", "False": "True"}
    | {"Yes": "No", "No": "Yes"}
)
_PAIRS = (("(", ")"), ("[", "]"), ("\\{", "\\}"), ("{", "}"), ("[", ")"), ("(", "]"), ("", ""))
MAX_LISTED = 20
MAX_ACCENTED_CHARS = 40
_VOWEL = re.compile("[aeiou]")
_ACCENTED = MappingProxyType({"a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú"})
MAX_OFF_BY_ONE = 100_000
"""From here on one more is within what even a strict rule takes for rounding."""


def near_misses(text: str, letters: str) -> Iterator[tuple[str, str, bool]]:
    """What is changed, the changed text, and whether that alone makes it wrong.

    Args:
        text: An accepted answer.
        letters: The letters of the question's options, if there are any.
    """
    said, shown = meaning(text), bare(text)
    if shown in _OPPOSITES:
        yield "the opposite", _OPPOSITES[shown], True
    elif said.letter:
        yield from _letters(said.letter, letters)
    elif said.unit:
        yield from _quantity(said, shown)
    elif said.items:
        yield from _items(shown)
    elif said.plain:
        yield from _number(said, shown)
    elif said.formula is not None:
        yield "sign flipped", f"-({shown})", False
        yield from _digit(shown)
    elif said.words:
        yield from _accented(shown)
    else:
        yield from _another(shown)


def _accented(shown: str) -> Iterator[tuple[str, str, bool]]:
    """Another accent in words that are no option's: `Páris` for `Paris`."""
    if _COUNTS.search(shown):
        return
    plain = "".join(c for c in unicodedata.normalize("NFD", shown) if not unicodedata.combining(c))
    if plain != shown:
        yield "accents dropped", plain, True
    elif (vowel := _VOWEL.search(shown)) and len(shown) <= MAX_ACCENTED_CHARS:
        at = vowel.start()
        yield "accent added", f"{shown[:at]}{_ACCENTED[shown[at]]}{shown[at + 1 :]}", True


def _another(shown: str) -> Iterator[tuple[str, str, bool]]:
    """A digit changed in what nothing here reads, where no such text means the same."""
    if not _COUNTS.search(shown):
        for how, text, _ in _digit(shown):
            yield how, text, True


def options(prompt: str) -> str:
    """The letters of a question's options, `A) red` or `(A) red`; empty where it has none."""
    found = {match[1] for match in re.finditer(r"(?:^|[\s(])([A-J])[).:]", prompt)}
    run = ""
    while (letter := chr(ord("A") + len(run))) in found:
        run += letter
    return run if len(run) > 1 else ""


def _letters(letter: str, letters: str) -> Iterator[tuple[str, str, bool]]:
    for step in (1, -1):
        neighbour = chr(ord(letter) + step)
        if neighbour in (letters or "ABCD"):
            yield "neighbour letter", neighbour, True


def _quantity(said: Meaning, shown: str) -> Iterator[tuple[str, str, bool]]:
    other = _UNITS.get(said.unit)
    if other is not None and said.exact:
        number = shown[: len(shown) - len(said.unit)].strip()
        yield "unit changed", f"{number} {other}", True
    yield from _digit(shown)


def _number(said: Meaning, shown: str) -> Iterator[tuple[str, str, bool]]:
    value = said.exact
    if value is None:
        return
    number = shown.partition("=")[2].strip() or shown
    yield "sign flipped", number.lstrip("+-") if value < 0 else f"-{number}", False
    yield from _digit(number)
    if value.denominator == 1 and abs(value) < MAX_OFF_BY_ONE:
        yield "off by one", str(value.numerator + 1), False
        yield "a zero more", f"{value.numerator}0", False
    if "/" in number and value:
        yield "turned over", f"{value.denominator}/{value.numerator}", False


def _digit(shown: str) -> Iterator[tuple[str, str, bool]]:
    """One of the first significant digits changed, so that no rounding explains it."""
    for match in _DIGITS.finditer(shown):
        digits = match[0]
        place = next((i for i, digit in enumerate(digits) if digit != "0"), None)
        if place is not None:
            place = min(place + 1, len(digits) - 1)
            other = str(int(digits[place]) % 9 + 1)
            changed = digits[:place] + other + digits[place + 1 :]
            yield "digit changed", shown[: match.start()] + changed + shown[match.end() :], False
            return


def _items(shown: str) -> Iterator[tuple[str, str, bool]]:
    for opening, closing in _PAIRS:
        if shown.startswith(opening) and shown.endswith(closing):
            break
    items = [item.strip() for item in shown[len(opening) : -len(closing)].split(",")]
    exact = [meaning(item).exact for item in items]
    if len(items) > MAX_LISTED or None in exact:
        yield from _another(shown)
        return

    def listed(these: list[str]) -> str:
        return f"{opening}{', '.join(these)}{closing}"

    mixed = opening in "([" and closing in ")]" and (opening == "(") != (closing == ")")
    if mixed:
        yield "bracket changed", f"({items[0]}, {items[1]})", True
        return
    if len(items) > 2 and exact.count(exact[-1]) == 1:
        yield "item dropped", listed(items[:-1]), True
    more = max(number for number in exact if number is not None) + 1
    yield "item added", listed([*items, str(more)]), True
    if opening == "(" and exact != exact[::-1]:
        yield "order turned", listed(items[::-1]), True
