"""IFBench's `custom:` checks: one prompt each."""

from __future__ import annotations

import csv
import io
import re
import string
import unicodedata
from datetime import date
from functools import lru_cache
from itertools import pairwise

from harmo.scorers.aspect.ifeval.check import Checks
from harmo.scorers.aspect.ifeval.ifbench_lists import CAPITALS
from harmo.scorers.aspect.ifeval.ifbench_text import EDGE, bare_words
from harmo.scorers.aspect.ifeval.text import sentences

CUSTOM = Checks()
_MULTIPLES = ["14", "21", "28", "35", "42", "49"]
_QUESTION = re.compile(r"Question \d+[.|):;]?\s*")
_OPTION = re.compile(r"[A-Ea-e][.|)]\s*\w")

_PRODUCTS = ("ProductID", "Category", "Brand", "Price", "Stock")
_GRADES = ("StudentID", "Subject", "Grade", "Semester", "Score")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@CUSTOM.add("custom:multiples")
def _multiples(text: str) -> str | None:
    numbers = re.findall(r"\d+", text)
    return None if numbers == _MULTIPLES else f"numbers {numbers[:20]}"


@CUSTOM.add("custom:mcq_count_length")
def _mcq_count_length(text: str) -> str | None:
    if not text.startswith("Question"):
        return 'does not start with "Question"'
    questions = [asked.strip() for asked in _QUESTION.split(text) if asked.strip()]
    if len(questions) != 4:
        return f"{len(questions)} questions, not 4"
    lengths: list[int] = []
    for question in questions:
        lines = [line.strip() for line in question.split("\n")]
        options = [n for n, line in enumerate(lines) if _OPTION.match(line)]
        if len(options) != 5:
            return f"a question with {len(options)} options, not 5"
        lengths.append(len(" ".join(lines[: options[0]]).strip()))
    grows = all(other > one for one, other in pairwise(lengths))
    return None if grows else f"questions of {lengths} characters do not grow"


@CUSTOM.add("custom:reverse_newline")
def _reverse_newline(text: str) -> str | None:
    lines = [_ascii(bare) for line in text.split("\n") if (bare := line.strip(EDGE))]
    start = next((n for n, line in enumerate(lines) if "Zimbabwe" in line), None)
    if start is None:
        return "no Zimbabwe"
    countries = lines[start:]
    if len(countries) < 52:
        return f"{len(countries)} countries, not at least 52"
    ordered = all(one >= other for one, other in pairwise(countries))
    return None if ordered else "not in reverse alphabetical order"


@CUSTOM.add("custom:word_reverse")
def _word_reverse(text: str) -> str | None:
    # Read backwards, word by word, the answer names the bald eagle.
    found = "bald eagle" in " ".join(reversed(bare_words(text)))
    return None if found else 'no "eagle bald"'


@CUSTOM.add("custom:character_reverse")
def _character_reverse(text: str) -> str | None:
    return None if "elgae dlab" in text.lower() else 'no "elgae dlab"'


@CUSTOM.add("custom:sentence_alphabet")
def _sentence_alphabet(text: str) -> str | None:
    found = sentences(text)
    if len(found) != 26:
        return f"{len(found)} sentences, not 26"
    for letter, sentence in zip(string.ascii_lowercase, found, strict=True):
        start = sentence.lstrip(string.punctuation + string.whitespace)[:1]
        if start.lower() != letter:
            return f"a sentence starts with {start!r}, not {letter!r}"
    return None


@CUSTOM.add("custom:european_capitals_sort")
def _european_capitals_sort(text: str) -> str | None:
    named = [name.strip() for name in _ascii(text).split(",") if name.strip()]
    if tuple(named) == CAPITALS:
        return None
    wrong = next((name for name, right in zip(named, CAPITALS, strict=False) if name != right), "")
    return f"{len(named)} of {len(CAPITALS)} capitals, first out of place {wrong[:40]!r}"


@CUSTOM.add("custom:csv_city")
def _csv_city(text: str) -> str | None:
    rows = _rows(text, ",")
    if rows and rows[0] != ["ID", "Country", "City", "Year", "Count"]:
        return f"columns {rows[0][:10]}"
    return _why_no_table(rows, 7)


@CUSTOM.add("custom:csv_special_character")
def _csv_special_character(text: str) -> str | None:
    if why := _why_no_header(text, _PRODUCTS, delimiter=","):
        return why
    rows = _rows(text.replace('"', '"""'), ",")
    why = _why_no_table(rows, 14)
    if why is None and not any(_is_special(field) for row in rows[1:] for field in row):
        why = "no quoted field with a special character"
    return why


@CUSTOM.add("custom:csv_quotes")
def _csv_quotes(text: str) -> str | None:
    if why := _why_no_header(text, _GRADES, delimiter="\t"):
        return why
    rows = _rows(text.replace('"', '"""'), "\t")
    why = _why_no_table(rows, 3)
    if why is None and not all(_is_quoted(field.strip()) for row in rows for field in row):
        why = "a field without double quotes"
    return why


def _rows(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return []


def _why_no_header(text: str, names: tuple[str, ...], *, delimiter: str) -> str | None:
    cells = text.split("\n", maxsplit=1)[0].strip().split(delimiter)
    bare = [cells[0], *(cell.lstrip(" \t" if delimiter == "," else " ") for cell in cells[1:])]
    if len(bare) == len(names) and all(map(_is_named, bare, names)):
        return None
    return f"columns {bare[:10]}, not {list(names)}"


def _is_named(cell: str, name: str) -> bool:
    return cell in {name, f'"{name}"'}


def _why_no_table(rows: list[list[str]], count: int) -> str | None:
    if len(rows) != count + 1:
        return f"{len(rows)} CSV rows, not {count + 1} with the header"
    uneven = next((row for row in rows if len(row) != 5), None)
    return None if uneven is None else f"a row of {len(uneven)} fields"


def _is_quoted(field: str) -> bool:
    return len(field) > 1 and field[0] == field[-1] == '"'


def _is_special(field: str) -> bool:
    if not field.startswith('"'):
        return False
    inside = field[1 : field.rfind('"')] if field.rfind('"') > 0 else ""
    return any(not (char.isalnum() or char.isspace() or char == "_") for char in inside)


@CUSTOM.add("custom:date_format_list")
def _date_format_list(text: str) -> str | None:
    for item in text.split(","):
        day = item.strip()
        if not _DATE.fullmatch(day) or not _exists(day) or not "1769" <= day[:4] <= "1821":
            return f"{day[:40]!r} is no date YYYY-MM-DD in Napoleon's life"
    return None


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _ascii(text: str) -> str:
    """A text without accents and without what has no ASCII at all."""
    # Character by character: the marks of a whole text are sorted, in quadratic time.
    return text if text.isascii() else "".join(map(_ascii_of, text))


@lru_cache(maxsize=4096)
def _ascii_of(char: str) -> str:
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
