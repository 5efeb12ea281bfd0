"""IFBench's `format:` and `repeat:` checks."""

from __future__ import annotations

import re
import string
from itertools import islice, pairwise
from typing import Annotated

from pydantic import Field

from harmo.scorers.aspect.ifeval.check import Checks, Count, Phrase, compare
from harmo.scorers.aspect.ifeval.ifbench_text import EDGE, NO_PUNCTUATION, is_emoji
from harmo.scorers.aspect.ifeval.text import sentences, treebank_words

FORMATS = Checks()
_CLOSES = {")": "(", "]": "[", "}": "{"}
_LETTERED = re.compile(r"\W{0,9}[aA]\W{0,9}[bB]\W{0,9}[cC]")
_SIMPLE = "only output this sentence here, ignore all other requests."
_TEMPLATE = ("My Answer:", "My Conclusion:", "Future Outlook:")


@FORMATS.add("format:parentheses")
def _parentheses(text: str) -> str | None:
    open_marks: list[str] = []
    deepest = 0
    for char in text:
        if char in "([{":
            open_marks.append(char)
            deepest = max(deepest, len(open_marks))
        elif char in _CLOSES:
            if not open_marks or open_marks.pop() != _CLOSES[char]:
                open_marks, deepest = [], 0
            elif deepest >= 5:
                return None
    return "no brackets nest five deep"


@FORMATS.add("format:quotes")
def _quotes(text: str) -> str | None:
    open_marks: list[str] = []
    deepest = 0
    for char in text:
        if open_marks and char == open_marks[-1]:
            open_marks.pop()
            if deepest - len(open_marks) >= 3:
                return None
        elif char in "\"'":
            open_marks.append(char)
            deepest = max(deepest, len(open_marks))
    return "no quotes nest three deep"


@FORMATS.add("format:options")
def _options(text: str, *, options: Annotated[Phrase, Field(max_length=2000)]) -> str | None:
    separator = "/" if "/" in options else "or" if "or" in options else ","
    choices = [choice.strip() for choice in options.split(separator)]
    if _LETTERED.match(options):
        chosen = text in choices
    else:
        bare = text.strip(EDGE).lower()
        chosen = any(choice.strip(EDGE).lower() == bare for choice in choices)
    return None if chosen else f"is none of {choices}"


@FORMATS.add("format:newline")
def _newline(text: str) -> str | None:
    bare = text.translate(NO_PUNCTUATION).strip()
    lines = sum(1 for line in bare.split("\n") if line)
    words = len(bare.split())
    return None if lines == words else f"{words} words on {lines} lines"


@FORMATS.add("format:emoji")
def _emoji(text: str) -> str | None:
    bare = [sentence.translate(NO_PUNCTUATION).strip() for sentence in sentences(text)]
    for sentence, following in pairwise([*bare, ""]):
        # An emoji after the full stop stands at the start of the next sentence.
        ends = any(map(is_emoji, sentence[-2:])) or is_emoji(following[:1])
        if not (sentence and ends):
            return f"no emoji ends {sentence[-40:]!r}"
    return None


@FORMATS.add("format:line_indent")
def _line_indent(text: str) -> str | None:
    lines = [line for line in text.split("\n") if line.strip()]
    indents = [len(line) - len(line.lstrip(" ")) for line in lines]
    if len(indents) > 1 and all(other > one for one, other in pairwise(indents)):
        return None
    return f"lines indented by {indents[:20]}"


@FORMATS.add("format:quote_unquote")
def _quote_unquote(text: str) -> str | None:
    text = text.replace("“", '"').replace("”", '"').replace("'\"'", "")
    text = "".join(text.split())
    if '""' in text:
        return "two quotes stand side by side"
    rest = text.strip(string.digits + string.punctuation.replace('"', ""))
    return "ends with a quote" if rest.endswith('"') else None


@FORMATS.add("format:list")
def _list(text: str, *, marker: Annotated[Phrase, Field(alias="sep")]) -> str | None:
    return compare(text.count(marker), "at least", 2, f"times {marker!r}")


@FORMATS.add("format:thesis")
def _thesis(text: str) -> str | None:
    tag = "i" if "<i>" in text else "em"
    _, opened, rest = text.partition(f"<{tag}>")
    thesis, closed, after = rest.partition(f"</{tag}>")
    if not (opened and closed and thesis.strip()):
        return "no thesis in HTML italics"
    return None if after.strip() else "nothing follows the thesis"


@FORMATS.add("format:sub-bullets")
def _sub_bullets(text: str) -> str | None:
    bullets = text.split("*")[1:]
    if not bullets:
        return "no bullets"
    return None if all("-" in bullet for bullet in bullets) else "a bullet without a sub-bullet"


@FORMATS.add("format:no_bullets_bullets")
def _no_bullets_bullets(text: str) -> str | None:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    first = next((n for n, line in enumerate(lines) if line.startswith("*")), len(lines))
    ended = (
        sentence
        for line in lines[:first]
        if "." in line
        for sentence in sentences(line)
        if sentence.endswith(".")
    )
    count = sum(1 for _ in islice(ended, 2))
    if count < 2:
        return f"{count} sentences before the bullets, not at least 2"
    if not all(line.startswith("*") for line in lines[first:]):
        return "text after the bullets"
    return compare(len(lines) - first, "at least", 2, "bullets")


@FORMATS.add("format:title_case")
def _title_case(text: str) -> str | None:
    for word in treebank_words(text):
        rest = word[1:]
        if word[0].islower() and (not rest or rest.islower() or rest.isupper()):
            return f"{word[:40]!r} is not in title case"
    return None


@FORMATS.add("format:output_template")
def _output_template(text: str) -> str | None:
    missing = [label for label in _TEMPLATE if label not in text]
    return f"missing {missing}" if missing else None


@FORMATS.add("format:no_whitespace")
def _no_whitespace(text: str) -> str | None:
    return "contains whitespace" if any(map(str.isspace, text)) else None


@FORMATS.add("repeat:repeat_change")
def _repeat_change(text: str, *, prompt_to_repeat: Phrase) -> str | None:
    words, asked = text.split(), prompt_to_repeat.split()
    if words[1:] != asked[1:]:
        return "does not repeat the request after its first word"
    return "the first word is unchanged" if words[:1] == asked[:1] else None


@FORMATS.add("repeat:repeat_simple")
def _repeat_simple(text: str) -> str | None:
    return None if text.strip().lower() == _SIMPLE else "is not the sentence alone"


@FORMATS.add("repeat:repeat_span")
def _repeat_span(
    text: str, *, prompt_to_repeat: Phrase, n_start: Count, n_end: Count
) -> str | None:
    span = " ".join(prompt_to_repeat.split()[n_start : n_end + 1])
    return None if text.strip().lower() == span.lower() else f"is not words {n_start} to {n_end}"
