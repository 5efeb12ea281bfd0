"""Attention over a row that holds prompts once and, behind them, every completion.

Registered with transformers as an attention implementation of its own, so that unmodified models
run on such rows: a token attends to its own segment, causally, and to its group's prompt. No mask
over the whole row is ever built.

Shapes: T tokens of the row, R rows of queries read, H query heads, K key-value heads, D head size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface

from harmo.models.forward.varlen import Varlen

NAME = "harmo_groups"

Span = tuple[int, int]
"""First token and the one after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Where one group lies in the row."""

    prompt: Span
    """Empty where the group shares nothing."""
    suffixes: tuple[Span, ...]
    """One after the other, without gaps."""
    reads: tuple[tuple[int, ...], ...]
    """Per suffix, the read positions counted from the start of its conversation."""

    @property
    def behind(self) -> Span:
        """All suffixes."""
        return self.suffixes[0][0], self.suffixes[-1][1]

    def row(self, member: int, position: int) -> int:
        """Where in the row a position of a member's conversation lies."""
        first, stop = self.prompt
        shared = stop - first
        if position < shared:
            return first + position
        return self.suffixes[member][0] + position - shared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttentionPlan:
    """A row: all prompts first, then all suffixes, both in the order of the groups."""

    groups: tuple[Segments, ...]
    narrow_layer: int | None = None
    """The layer whose output is only needed at `rows`; None for no such layer."""
    rows: Tensor | None = None
    """With `narrow_layer`, the read positions in the row, on the model's device."""
    varlen: Varlen | None = None
    """Kernels that take the whole row at once; None for one call per segment."""


_plan: ContextVar[AttentionPlan | None] = ContextVar("_plan", default=None)


def active() -> AttentionPlan | None:
    """The plan of the forward pass that runs in this thread."""
    return _plan.get()


@contextmanager
def activated(plan: AttentionPlan) -> Iterator[None]:
    """Makes `plan` the active one; the model must use `NAME` as its attention implementation."""
    token = _plan.set(plan)
    try:
        yield
    finally:
        _plan.reset(token)


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **options: object,
) -> tuple[Tensor, None]:
    """Attention output [1, T, H, D] under the active plan, as transformers calls it.

    Args:
        module: The attention layer.
        query: [1, H, T, D].
        key: [1, K, T, D].
        value: [1, K, T, D].
        attention_mask: Must be None: the plan is the mask.
        scaling: Of the logits; None for 1 / sqrt(D).
        sliding_window: A token sees itself and this many less one before it; None for all.
        **options: What else the model passes.

    Returns:
        The output, and None for the weights.

    Raises:
        NotImplementedError: For soft caps, sinks and attention that is not causal.
    """
    plan = _plan.get()
    unsupported = [name for name in ("softcap", "s_aux") if options.get(name) is not None]
    causal = options.get("is_causal")
    causal = getattr(module, "is_causal", True) if causal is None else causal
    if plan is None or attention_mask is not None or unsupported or not causal:
        raise NotImplementedError(
            f"group attention runs causal layers under a plan; {type(module).__name__} brings"
            f" {unsupported or 'a mask, no plan or no causality'}"
        )
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if plan.narrow_layer is not None and plan.narrow_layer == getattr(module, "layer_idx", None):
        return _read_rows(plan, query, key, value, scale, sliding_window), None
    if plan.varlen is not None and query.shape[-1] == value.shape[-1]:
        return plan.varlen(query, key, value, scale, sliding_window), None
    out_THD = value.new_empty(1, query.shape[2], query.shape[1], value.shape[-1])
    out = out_THD.transpose(1, 2)
    for group in plan.groups:
        _attend_group(group, query, key, value, out, scale, sliding_window)
    return out_THD, None


def _attend_group(
    group: Segments,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    out: Tensor,
    scale: float,
    window: int | None,
) -> None:
    prompt = slice(*group.prompt)
    shared = prompt.stop - prompt.start
    longest = shared + max(stop - start for start, stop in group.suffixes)
    if (window is not None and longest > window) or not _has_flash(query, value):
        _attend_masked(group, query, key, value, out, scale, window)
        return
    if shared:
        k, v = key[:, :, prompt], value[:, :, prompt]
        out[:, :, prompt] = _flash(query[:, :, prompt], k, v, scale, causal=True)[0]
        behind = slice(*group.behind)
        seen, seen_lse = _flash(query[:, :, behind], k, v, scale, causal=False)
    offset = group.behind[0]
    for start, stop in group.suffixes:
        q, k, v = (states[:, :, start:stop] for states in (query, key, value))
        own, own_lse = _flash(q, k, v, scale, causal=True)
        if shared:
            part = slice(start - offset, stop - offset)
            own = merged(own, own_lse, seen[:, :, part], seen_lse[:, :, part])
        out[:, :, start:stop] = own


