"""What a kernel over segments is given for one row of groups."""

from __future__ import annotations

import pytest
import torch

from harmo.models.forward.varlen import Varlen, flash_varlen

SIZES = [(2, [1, 2]), (0, [2])]
"""Row: prompt 0 1, then suffixes 2 | 3 4 | 5 6."""


def given(window: int | None) -> dict[str, object]:
    """What the kernel sees of keys 0, 1, 2, ...; it gives the queries back."""
    seen: dict[str, object] = {}

    def kernel(query, key, value, bounds_q, bounds_k, longest_q, longest_k, *, scale, window):
        seen.update(
            keys=key[:, 0, 0].tolist(),
            values=value[:, 0, 0].tolist(),
            bounds=(bounds_q.tolist(), bounds_k.tolist()),
            longest=(longest_q, longest_k),
            window=window,
        )
        return query

    states = torch.arange(7.0).reshape(1, 1, 7, 1)
    out = Varlen(kernel, SIZES, device=states.device)(states, states, -states, 0.5, window)
    assert out.shape == (1, 7, 1, 1)
    return seen


def test_every_completion_has_its_prompts_keys_before_its_own() -> None:
    seen = given(None)
    assert seen["keys"] == [0, 1, 0, 1, 2, 0, 1, 3, 4, 5, 6]
    assert seen["values"] == [-key for key in seen["keys"]]
    assert seen["bounds"] == ([0, 2, 3, 5, 7], [0, 2, 5, 9, 11])
    assert seen["longest"] == (2, 4)


@pytest.mark.parametrize(("window", "expected"), [(None, (-1, 0)), (4, (3, 0)), (1, (0, 0))])
def test_a_window_counts_the_token_itself(window: int | None, expected: tuple[int, int]) -> None:
    assert given(window)["window"] == expected


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device has one")
def test_without_a_device_there_is_no_kernel() -> None:
    assert flash_varlen() is None
