"""`aspect.language`, and the seeded, thread-safe language detection that the aspects share."""

from __future__ import annotations

import threading
from functools import cache
from typing import Annotated

from langdetect import detector_factory
from langdetect.lang_detect_exception import LangDetectException
from pydantic import Field

from harmo.scorers.aspect.remember import once
from harmo.scorers.reading.extract import parts
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_CHARS = 20_000
"""Text beyond this is not looked at; langdetect itself reads 10,000 characters."""
_lock = threading.Lock()


@cache
def _factory() -> detector_factory.DetectorFactory:
    factory = detector_factory.DetectorFactory()
    factory.load_profile(detector_factory.PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory


@once
def detect(text: str) -> tuple[str, float]:
    """The most likely language of a text and its probability; `("", 0.0)` where there is none.

    Codes are langdetect's: ISO 639-1, Chinese as `zh-cn` and `zh-tw`. One text has one answer: the
    seed is ours, and langdetect's global factory, which other code may seed or race, is not used.
    """
    with _lock:
        factory = _factory()
    detector = factory.create()
    try:
        detector.append(text[:MAX_CHARS])
        likely = detector.get_probabilities()
    except LangDetectException:
        return "", 0.0
    return (likely[0].lang, min(likely[0].prob, 1.0)) if likely else ("", 0.0)


def is_language(detected: str, wanted: str) -> bool:
    """True if a detected code is the wanted one; `zh` stands for every Chinese."""
    return bool(detected) and wanted in {detected, detected.partition("-")[0]}


def known_language(code: str) -> str:
    """The code in lower case if it is one that can be detected; else a `ValueError`."""
    with _lock:
        known = _factory().get_lang_list()
    if not any(is_language(each, code.lower()) for each in known):
        raise ValueError(f"{code!r} is no language that can be detected; known: {', '.join(known)}")
    return code.lower()


# Isolated because langdetect takes some 10 microseconds a character.
@scorer(
    "aspect.language",
    reads="answer",
    isolate=True,
    by_text=True,
    timeout_s=10.0,
    carries=("constraints",),
)
def language(
    sample: Sample,
    *,
    language: Annotated[str | None, Field(min_length=2, max_length=8)] = None,
) -> Score:
    """Whether the answer part is in a language: 1.0 or 0.0, with langdetect's probability.

    The language is the param, else `{"language": CODE}` in the constraints; without either it
    abstains (`no_constraints`), as it does for a code that langdetect does not know
    (`unreadable_constraints`). A text without letters is in no language: 0.0. "Guten Morgen, wie
    geht es dir heute?" is 1.0 for `de` and 0.0 for `en`.

    Args:
        sample: Its answer part is read.
        language: ISO 639-1 code; `zh` takes `zh-cn` and `zh-tw`.

    Returns:
        A score whose detail holds the language that was detected.
    """
    asked: object = language
    if asked is None and isinstance(sample.constraints, dict):
        asked = sample.constraints.get("language")
    if asked is None:
        return Score.abstain(Reason.NO_CONSTRAINTS)
    try:
        wanted = known_language(str(asked))
    except ValueError as error:
        return Score.abstain(Reason.UNREADABLE_CONSTRAINTS, why=str(error))
    detected, probability = detect(parts(sample.text, sample.think_tags).answer)
    return Score(
        value=float(is_language(detected, wanted)),
        confidence=probability if detected else 1.0,
        detail={"detected": detected, "wanted": wanted},
    )
