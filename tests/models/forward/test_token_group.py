"""Prompts shared once, and groups cut into pieces, halves and members."""

from __future__ import annotations

import pytest

from harmo.models.forward.token_group import TokenGroup, share


@pytest.mark.parametrize(
    ("members", "shared"),
    [
        pytest.param([(1, 2, 3), (1, 2, 4)], 2, id="differ at the end"),
        pytest.param([(1, 2), (1, 2, 3)], 1, id="one is a prefix of the other"),
        pytest.param([(1, 2, 3)], 2, id="alone"),
        pytest.param([(1,), (2, 3)], 0, id="nothing in common"),
    ],
)
def test_share(members, shared: int) -> None:
    group = share(members, [(0,)] * len(members))
    assert len(group.prompt) == shared
    assert [group.prompt + suffix for suffix in group.suffixes] == members


def group(*lengths: int, prompt: int = 3) -> TokenGroup:
    """A group whose members are told apart by their last token, and read there."""
    members = [(*range(prompt), *[90] * (n - 1), at) for at, n in enumerate(lengths)]
    return TokenGroup(
        prompt=members[0][:prompt],
        suffixes=tuple(member[prompt:] for member in members),
        reads=tuple((len(member) - 1,) for member in members),
    )


def lasts(piece: TokenGroup) -> list[int]:
    return [suffix[-1] for suffix in piece.suffixes]


@pytest.mark.parametrize(
    ("lengths", "budget", "expected", "why"),
    [
        ((1, 1, 1), 6, [[0, 1, 2]], "all fit beside the prompt"),
        ((1, 1, 1), 5, [[0, 1], [2]], "the prompt is paid for in each piece"),
        ((9, 1, 1), 5, [[0], [1, 2]], "one that fits nowhere goes alone"),
        ((1,), 1, [[0]], "even where the prompt alone is over the budget"),
    ],
)
def test_pieces(lengths, budget: int, expected: list[list[int]], why: str) -> None:
    pieces = group(*lengths).pieces(budget)
    assert [lasts(piece) for piece in pieces] == expected, why
    assert all(piece.prompt == (0, 1, 2) for piece in pieces)
    assert [reads for piece in pieces for reads in piece.reads] == list(group(*lengths).reads)


def test_a_group_costs_its_prompt_once() -> None:
    assert group(2, 4, prompt=10).tokens == 16


def test_halves_are_all_members_in_order() -> None:
    first, second = group(1, 2, 3).halves()
    assert lasts(first) + lasts(second) == [0, 1, 2]
    assert len(first) == 1
