"""What people said of siblings, settled: each two once, contradictions shared, circles counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

MAX_PAIRS_OF_GROUP = 4096
"""Of right and wrong siblings so many pairs count, evenly taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One sibling before another, by their places in what was scored."""

    group: int
    better: int
    worse: int
    towards: float
    """Share of what was said of the two that says so: 1 for all, 0.5 for a tie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Preferences, each two siblings once."""

    preferences: Sequence[Preference]
    repeated: int
    """Statements that say again what was said."""
    contradicted: int
    """Pairs of which not the same was said each time."""
    circles: int
    """Groups in which a is before b, b before c, and c before a: no reward agrees with all."""


Said = tuple[int, int, int, bool]
"""Group, one that is better, one that is worse, and whether they are as good as each other."""


def settled(statements: Iterable[Said]) -> Settled:
    """Each two siblings once, in the direction that most of what was said of them has.

    Args:
        statements: Of any order; one of a sibling against itself is no statement.
    """
    votes: dict[tuple[int, int, int], list[float]] = defaultdict(list)
    for group, better, worse, tie in statements:
        low, high = sorted((better, worse))
        if low != high:
            votes[group, low, high].append(0.5 if tie else float(better == low))
    preferences = []
    repeated = contradicted = 0
    for (group, low, high), said in votes.items():
        towards = sum(said) / len(said)
        repeated += len(said) - len(set(said))
        contradicted += len(set(said)) > 1
        turned = towards < 0.5
        preferences.append(
            Preference(
                group=group,
                better=high if turned else low,
                worse=low if turned else high,
                towards=1 - towards if turned else towards,
            )
        )
    return Settled(
        preferences=preferences,
        repeated=repeated,
        contradicted=contradicted,
        circles=_circles(preferences),
    )


def of_labels(labels: Mapping[int, Mapping[int, bool]]) -> Settled:
    """Every right sibling before every wrong one of its group.

    Args:
        labels: By group and place whether a completion is right.
    """
    preferences = []
    for group, rights in labels.items():
        right = [i for i, is_right in rights.items() if is_right]
        wrong = [i for i, is_right in rights.items() if not is_right]
        count = len(right) * len(wrong)
        for k in range(min(count, MAX_PAIRS_OF_GROUP)):
            i, j = divmod(k * count // min(count, MAX_PAIRS_OF_GROUP), len(wrong))
            # Each row begins one further on: even steps would pass over the same ones in all.
            worse = wrong[(i + j) % len(wrong)]
            preferences.append(Preference(group=group, better=right[i], worse=worse, towards=1))
    return Settled(preferences=preferences, repeated=0, contradicted=0, circles=0)


def _circles(preferences: Iterable[Preference]) -> int:
    below: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for each in preferences:
        if each.towards > 0.5:
            below[each.group][each.better].add(each.worse)
    return sum(_is_circular(graph) for graph in below.values())


def _is_circular(below: Mapping[int, set[int]]) -> bool:
    try:
        TopologicalSorter(below).prepare()
    except CycleError:
        return True
    return False
