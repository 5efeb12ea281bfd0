"""Groups that were answered before they were whole: who comes late waits for nobody."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from harmo.app.samples import Received
from harmo.app.waiting import Key, WaitingGroup

MAX_MEMBERS = 16_384
"""Members kept of such groups; the oldest groups make room."""


@dataclass(slots=True)
class _Answered:
    asked: int
    """What it was asked, as a hash."""
    texts: dict[str, int]
    """What each member was, as a hash; empty where the service made up the ids."""
    missing: int
    until_s: float

    @property
    def weight(self) -> int:
        return 1 + len(self.texts)


class AnsweredGroups:
    """The groups that were answered lately without all of their members."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._groups: OrderedDict[Key, _Answered] = OrderedDict()
        self._members = 0

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, group: WaitingGroup) -> None:
        """Remember a group that is sealed before it is whole, for as long as one would wait."""
        self._forget(group.key)
        shares = group.shares.values() if group.named else ()
        answered = _Answered(
            asked=next(map(_asked, group.shares.values()), 0),
            texts={id: text for share in shares for id, text in _texts(share).items()},
            missing=group.size - group.members,
            until_s=self._clock() + group.wait_s,
        )
        self._groups[group.key] = answered
        self._members += answered.weight
        while self._members > MAX_MEMBERS:
            self._forget(next(iter(self._groups)))

    def takes(self, key: Key, share: Received, *, named: bool) -> bool:
        """True if a share belongs to a group that was answered without it.

        What is more than the group lacked opens the next of its name, and so does another text for
        an id that was answered: a step that is done again. What asks something else is a stranger.
        """
        group = self._groups.get(key)
        if group is None or group.asked != _asked(share):
            return False
        texts = _texts(share) if named else {}
        again = not group.texts.keys().isdisjoint(texts)
        # Without a step, equal short texts of two steps look the same.
        if again and key[3] is not None and texts.items() <= group.texts.items():
            return True
        if again or len(share.ids) > group.missing or self._clock() > group.until_s:
            self._forget(key)
            return False
        group.missing -= len(share.ids)
        return True

    def _forget(self, key: Key) -> None:
        group = self._groups.pop(key, None)
        self._members -= 0 if group is None else group.weight


def _texts(share: Received) -> dict[str, int]:
    samples = share.group.samples
    return {i: hash(sample.completion) for i, sample in zip(share.ids, samples, strict=True)}


def _asked(share: Received) -> int:
    if not share.group.samples:
        return 0
    first = share.group.samples[0]
    values = [first.reference, first.references, first.constraints]
    told = json.dumps(values, sort_keys=True, default=repr)
    return hash((first.prompt, first.prefix, first.images, first.task, told))
