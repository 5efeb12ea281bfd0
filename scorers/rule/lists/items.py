"""The items of a list as a completion writes it, and the name that an item goes by. Linear."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from harmo.scorers.reading.extract import short_answer
from harmo.scorers.reading.json_answer import read_json
from harmo.scorers.reading.text import plain
from harmo.scorers.spec import Tries
from harmo.scorers.types import Sample

MAX_CHARS = 16_000
"""Of a list; a longer one is not read."""
MAX_NAME_CHARS = 1_000
"""Of an item; what is longer is no name."""

_COUNT = re.compile(
    r"\s{0,8}+(?>(?:step\s{0,4}+)?)([0-9]{1,2}+)\s{0,4}+[.):]\s{1,8}+", re.IGNORECASE
)
_BULLET = re.compile(r"\s{0,8}+[-*•]\s{1,8}+")
_ARTICLE = re.compile(r"(?:an?|the) (?=\S)")
_JOINTS = str.maketrans("_-‐‑", "    ")


def name_of(item: object) -> str:
    """What an item is called: without case, outer punctuation and a leading article.

    Hyphens and underscores are blanks. "" for what is no text or number, or too long.
    """
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        return ""
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    text = str(item).strip()
    if len(text) > MAX_NAME_CHARS:
        return ""
    words = " ".join(plain(text).strip(" .,;:!?\"'`()[]").lower().split())
    if words.translate(_JOINTS).strip() and words[0] not in "-+":
        words = " ".join(words.translate(_JOINTS).split())
    return _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words


def said(sample: Sample) -> str | None:
    """The text of the list that a completion answers with; None where there is none.

    Several boxes are its items together; different `<answer>` elements are no answer.
    """
    answer = short_answer(sample)
    if answer.how == "box":
        text = "\n".join(answer.each)
    elif answer.conflicting:
        return None
    else:
        text = answer.text or (sample.text if sample.delimited else "")
    return text if text.strip() else None


def json_list(text: str) -> list[object] | None:
    """The list that a text is as JSON; None where it is none."""
    if not text.lstrip().startswith("["):
        return None
    try:
        value = read_json(text)
    except ValueError:
        return None
    return value if isinstance(value, list) else None


def tries(reference: object) -> Tries | None:
    """What a probe tries where a reference is a list of texts: it in words and in JSON."""
    if isinstance(reference, str) or not isinstance(reference, list | tuple) or not reference:
        return None
    items = [str(item) for item in reference if isinstance(item, str | int) and name_of(item)]
    if len(items) < len(reference):
        return Tries(())
    more = [*items, "nothing of the kind"]
    wrong = {"an unknown item": ", ".join(more), "no item at all": "nothing of the kind"}
    if len(items) > 1:
        wrong |= {"an item dropped": ", ".join(items[:-1]), "only the first": items[0]}
    plain = not any("," in item or "\n" in item for item in items)
    written = (json.dumps(items, ensure_ascii=False), *((", ".join(items),) if plain else ()))
    return Tries(written, wrong if plain else {})


def divided(text: str, separators: Sequence[str]) -> list[str]:
    """A text's items: what stands between the first of the separators that it has.

    Without brackets round all, bullets, and numbers that only count the lines.
    """
    text = text.strip()
    if text[:1] + text[-1:] in {"[]", "()", "{}"}:
        text = text[1:-1].strip()
    separator = next((each for each in separators if each in text), None)
    parts = [part for part in text.split(separator) if part.strip()] if separator else [text]
    parts = [part[bullet.end() :] if (bullet := _BULLET.match(part)) else part for part in parts]
    counts = [_COUNT.match(part) for part in parts]
    if len(parts) > 1 and all(c and int(c[1]) == n for n, c in enumerate(counts, 1)):
        parts = [part[count.end() :] for part, count in zip(parts, counts, strict=True) if count]
    return [part.strip().strip("\"'") for part in parts]