def merged(a: Tensor, a_lse: Tensor, b: Tensor, b_lse: Tensor) -> Tensor:
    """Attention over the union of two disjoint sets of keys, from the attention over each.

    Args:
        a: [..., D] over the first set.
        a_lse: [...] log of its softmax denominator, float32.
        b: Over the second.
        b_lse: Likewise.

    Returns:
        A tensor like `a`.
    """
    return torch.lerp(a, b, (b_lse - a_lse).sigmoid().unsqueeze(-1).to(a.dtype))


def _has_flash(query: Tensor, value: Tensor) -> bool:
    # In 16 bits two rounded halves would be further from one softmax than its own noise.
    full = query.dtype in (torch.float32, torch.float64)
    return query.device.type == "cpu" and full and query.shape[-1] == value.shape[-1]


def _flash(
    query: Tensor, key: Tensor, value: Tensor, scale: float, *, causal: bool
) -> tuple[Tensor, Tensor]:
    """Output [1, H, T, D] and log-sum-exp [1, H, T] on the CPU."""
    out, lse = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        query, key, value, 0.0, causal, scale=scale
    )
    return out, lse


def _attend_masked(
    group: Segments,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    out: Tensor,
    scale: float,
    window: int | None,
) -> None:
    """Any device, any window: keys of prompt and suffix side by side under a small mask."""
    prompt = slice(*group.prompt)
    shared = prompt.stop - prompt.start
    if shared:
        positions = torch.arange(shared, device=query.device)
        out[:, :, prompt] = _masked(
            query[:, :, prompt], key[:, :, prompt], value[:, :, prompt], positions, scale, window
        )
    for start, stop in group.suffixes:
        keys, values = (_conversation(t, prompt, slice(start, stop)) for t in (key, value))
        positions = torch.arange(shared, shared + stop - start, device=query.device)
        out[:, :, start:stop] = _masked(
            query[:, :, start:stop], keys, values, positions, scale, window
        )


def _conversation(states: Tensor, prompt: slice, suffix: slice) -> Tensor:
    return torch.cat([states[:, :, prompt], states[:, :, suffix]], dim=2)


def _masked(
    query: Tensor, key: Tensor, value: Tensor, positions: Tensor, scale: float, window: int | None
) -> Tensor:
    """Queries at `positions` of one conversation over its keys from the start."""
    at_R1 = positions[:, None]
    keys = torch.arange(key.shape[2], device=query.device)
    visible_RT = keys <= at_R1
    if window is not None:
        visible_RT &= keys > at_R1 - window
    return F.scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=visible_RT,
        scale=scale,
        enable_gqa=query.shape[1] != key.shape[1],
    )


def _read_rows(
    plan: AttentionPlan, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None
) -> Tensor:
    """Output that is zero except at the read positions."""
    out_THD = value.new_zeros(1, query.shape[2], query.shape[1], value.shape[-1])
    for group in plan.groups:
        prompt = slice(*group.prompt)
        for member, (span, reads) in enumerate(zip(group.suffixes, group.reads, strict=True)):
            rows = [group.row(member, position) for position in reads]
            keys, values = (_conversation(t, prompt, slice(*span)) for t in (key, value))
            positions = torch.tensor(reads, device=query.device)
            read = _masked(query[:, :, rows], keys, values, positions, scale, window)
            out_THD[:, rows] = read.transpose(1, 2)
    return out_THD


def _no_mask(*_args: object, **_options: object) -> None:
    """The plan is the mask."""


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, _no_mask)


def lay_out(sizes: Sequence[tuple[int, Sequence[int]]]) -> list[tuple[Span, tuple[Span, ...]]]:
    """Spans of prompts and suffixes: all prompts first, then all suffixes.

    Args:
        sizes: Per group, the prompt's length and every suffix's.

    Returns:
        Per group, the prompt's span and the suffixes'.
    """
    at = sum(prompt for prompt, _ in sizes)
    first = 0
    spans = []
    for prompt, suffixes in sizes:
        ends = []
        for length in suffixes:
            ends.append((at, at + length))
            at += length
        spans.append(((first, first + prompt), tuple(ends)))
        first += prompt
    return spans
