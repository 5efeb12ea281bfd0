"""The 25 checks of IFEval (arXiv 2311.07911), with Google's semantics and without its faults.

Where this differs from google-research/instruction_following_eval, on purpose: keywords, forbidden
words, markers and splitters are literal (there they are regular expressions); a text in no language
follows no language instruction; `letter` may be any character; a comma is one in full width, too.
docs/instructions.md has a text for each.
Each function returns None if the text follows the instruction, else why it does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

from harmo.scorers.aspect.ifeval.check import Checks, Count, Phrase, Phrases, Relation, compare
from harmo.scorers.aspect.ifeval.text import count_whole, count_words, sentences, treebank_words
from harmo.scorers.aspect.language import detect, is_language, known_language

IFEVAL = Checks()
LANGUAGE_IDS = frozenset(
    {
        "language:response_language",
        "change_case:english_capital",
        "change_case:english_lowercase",
    }
)
"""The checks that detect a language: milliseconds where the others take microseconds."""
_OPTIONS = ["My answer is yes.", "My answer is no.", "My answer is maybe."]
_FENCES = ("```json", "```Json", "```JSON", "```")
_POSTSCRIPTS = {"P.S.": re.compile(r"p\.\s?s\."), "P.P.S": re.compile(r"p\.\s?p\.\s?s")}
_COMMAS = ",，﹐︐"  # those that NFKC makes a comma
_DIVIDER = re.compile(r"\s?\*\*\*\s?")
_STARRED = re.compile(r"(\*+)([^*]*)")


@IFEVAL.add("keywords:existence")
def _existence(text: str, *, keywords: Phrases) -> str | None:
    text = text.lower()
    missing = [keyword for keyword in keywords if keyword.lower() not in text]
    return f"missing {missing}" if missing else None


@IFEVAL.add("keywords:frequency")
def _frequency(text: str, *, keyword: Phrase, frequency: Count, relation: Relation) -> str | None:
    keyword = keyword.strip()
    return compare(text.lower().count(keyword.lower()), relation, frequency, f"times {keyword!r}")


@IFEVAL.add("keywords:forbidden_words")
def _forbidden_words(text: str, *, forbidden_words: Phrases) -> str | None:
    found = [word for word in forbidden_words if count_whole(text, word)]
    return f"contains {found}" if found else None


@IFEVAL.add("keywords:letter_frequency")
def _letter_frequency(
    text: str,
    *,
    letter: Annotated[str, Field(min_length=1, max_length=1)],
    let_frequency: Count,
    let_relation: Relation,
) -> str | None:
    count = text.lower().count(letter.lower())
    return compare(count, let_relation, let_frequency, f"times {letter!r}")


@IFEVAL.add("language:response_language")
def _response_language(
    text: str, *, language: Annotated[str, AfterValidator(known_language)]
) -> str | None:
    detected, _ = detect(text)
    if is_language(detected, language):
        return None
    return f"language {detected}, not {language}" if detected else "no language can be detected"


@IFEVAL.add("length_constraints:number_words")
def _number_words(text: str, *, num_words: Count, relation: Relation) -> str | None:
    return compare(count_words(text), relation, num_words, "words")


@IFEVAL.add("length_constraints:number_sentences")
def _number_sentences(text: str, *, num_sentences: Count, relation: Relation) -> str | None:
    return compare(len(sentences(text)), relation, num_sentences, "sentences")


@IFEVAL.add("length_constraints:number_paragraphs")
def _number_paragraphs(text: str, *, num_paragraphs: Count, divider: Phrase = "***") -> str | None:
    paragraphs = _DIVIDER.split(text) if divider == "***" else text.split(divider)
    if any(not paragraph.strip() for paragraph in paragraphs[1:-1]):
        return f"an empty paragraph between two {divider}"
    count = sum(1 for paragraph in paragraphs if paragraph.strip())
    return compare(count, "exactly", num_paragraphs, f"paragraphs between {divider}")


@IFEVAL.add("length_constraints:nth_paragraph_first_word")
def _nth_paragraph_first_word(
    text: str,
    *,
    num_paragraphs: Count,
    nth_paragraph: Annotated[int, Field(ge=1)],
    first_word: Phrase,
) -> str | None:
    paragraphs = text.split("\n\n")
    count = sum(1 for paragraph in paragraphs if paragraph.strip())
    if count != num_paragraphs:
        return compare(count, "exactly", num_paragraphs, "paragraphs")
    if nth_paragraph > count or not (paragraph := paragraphs[nth_paragraph - 1].strip()):
        return f"no paragraph {nth_paragraph}"
    word = paragraph.split(maxsplit=1)[0].lstrip("'").lstrip('"').lower()
    word = re.split(r"[.,?!'\"]", word, maxsplit=1)[0]
    if word == first_word.lower():
        return None
    return f"paragraph {nth_paragraph} starts with {word[:40]!r}, not {first_word!r}"


@IFEVAL.add("detectable_content:number_placeholders")
def _number_placeholders(text: str, *, num_placeholders: Count) -> str | None:
    count = sum(_count_brackets(line) for line in text.split("\n"))
    return compare(count, "at least", num_placeholders, "[placeholders]")


def _count_brackets(line: str) -> int:
    count, start = 0, line.find("[")
    while start >= 0 and (end := line.find("]", start)) >= 0:
        count, start = count + 1, line.find("[", end)
    return count


@IFEVAL.add("detectable_content:postscript")
def _postscript(text: str, *, postscript_marker: Phrase) -> str | None:
    marker, text = postscript_marker.strip(), text.lower()
    pattern = _POSTSCRIPTS.get(marker)
    found = pattern.search(text) if pattern else marker.lower() in text
    return None if found else f"no {marker}"


@IFEVAL.add("detectable_format:number_bullet_lists")
def _number_bullet_lists(text: str, *, num_bullets: Count) -> str | None:
    return compare(_count_bullets(text.split("\n")), "exactly", num_bullets, "bullets")


def _count_bullets(lines: list[str]) -> int:
    count, skip = 0, False
    for number, line in enumerate(lines):
        start = line.lstrip()[:2]
        count += start.startswith("-")
        if skip or not start.startswith("*") or start == "**":
            skip = False
            continue
        # A lone "*" takes the next line for its text, as `\*[^*].*$` does.
        skip = start == "*"
        count += not skip or number + 1 < len(lines)
    return count


@IFEVAL.add("detectable_format:constrained_response")
def _constrained_response(text: str, *, options: Phrases = _OPTIONS) -> str | None:
    if any(option in text for option in options):
        return None
    return f"none of {options}"


@IFEVAL.add("detectable_format:number_highlighted_sections")
def _number_highlighted_sections(text: str, *, num_highlights: Count) -> str | None:
    count = sum(_count_single(line) + _count_double(line) for line in text.split("\n"))
    return compare(count, "at least", num_highlights, "*highlights*")


def _count_single(line: str) -> int:
    """Stretches between one asterisk and the next that are not blank; an asterisk counts once."""
    return sum(1 for stretch in line.split("*")[1:-1:2] if stretch.strip())


def _count_double(line: str) -> int:
    r"""The same between two asterisks and the next two, as `\*\*[^\n*]*\*\*` finds them."""
    count, within = 0, None
    for stars, stretch in _STARRED.findall(line):
        left = len(stars)
        if within is not None and left >= 2:
            count += bool(within.strip())
            left -= 2
        # Four in a row are a highlight of nothing.
        within = stretch if left % 4 >= 2 else None
    return count


@IFEVAL.add("detectable_format:multiple_sections")
def _multiple_sections(
    text: str,
    *,
    section_spliter: Annotated[Phrase, Field(max_length=200)],
    num_sections: Count,
) -> str | None:
    splitter = section_spliter.strip()
    count = sum(1 for _ in re.finditer(rf"{re.escape(splitter)}\s?\d+\s?", text))
    return compare(count, "at least", num_sections, f"sections marked {splitter} 1, 2, ..")


@IFEVAL.add("detectable_format:json_format")
def _json_format(text: str) -> str | None:
    text = text.strip()
    for fence in _FENCES:
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError) as error:
        return f"not JSON: {str(error)[:80]}"
    return None


@IFEVAL.add("detectable_format:title")
def _title(text: str) -> str | None:
    for line in text.split("\n"):
        start, end = line.find("<<"), line.rfind(">>")
        if start >= 0 and end > start + 2 and line[start:end].lstrip("<").rstrip(">").strip():
            return None
    return "no <<title>>"


@IFEVAL.add("combination:two_responses")
def _two_responses(text: str) -> str | None:
    between = [stretch.strip() for stretch in text.split("******")]
    if not all(between[1:-1]):
        return "an empty response between two ******"
    responses = [response for response in between if response]
    if len(responses) != 2:
        return f"{len(responses)} responses between ******, not 2"
    return "both responses are the same" if responses[0] == responses[1] else None


@IFEVAL.add("combination:repeat_prompt")
def _repeat_prompt(text: str, *, prompt_to_repeat: Phrase) -> str | None:
    starts = text.strip().lower().startswith(prompt_to_repeat.strip().lower())
    return None if starts else "does not start with the request"


@IFEVAL.add("startend:end_checker")
def _end_checker(text: str, *, end_phrase: Phrase) -> str | None:
    ends = text.strip().strip('"').lower().endswith(end_phrase.strip().lower())
    return None if ends else f"does not end with {end_phrase.strip()!r}"


@IFEVAL.add("startend:quotation")
def _quotation(text: str) -> str | None:
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return None if quoted else "not wrapped in double quotation marks"


@IFEVAL.add("change_case:capital_word_frequency")
def _capital_word_frequency(
    text: str, *, capital_frequency: Count, capital_relation: Relation
) -> str | None:
    count = sum(1 for word in treebank_words(text) if word.isupper())
    return compare(count, capital_relation, capital_frequency, "words in capitals")


@IFEVAL.add("change_case:english_capital")
def _english_capital(text: str) -> str | None:
    return _english(text, str.isupper, "capitals")


@IFEVAL.add("change_case:english_lowercase")
def _english_lowercase(text: str) -> str | None:
    return _english(text, str.islower, "lower case")


def _english(text: str, in_case: Callable[[str], bool], case: str) -> str | None:
    if not in_case(text):
        return f"not all in {case}"
    detected, _ = detect(text)
    return None if detected == "en" else f"language {detected or 'unknown'}, not en"


@IFEVAL.add("punctuation:no_comma")
def _no_comma(text: str) -> str | None:
    return "contains a comma" if any(comma in text for comma in _COMMAS) else None
