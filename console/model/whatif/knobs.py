"""What a what-if offers to move: sliders and switches of one recipe, with where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harmo.console.model.whatif.edits import (
    TERM,
    WEIGHT,
    Document,
    Edits,
    edited,
    moded,
    named,
    terms,
    values,
)
from harmo.rewards.combiners import COMBINERS
from harmo.rewards.modes import MODES
from harmo.rewards.options import Schedule
from harmo.scorers.types import Family

STEP = 0.01
"""Of a weight's slider."""
_LEAST_MOST = 2.0
_COMBINER_NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"hero": ("alpha", "beta"), "geometric": ("epsilon",)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """One number that can be moved."""

    key: str
    """Of its edit."""
    name: str
    value: float
    """Where it stands, edits included."""
    base: float | None
    """What the recipe says; None where it says something else than a number."""
    most: float
    step: float = STEP
    note: str = ""
    """What the recipe says where that is no number, or where the term stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One family's sliders."""

    family: Slider
    terms: tuple[Slider, ...]
    """None where it has one term, whose share moves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One word that can be chosen."""

    key: str
    name: str
    value: str
    base: str
    choices: tuple[str, ...]
    words: str
    """What the choice does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """Everything that can be moved."""

    weights: tuple[Weights, ...]
    shadows: tuple[Slider, ...]
    """Shadow columns: above 0 one counts."""
    switches: tuple[Switch, ...]
    numbers: tuple[Slider, ...]
    """Those that the chosen mode and combiner read."""
    flags: Mapping[str, bool]


def knobs(document: Document, edits: Edits) -> Knobs:
    """The sliders and switches of a recipe, as edits have them.

    Args:
        document: A valid recipe, as it was stored.
        edits: Those made of it.
    """
    base, now = values(moded(document, edits)), values(edited(document, edits))
    made = moded(document, edits)
    shadows = [term for place, term in terms(document) if place == "shadow"]
    return Knobs(
        weights=tuple(_weights(made, edits, base)),
        shadows=tuple(_term(term, edits, base, note=str(term["scorer"])) for term in shadows),
        switches=tuple(_switches(values(document), now)),
        numbers=tuple(_numbers(made, edits, base)),
        flags={key: bool(now[key]) for key in ("model_trust", "allow_inversion")},
    )


def _weights(made: Document, edits: Edits, base: Mapping[str, object]) -> list[Weights]:
    """One per weight that the mode knows and some term needs, a shadow's that was given one too."""
    mode = MODES.named(made["accuracy"])
    found = []
    raised = {
        str(term["scorer"]).partition(".")[0]
        for place, term in terms(made)
        if place == "shadow" and edits.get(TERM + named(term))
    }
    for key in mode.weight_keys:
        families = [family for family in Family if mode.weight_key(family) == key]
        own = [term for family in families for term in made[family.value]]
        if not own and not raised & set(map(str, families)):
            continue
        split = [family for family in families if len(made[family.value]) > 1]
        found.append(
            Weights(
                family=_family(key, made, edits, base),
                terms=tuple(
                    _term(term, edits, base) for family in split for term in made[family.value]
                ),
            )
        )
    return found


def _family(key: str, made: Document, edits: Edits, base: Mapping[str, object]) -> Slider:
    stored = made["weights"].get(key, 1.0)
    note, at_start = "", stored
    if isinstance(stored, Mapping):
        schedule = Schedule.model_validate(dict(stored))
        at_start = schedule.start
        note = f"{schedule.start:g} to {schedule.end:g} over {schedule.steps} steps"
    own = base.get(WEIGHT + key)
    return _slider(WEIGHT + key, key, edits, own, float(at_start), note=note)


def _term(term: Document, edits: Edits, base: Mapping[str, object], *, note: str = "") -> Slider:
    key = TERM + named(term)
    own = base.get(key)
    return _slider(key, named(term), edits, own, float(term["weight"]), note=note)


def _slider(key: str, name: str, edits: Edits, own: object, at_rest: float, *, note: str) -> Slider:
    base = float(own) if isinstance(own, int | float) else None
    rest = at_rest if base is None else base
    asked = edits.get(key)
    value = float(asked) if isinstance(asked, int | float) else rest
    return Slider(
        key=key,
        name=name,
        value=value,
        base=base,
        most=max(_LEAST_MOST, 2 * rest, value),
        note=note,
    )


def _switches(base: Mapping[str, object], now: Mapping[str, object]) -> list[Switch]:
    offered = {
        "accuracy": ("accuracy", {name: mode.words for name, mode in MODES.items()}),
        "combine": ("combine", {name: each.words for name, each in COMBINERS.items()}),
        "missing": ("on_abstain", _MISSING),
        "truncated": ("on_truncated", _TRUNCATED),
    }
    return [
        Switch(
            key=key,
            name=name,
            value=str(now[key]),
            base=str(base[key]),
            choices=tuple(words),
            words=_plain(words.get(str(now[key]), "")),
        )
        for key, (name, words) in offered.items()
    ]


def _plain(words: str) -> str:
    """Words whose numbers stand in sliders beside them."""
    names = {"min_confidence": "the least confidence", "alpha": "alpha", "beta": "beta"}
    for key, name in (*names.items(), ("epsilon", "epsilon")):
        words = words.replace(f"{{{key}:g}}", name)
    return words


def _numbers(made: Document, edits: Edits, base: Mapping[str, object]) -> list[Slider]:
    keys = list(_COMBINER_NUMBERS.get(str(edits.get("combine", made["combine"])), ()))
    if MODES.named(made["accuracy"]).unsure_gives_way:
        keys.insert(0, "min_confidence")
    found = []
    for key in keys:
        own = base[key]
        rest = float(own) if isinstance(own, int | float) else 0.0
        asked = edits.get(key)
        value = float(asked) if isinstance(asked, int | float) else rest
        found.append(
            Slider(
                key=key,
                name=key,
                value=value,
                base=rest,
                most=1.0 if key != "epsilon" else 0.1,
                step=0.01 if key != "epsilon" else 0.001,
            )
        )
    return found


_MISSING = {
    "group": "An aspect or length column counts where every scored sibling has it.",
    "impute_group_mean": "A missing aspect or length score counts as the siblings' mean.",
    "renormalise": "A missing aspect or length score leaves its weight to the completion's others.",
}
_TRUNCATED = {
    "score": "Truncated completions are scored like the others.",
    "unscored": "Truncated completions have no reward.",
    "wrong": "Truncated completions are wrong: their rule scores are 0.",
}
