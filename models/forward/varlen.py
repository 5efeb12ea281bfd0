"""Group attention on CUDA: one kernel call over the whole row, however many groups it holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

import torch
from torch import Tensor


class Kernel(Protocol):
    """Attention over many segments of queries and keys that lie one after the other."""

    def __call__(
        self,
        query_THD: Tensor,
        key_TKD: Tensor,
        value_TKD: Tensor,
        bounds_q: Tensor,
        bounds_k: Tensor,
        longest_q: int,
        longest_k: int,
        *,
        scale: float,
        window: tuple[int, int],
    ) -> Tensor:
        """Attend, segment by segment.

        Args:
            query_THD: Queries of all segments.
            key_TKD: Keys of all segments.
            value_TKD: Their values.
            bounds_q: Where each segment of queries starts, and the end; int32.
            bounds_k: Likewise for keys.
            longest_q: Longest segment of queries.
            longest_k: Longest segment of keys.
            scale: Of the logits.
            window: How many keys are seen to the left and to the right of a query, counted from
                the ends of both segments; -1 for all, so (-1, 0) is causal.

        Returns:
            Output [T, H, D].
        """
        ...


def flash_varlen() -> Kernel | None:
    """Torch's flash kernel for segments, or None where this torch or machine has none."""
    if not torch.cuda.is_available() or torch.cuda.get_device_capability() < (8, 0):
        return None
    try:
        from torch.nn.attention.varlen import varlen_attn  # noqa: PLC0415 - newer torch only
    except ImportError:
        return None

    def kernel(
        query_THD: Tensor,
        key_TKD: Tensor,
        value_TKD: Tensor,
        bounds_q: Tensor,
        bounds_k: Tensor,
        longest_q: int,
        longest_k: int,
        *,
        scale: float,
        window: tuple[int, int],
    ) -> Tensor:
        return varlen_attn(
            query_THD,
            key_TKD,
            value_TKD,
            bounds_q,
            bounds_k,
            longest_q,
            longest_k,
            scale=scale,
            window_size=window,
            enable_gqa=query_THD.shape[1] != key_TKD.shape[1],
        )

    return kernel


class Varlen:
    """Group attention of one row in one kernel call.

    Keys and values are laid out per conversation, the prompt's once for every completion: copies
    that cost little beside the matrix work, and one softmax as scoring alone has it, sliding
    windows included. The kernel aligns a completion's queries with the end of its keys.
    """

    def __init__(
        self,
        kernel: Kernel,
        sizes: Sequence[tuple[int, Sequence[int]]],
        *,
        device: torch.device,
    ) -> None:
        """Put the layout on the device once, for all layers.

        Args:
            kernel: Such as `flash_varlen()`.
            sizes: Per group, the prompt's length and every suffix's.
            device: Where the row is.
        """
        prompts = [prompt for prompt, _ in sizes if prompt]
        shared = sum(prompts)
        rows = list(range(shared))
        lengths_q, lengths_k = list(prompts), list(prompts)
        first, at = 0, shared
        for prompt, suffixes in sizes:
            for length in suffixes:
                rows += range(first, first + prompt)
                rows += range(at, at + length)
                lengths_q.append(length)
                lengths_k.append(prompt + length)
                at += length
            first += prompt
        self._kernel = kernel
        self._rows = torch.tensor(rows, device=device)
        self._bounds = _bounds(lengths_q, device), _bounds(lengths_k, device)
        self._longest = max(lengths_q), max(lengths_k)

    def __call__(
        self, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None
    ) -> Tensor:
        """Attention output [1, T, H, D] of states [1, heads, T, D]."""
        q_THD, k_TKD, v_TKD = (states[0].transpose(0, 1) for states in (query, key, value))
        return self._kernel(
            q_THD,
            k_TKD[self._rows],
            v_TKD[self._rows],
            *self._bounds,
            *self._longest,
            scale=scale,
            window=(-1 if window is None else window - 1, 0),
        )[None]


def _bounds(lengths: Sequence[int], device: torch.device) -> Tensor:
    return torch.tensor([0, *accumulate(lengths)], dtype=torch.int32, device=device)
