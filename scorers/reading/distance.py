"""Edit distance in big-integer steps: one pass over one text, all cells of a column at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def levenshtein(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and substitutions from `a` to `b` (Hyyrö 2003, bit-parallel)."""
    if not a or not b:
        return len(a) + len(b)
    masks: dict[Hashable, int] = {}
    for i, item in enumerate(a):
        masks[item] = masks.get(item, 0) | 1 << i
    everywhere = (1 << len(a)) - 1
    last = 1 << (len(a) - 1)
    up, down, distance = everywhere, 0, len(a)
    for item in b:
        match = masks.get(item, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        right, left = down | ~(diagonal | up) & everywhere, up & diagonal
        distance += bool(right & last) - bool(left & last)
        right = right << 1 | 1
        up = (left << 1 | ~(diagonal | right)) & everywhere
        down = right & diagonal & everywhere
    return distance
