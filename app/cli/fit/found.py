"""Groups that lines name, found in a store: their numbers, by completion id, without texts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harmo.app.cli.fit.stated import Asked, named, quoted
from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.rewards.fit.solver import Floats

_CLOSE = 64
"""Groups so near in number are read one after the other: it costs less than to look them up."""
_SHOWN_IDS = 8
_LARGEST = (1 << 63) - 1
"""That SQLite has; a number or step beyond is of no group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The numbers of one group."""

    number: int
    recipe: KeptRecipe
    step: int | None
    places: Mapping[str, int]
    """Of each completion, by id."""
    scores: Floats
    """By sample and column, as the scorers gave them; NaN where they abstained."""
    contributions: Floats
    rewards: Floats
    truncated: Sequence[bool]

    @classmethod
    def of(cls, kept: KeptGroup) -> Found:
        """What is needed of a stored group."""
        rewards = kept.rewards
        scores = [[_or_nan(score.value) for score in reward.scores] for reward in rewards]
        return cls(
            number=kept.number,
            recipe=kept.recipe,
            step=kept.group.step,
            places={name: i for i, name in enumerate(kept.ids)},
            scores=np.array(scores, dtype=float).reshape(len(rewards), len(kept.recipe.columns)),
            contributions=np.array([reward.contributions for reward in rewards], dtype=float),
            rewards=np.array([_or_nan(reward.value) for reward in rewards], dtype=float),
            truncated=[sample.truncated for sample in kept.group.samples],
        )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


@dataclass(slots=True, kw_only=True)
class Unknown:
    """Lines that name what is not in the store: they do not count."""

    lines: int = 0
    messages: list[str] = field(default_factory=list)
    """The first of them."""

    def add(self, line: int, message: str) -> None:
        """One more."""
        self.lines += 1
        if len(self.messages) < _SHOWN_IDS:
            self.messages.append(f"line {line}: {message}")


def groups_of(reader: Reader, names: Iterable[int | Asked]) -> dict[int | Asked, Found]:
    """The groups of those names that the store has.

    Args:
        reader: Of the store.
        names: In any order, and any number of times.
    """
    wanted = {name for name in names if abs(_figure(name)) <= _LARGEST}
    numbers = sorted(name for name in wanted if isinstance(name, int))
    found = _by_number(reader, numbers)
    steps: dict[tuple[str, str, int | None], dict[str, Asked]] = defaultdict(dict)
    for name in wanted:
        if isinstance(name, Asked):
            steps[name.run, name.split, name.step][name.id] = name
    for (run, split, step), asked in steps.items():
        for kept in reader.groups(Query(run=run, split=split, steps=(step, step))):
            if kept.group.id in asked and kept.group.step == step:
                found[asked[kept.group.id]] = Found.of(kept)
    return found


def _figure(name: int | Asked) -> int:
    return name if isinstance(name, int) else name.step or 0


def _by_number(reader: Reader, numbers: Sequence[int]) -> dict[int | Asked, Found]:
    found: dict[int | Asked, Found] = {}
    wanted = set(numbers)
    k = 0
    while k < len(numbers):
        last = k
        while last + 1 < len(numbers) and numbers[last + 1] - numbers[last] <= _CLOSE:
            last += 1
        for kept in reader.groups(Query(after=numbers[k] - 1)):
            if kept.number in wanted:
                found[kept.number] = Found.of(kept)
            if kept.number >= numbers[last]:
                break
        k = last + 1
    return found


def place_of(found: Mapping[int | Asked, Found], group: int | Asked, completion: str) -> int:
    """The place of a completion in its group.

    Args:
        found: Groups by their names.
        group: One of the names that lines have.
        completion: Its id.

    Raises:
        KeyError: If the store has no such group, or it no such completion; says which.
    """
    if group not in found:
        raise KeyError(f"{named(group)} is not in the store")
    places = found[group].places
    if completion not in places:
        ids = ", ".join(quoted(each) for each in list(places)[:_SHOWN_IDS])
        more = ", ..." if len(places) > _SHOWN_IDS else ""
        raise KeyError(f"{named(group)} has no completion {quoted(completion)}; it has {ids}{more}")
    return places[completion]
