"""rule.order: items put in order."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import Literal

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.registry import scorer
from harmo.scorers.rule.lists.items import MAX_CHARS, divided, json_list, name_of, said, tries
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.order"
MAX_ITEMS = 64

_SEPARATORS = (
    "\n", "→", "⇒", "\\rightarrow", "\\Rightarrow", "\\to", "->", ">", ";", ",", "、",
)  # fmt: skip
_KEYED = re.compile(r"\(?([A-Za-z]|[0-9]{1,3}+)[).:]\s{1,8}+(?=\S)")

Names = frozenset[str]
"""What an item may be called."""


@scorer(
    NAME,
    on_loop=True,
    by_text=True,
    self_answer="boxed",
    tries=lambda sample, **_: tries(sample.reference),
)
@settled(NAME)
def order(sample: Sample, *, metric: Literal["kendall", "pairwise", "exact"] = "kendall") -> Score:
    """How far the completion's order of the items is the reference's, in [0, 1].

    `pairwise`: the share of pairs in the right order; a random order has half of them. `kendall`:
    Kendall's tau (Biometrika 1938), 2 * pairwise - 1, and 0.0 below: what is no better than chance
    gets nothing. `exact`: 1.0 for the same order, else 0.0.

    Wrong by every metric: no answer, an item that is missing, unknown or there twice, items that
    share a place. Abstains where the reference is missing, has fewer than two items or more than
    64, or two of one name.

    Args:
        sample: Its reference is the list of items in their order, or the same as text. An item is a
            text or number; `B. boil` and `{"key": "B", "text": "boil"}` go by either name.
        metric: What is counted.
    """
    items = _reference(sample.reference)
    if isinstance(items, Reason):
        return Score.abstain(items)
    answer = said(sample)
    if answer is None:
        return verdict(NAME, 0.0, Pair.NO_ANSWER)
    if len(answer) > MAX_CHARS:
        return verdict(NAME, 0.0, Pair.SCREENED, why=f"more than {MAX_CHARS} characters")
    place = {name: number for number, names in enumerate(items) for name in names}
    places = [_place(each, place) for each in _listed(answer, place)]
    if sorted(places) != list(range(len(items))):
        return verdict(
            NAME, 0.0, Pair.ORDER, why="not each item once", said=len(places), wanted=len(items)
        )
    pairwise = _pairwise(places)
    value = {
        "pairwise": pairwise,
        "kendall": max(0.0, 2 * pairwise - 1),
        "exact": float(pairwise == 1.0),
    }[metric]
    return verdict(NAME, value, Pair.ORDER, pairwise=pairwise)


def _pairwise(places: Sequence[int]) -> float:
    """The share of pairs that stand in ascending order."""
    seen: list[int] = []
    right = 0
    for place in places:
        right += bisect_left(seen, place)
        insort(seen, place)
    return 2 * right / (len(places) * (len(places) - 1))


def _reference(reference: object) -> list[Names] | Reason:
    if reference is None:
        return Reason.NO_REFERENCE
    listed = reference
    if isinstance(reference, str):
        if len(reference) > MAX_CHARS:
            return Reason.UNREADABLE_REFERENCE
        read = json_list(reference)
        listed = divided(reference, _SEPARATORS) if read is None else read
        if len(listed) == 1 and reference.strip().isalnum():
            listed = list(reference.strip())
    if not isinstance(listed, list | tuple) or not 2 <= len(listed) <= MAX_ITEMS:
        return Reason.UNREADABLE_REFERENCE
    items = [_names(each) for each in listed]
    names = [name for item in items for name in item]
    if not all(items) or len(set(names)) < len(names):
        return Reason.UNREADABLE_REFERENCE
    return items


def _names(item: object) -> Names:
    """What an item may be called; nothing where it is no item."""
    if isinstance(item, Mapping):
        return frozenset({name_of(item.get("key")), name_of(item.get("text"))} - {""})
    names = {name_of(item)}
    if isinstance(item, str) and (keyed := _KEYED.match(item.strip())):
        names |= {name_of(keyed[1]), name_of(item.strip()[keyed.end() :])}
    return frozenset(names - {""})


def _place(item: object, place: Mapping[str, int]) -> int:
    """Where an item of the answer belongs; -1 for none of them."""
    at = place.get(name_of(item), -1)
    if at < 0 and isinstance(item, str) and (keyed := _KEYED.match(item.strip())):
        key, text = keyed[1], item.strip()[keyed.end() :]
        both = {place.get(name_of(key), -1), place.get(name_of(text), -1)}
        # A key with another item's text names two.
        return both.pop() if len(both) == 1 else -1
    return at


def _listed(answer: str, place: Mapping[str, int]) -> list[object]:
    """The items of an answer."""
    if (listed := json_list(answer)) is not None:
        return listed
    items: list[object] = list(divided(answer, _SEPARATORS))
    lettered = {number for name, number in place.items() if len(name) == 1}
    if len(items) == 1 and len(lettered) == len(set(place.values())):
        # Keys of one letter may stand side by side: "BDAC".
        return [character for character in str(items[0]) if not character.isspace()]
    return items
