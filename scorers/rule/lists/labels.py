"""rule.labels: which of the classes are there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.reading.around.spans import denied
from harmo.scorers.registry import scorer
from harmo.scorers.rule.lists.items import MAX_CHARS, divided, json_list, name_of, said, tries
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.labels"
MAX_LABELS = 256

_SEPARATORS = str.maketrans(dict.fromkeys(";；,，、", "\n"))
_AND = re.compile(r"\s(?:and|&|und|et|y|和)\s", re.IGNORECASE)
Synonyms = dict[str, list[str]]


def _apart(synonyms: Synonyms | None) -> Synonyms | None:
    """Each name stands for one class only; a `ValueError` names one that stands for two."""
    meaning: dict[str, str] = {}
    for label, others in (synonyms or {}).items():
        for name in (label, *others):
            known = meaning.setdefault(name_of(name), label)
            if known != label:
                raise ValueError(f"{name!r} stands for {known!r} and for {label!r}")
    return synonyms


@scorer(
    NAME,
    on_loop=True,
    by_text=True,
    self_answer="boxed",
    tries=lambda sample, **_: tries(sample.reference),
)
@settled(NAME)
def labels(
    sample: Sample,
    *,
    metric: Literal["f1", "jaccard", "exact"] = "f1",
    synonyms: Annotated[Synonyms | None, AfterValidator(_apart)] = None,
    classes: list[str] | None = None,
) -> Score:
    """How far the classes that the completion names are the reference's, in [0, 1].

    With r right names of s said and w wanted: F1 is 2r / (s + w), Jaccard r / (s + w - r), exact
    1.0 for all of them and no other. Each name that is said counts: an unknown one, a negated one
    and a second one for the same class are wrong. Otherwise than plain F1 it is 0.0 where more
    names are wrong than right, and where all of `classes` are named and not all are there: to list
    everything does not pay.

    Wrong: no answer, or different ones in tags. Abstains where the reference is missing, empty or
    holds what is no label.

    Args:
        sample: Its reference is a list of labels, or a text with commas between; in a list a label
            may itself be a list of names for one class.
        metric: What is counted.
        synonyms: Other names by label.
        classes: Every class there is.
    """
    known = tuple((label, *others) for label, others in (synonyms or {}).items())
    meaning = dict(_meaning(known))
    wanted = _reference(sample.reference, meaning)
    if isinstance(wanted, Reason):
        return Score.abstain(wanted)
    answer = said(sample)
    if answer is None:
        return verdict(NAME, 0.0, Pair.NO_ANSWER)
    if len(answer) > MAX_CHARS:
        return verdict(NAME, 0.0, Pair.SCREENED, why=f"more than {MAX_CHARS} characters")
    named = [meaning.get(name, name) for name in _names(answer, {*meaning, *wanted})]
    right = len(wanted.intersection(named))
    value = _agreement(right, len(named), len(wanted), metric)
    every = {meaning.get(name, name) for name in _each_name(tuple(classes or ()))}
    if classes and wanted != set(named) >= every:
        value = 0.0
    return verdict(NAME, value, Pair.LABELS, right=right, said=len(named), wanted=len(wanted))


@lru_cache(maxsize=64)
def _meaning(classes: tuple[tuple[str, ...], ...]) -> Mapping[str, str]:
    """The class that each name stands for, by the first of its names."""
    return {name_of(name): name_of(names[0]) for names in classes for name in names}


@lru_cache(maxsize=64)
def _each_name(classes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(name_of, classes))


def _agreement(right: int, said: int, wanted: int, metric: str) -> float:
    if said - right > right:
        return 0.0
    if metric == "exact":
        return float(right == said == wanted)
    return right / (said + wanted - right) if metric == "jaccard" else 2 * right / (said + wanted)


def _reference(reference: object, meaning: dict[str, str]) -> set[str] | Reason:
    """The classes that are there; what they go by here is added to `meaning`."""
    if reference is None:
        return Reason.NO_REFERENCE
    listed = _listed(reference[:MAX_CHARS]) if isinstance(reference, str) else reference
    if not isinstance(listed, list | tuple) or not 0 < len(listed) <= MAX_LABELS:
        return Reason.UNREADABLE_REFERENCE
    wanted: set[str] = set()
    for each in listed:
        names = [name_of(name) for name in (each if isinstance(each, list | tuple) else [each])]
        if not names or not all(names):
            return Reason.UNREADABLE_REFERENCE
        label = next((meaning[name] for name in names if name in meaning), names[0])
        meaning.update(dict.fromkeys(names, label))
        wanted.add(label)
    return wanted


def _names(answer: str, known: set[str]) -> list[str]:
    """The names that an answer lists, each as often as it is there."""
    named: list[str] = []
    if _is_denied(answer, known):
        return []
    for part in _listed(answer):
        whole = name_of(part)
        if whole in known or not isinstance(part, str):
            named.append(whole)
        else:
            # A label may have an "and" of its own, so it is looked up first.
            named += [name for each in _AND.split(f" {part} ") if (name := name_of(each))]
    return named


def _is_denied(answer: str, known: set[str]) -> bool:
    """True where words before the first label or behind the last deny them all: `not red, blue`."""
    low = answer.lower()
    spans = [(at, at + len(name)) for name in known if name and (at := low.rfind(name)) >= 0]
    return bool(spans) and denied(answer, min(spans)[0], max(end for _, end in spans))


def _listed(text: str) -> Sequence[object]:
    listed = json_list(text)
    return divided(text.translate(_SEPARATORS), ["\n"]) if listed is None else listed
