"""Edits of a stored recipe, as a page's address holds them: one short key and text each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from harmo.rewards.modes import MODES
from harmo.scorers.types import Family

Value: TypeAlias = str | float | bool
Edits: TypeAlias = Mapping[str, Value]
"""By key: `w.rule`, `t.COLUMN` and those of `SWITCHES` and `NUMBERS`."""
Document: TypeAlias = Mapping[str, Any]
"""A recipe's file as JSON, its defaults written out."""

WEIGHT, TERM = "w.", "t."
SWITCHES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accuracy": ("accuracy",),
        "combine": ("combine",),
        "missing": ("on_abstain", "columns"),
        "truncated": ("on_truncated",),
    }
)
"""Edits that are a word, and where the recipe has it."""
NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "min_confidence": ("min_confidence",),
        "alpha": ("combine_params", "alpha"),
        "beta": ("combine_params", "beta"),
        "epsilon": ("combine_params", "epsilon"),
    }
)
FLAGS = ("model_trust", "allow_inversion")
MAX_TEXT = 200
"""Of a key or a text in an address: a longer one is no edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What an address asks for."""

    edits: Edits
    faults: tuple[str, ...]
    """What could not be read, with the fix."""


def read(params: Mapping[str, str]) -> Read:
    """The edits among the parameters of an address; others are left alone.

    Args:
        params: By name, as the address has them.
    """
    edits: dict[str, Value] = {}
    faults = []
    for key, text in params.items():
        if not _is_edit(key) or max(len(key), len(text)) > MAX_TEXT:
            continue
        value = _read(key, text)
        if value is None:
            faults.append(f"{key}={text}: {_wanted(key)}")
        else:
            edits[key] = value
    return Read(edits=edits, faults=tuple(faults))


def written(edits: Edits) -> dict[str, str]:
    """The same edits as parameters of an address."""
    return {key: _text(value) for key, value in edits.items()}


def needed(document: Document, edits: Edits) -> dict[str, Value]:
    """Those edits that say something else than the recipe does."""
    known = {**values(moded(document, edits)), "accuracy": document["accuracy"]}
    return {k: v for k, v in edits.items() if k not in known or known[k] != v}


def values(document: Document) -> dict[str, Value]:
    """What a recipe says for every key that can be edited; a scheduled weight has no value."""
    found: dict[str, Value] = {}
    mode = MODES.named(document["accuracy"])
    for key in mode.weight_keys:
        weight = document["weights"].get(key, 1.0)
        if isinstance(weight, int | float):
            found[WEIGHT + key] = float(weight)
    for family, term in terms(document):
        found[TERM + named(term)] = 0.0 if family == "shadow" else float(term["weight"])
    for key, path in {**SWITCHES, **NUMBERS}.items():
        found[key] = _at(document, path)
    return found | {key: bool(document[key]) for key in FLAGS}


def terms(document: Document) -> list[tuple[str, Document]]:
    """Every term with what it stands under: a family, or `shadow`."""
    places = [*(family.value for family in Family), "shadow"]
    return [(place, term) for place in places for term in document[place]]


def named(term: Document) -> str:
    """A term's column."""
    return str(term["name"] or term["scorer"])


def edited(document: Document, edits: Edits) -> dict[str, Any]:
    """The recipe with the edits made.

    A term of weight 0 moves under `shadow`, and a shadow term that is given a weight under its
    family. Where the accuracy mode moves between a shared weight and two, the rule's carries over.

    Args:
        document: A valid recipe.
        edits: As `read` gives them; those of columns that it lacks do nothing.
    """
    made = moded(document, edits)
    made["weights"] |= {
        key.removeprefix(WEIGHT): value
        for key, value in edits.items()
        if key.startswith(WEIGHT) and key.removeprefix(WEIGHT) in _weight_keys(made)
    }
    for key, path in {**SWITCHES, **NUMBERS}.items():
        if key in edits:
            _set(made, path, edits[key])
    made |= {key: edits[key] for key in FLAGS if key in edits}
    return _placed(made, edits)


def moded(document: Document, edits: Edits) -> dict[str, Any]:
    """The recipe under the accuracy mode that the edits ask for, its weights named as that does."""
    mode = edits.get("accuracy", document["accuracy"])
    made = {**document, "accuracy": mode, "weights": dict(document["weights"])}
    made["on_abstain"], made["combine_params"] = (
        dict(document["on_abstain"]),
        dict(document["combine_params"]),
    )
    was, now = (MODES.get(str(name)) for name in (document["accuracy"], mode))
    if was is None or now is None or was.shared == now.shared:
        return made
    weights = made["weights"]
    if now.shared:
        judge = "rule" if document["rule"] else "model"
        carried = weights.get(judge, 1.0)
        weights = {k: w for k, w in weights.items() if k not in ("rule", "model")}
        made["weights"] = {"accuracy": carried, **weights}
    else:
        carried = weights.pop("accuracy", 1.0)
        judges = {family: carried for family in ("model", "rule") if document[family]}
        made["weights"] = {**judges, **weights}
    return made


def _placed(made: dict[str, Any], edits: Edits) -> dict[str, Any]:
    """The recipe with its terms' weights edited, each where its weight puts it."""
    places: dict[str, list[Document]] = {place: [] for place in (*map(str, Family), "shadow")}
    for place, term in terms(made):
        asked = edits.get(TERM + named(term))
        if not isinstance(asked, float):
            places[place].append(term)
        elif asked == 0:
            places["shadow"].append({**term, "weight": 1.0})
        else:
            family = str(term["scorer"]).partition(".")[0]
            places[family if place == "shadow" else place].append({**term, "weight": asked})
    return made | places


def _weight_keys(document: Document) -> tuple[str, ...]:
    mode = MODES.get(document["accuracy"])
    return mode.weight_keys if mode else ()


def _is_edit(key: str) -> bool:
    return key.startswith((WEIGHT, TERM)) or key in (*SWITCHES, *NUMBERS, *FLAGS)


def _read(key: str, text: str) -> Value | None:
    if key in SWITCHES:
        return text
    if key in FLAGS:
        return {"1": True, "0": False}.get(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _wanted(key: str) -> str:
    return "1 or 0 is expected" if key in FLAGS else "a number of 0 or more is expected"


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else value


def _at(document: Document, path: tuple[str, ...]) -> Value:
    found: Any = document
    for key in path:
        found = found[key]
    return found if isinstance(found, str) else float(found)


def _set(document: dict[str, Any], path: tuple[str, ...], value: Value) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value
