"""Edit distance in big-integer steps: one pass over one text, all cells of a column at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def levenshtein(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and substitutions between two sequences (Hyyrö 2003)."""
    if not left or not right:
        return len(left) + len(right)
    masks: dict[Hashable, int] = {}
    for i, item in enumerate(left):
        masks[item] = masks.get(item, 0) | 1 << i
    everywhere = (1 << len(left)) - 1
    last = 1 << (len(left) - 1)
    up, down, distance = everywhere, 0, len(left)
    for item in right:
        match = masks.get(item, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        rises, falls = down | ~(diagonal | up) & everywhere, up & diagonal
        distance += bool(rises & last) - bool(falls & last)
        rises = rises << 1 | 1
        up = (falls << 1 | ~(diagonal | rises)) & everywhere
        down = rises & diagonal & everywhere
    return distance
