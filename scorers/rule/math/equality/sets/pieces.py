"""Sets of reals as disjoint pieces in order: joined, cut, and taken from everything."""

from __future__ import annotations

from dataclasses import dataclass

from harmo.scorers.rule.math.equality.scalars import close
from harmo.scorers.rule.math.equality.values import Value, context

MAX_PIECES = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; a single number if its ends meet."""

    low: Value
    high: Value
    has_low: bool
    has_high: bool


Region = tuple[Piece, ...]
INF = context.inf
EVERYTHING = Piece(-INF, INF, has_low=False, has_high=False)


def point(value: Value) -> Piece:
    """One number as a piece."""
    return Piece(value, value, has_low=True, has_high=True)


def _same(left: Value, right: Value) -> bool:
    return left == right or bool(close(left, right))


def _place(piece: Piece) -> tuple[Value, bool]:
    """Where a piece stands in the order of pieces."""
    return piece.low, not piece.has_low


def merged(pieces: list[Piece]) -> Region:
    """Pieces in order, the overlapping and touching ones joined."""
    merged: list[Piece] = []
    for piece in sorted(pieces, key=_place):
        last = merged[-1] if merged else None
        if last is None or not _touch(last, piece):
            merged.append(piece)
            continue
        if _same(last.high, piece.high):
            has_high = last.has_high or piece.has_high
            merged[-1] = Piece(last.low, last.high, last.has_low, has_high)
        elif piece.high > last.high:
            merged[-1] = Piece(last.low, piece.high, last.has_low, piece.has_high)
    return tuple(merged)


def _touch(left: Piece, right: Piece) -> bool:
    """True if no number is missing between two pieces, the left one beginning first."""
    if _same(left.high, right.low):
        return left.has_high or right.has_low
    return bool(right.low < left.high)


def combined(name: str, left: Region, right: Region) -> Region:
    """The union (`cup`), intersection (`cap`) or difference (`setminus`) of two sets."""
    if name == "cup":
        return merged([*left, *right])
    kept = right if name == "cap" else _complement(right)
    met = [piece for a in left for b in kept if (piece := _meet(a, b)) is not None]
    return merged(met)


def _meet(left: Piece, right: Piece) -> Piece | None:
    """What two pieces have in common."""
    if _same(left.low, right.low):
        low, has_low = left.low, left.has_low and right.has_low
    else:
        higher = left if left.low > right.low else right
        low, has_low = higher.low, higher.has_low
    if _same(left.high, right.high):
        high, has_high = left.high, left.has_high and right.has_high
    else:
        lower = left if left.high < right.high else right
        high, has_high = lower.high, lower.has_high
    if _same(low, high):
        return Piece(low, high, has_low=True, has_high=True) if has_low and has_high else None
    return Piece(low, high, has_low, has_high) if low < high else None


def _complement(pieces: Region) -> Region:
    gaps: list[Piece] = []
    # Where the next gap begins, and whether that number is in it.
    low, has_low = -INF, False
    for piece in pieces:
        if piece.low > low or (_same(piece.low, low) and has_low and not piece.has_low):
            gaps.append(Piece(low, piece.low, has_low, not piece.has_low))
        low, has_low = piece.high, not piece.has_high
    if low < INF:
        gaps.append(Piece(low, INF, has_low, has_high=False))
    return tuple(gaps)


def same_region(left: Region, right: Region) -> bool:
    """True if two sets of reals are equal."""
    return len(left) == len(right) and all(
        _same(a.low, b.low)
        and _same(a.high, b.high)
        and a.has_low == b.has_low
        and a.has_high == b.has_high
        for a, b in zip(left, right, strict=True)
    )


def whole_numbers(pieces: Region) -> Region | None:
    """The whole numbers of bounded pieces, each by itself; None where there are too many."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.high - piece.low < MAX_PIECES:
            return None
        for number in range(int(context.ceil(piece.low)), int(context.floor(piece.high)) + 1):
            value = context.mpf(number)
            low, high = _same(value, piece.low), _same(value, piece.high)
            if (piece.has_low or not low) and (piece.has_high or not high):
                found.append(point(value))
    return tuple(found)
