"""Group attention against masked attention over the whole row."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from harmo.models.forward.group_attention import (
    AttentionPlan,
    Segments,
    activated,
    attend,
    lay_out,
    merged,
)
from harmo.models.forward.varlen import Varlen

SIZES = [(5, [3, 1, 8]), (9, [2]), (0, [6, 4])]
"""Per group, the prompt's length and the suffixes'; the last group shares nothing."""
SCALE = 0.3


def plan(**changes) -> AttentionPlan:
    groups = tuple(
        Segments(prompt=prompt, suffixes=suffixes, reads=tuple((0,) for _ in suffixes))
        for prompt, suffixes in lay_out(SIZES)
    )
    return AttentionPlan(**{"groups": groups, **changes})


def states(heads: int, seed: int) -> torch.Tensor:
    tokens = sum(prompt + sum(suffixes) for prompt, suffixes in SIZES)
    return torch.randn(1, heads, tokens, 8, generator=torch.Generator().manual_seed(seed))


def visible(window: int | None) -> torch.Tensor:
    """The mask that the plan stands for: token by token."""
    where: dict[int, tuple[int, int, int]] = {}
    for group, ((first, stop), suffixes) in enumerate(lay_out(SIZES)):
        where |= {row: (group, -1, row - first) for row in range(first, stop)}
        for member, (start, end) in enumerate(suffixes):
            where |= {r: (group, member, stop - first + r - start) for r in range(start, end)}
    mask = torch.zeros(len(where), len(where), dtype=torch.bool)
    for row, (group, member, at) in where.items():
        for other, (its_group, its_member, its_at) in where.items():
            reachable = its_group == group and its_member in (-1, member) and its_at <= at
            mask[row, other] = reachable and (window is None or its_at > at - window)
    return mask


def segment_kernel(query, key, value, bounds_q, bounds_k, *_longest, scale, window):
    """What `flash_varlen` promises, one segment at a time: queries align with the keys' end."""
    out = torch.zeros_like(query)
    repeats = query.shape[1] // key.shape[1]
    for (a, b), (c, d) in zip(
        pairwise(bounds_q.tolist()), pairwise(bounds_k.tolist()), strict=True
    ):
        logits = torch.einsum("qhd,khd->hqk", query[a:b], key[c:d].repeat_interleave(repeats, 1))
        ahead = torch.arange(d - c)[None] - (torch.arange(b - a)[:, None] + (d - c) - (b - a))
        left, right = window
        hidden = (ahead > right if right >= 0 else False) | (ahead < -left if left >= 0 else False)
        logits = (logits * scale).masked_fill(torch.as_tensor(hidden), -torch.inf)
        out[a:b] = torch.einsum(
            "hqk,khd->qhd", logits.softmax(-1), value[c:d].repeat_interleave(repeats, 1)
        )
    return out


@pytest.mark.parametrize("window", [None, 4, 7, 100])
@pytest.mark.parametrize("kernel", ["segments", "varlen"])
@pytest.mark.parametrize("heads", [(4, 4), (4, 2)])
def test_a_row_equals_masked_attention(window, kernel, heads) -> None:
    query, key, value = states(heads[0], 0), states(heads[1], 1), states(heads[1], 2)
    varlen = Varlen(segment_kernel, SIZES, device=query.device)
    chosen = plan(varlen=varlen if kernel == "varlen" else None)
    layer = SimpleNamespace(is_causal=True)
    with activated(chosen):
        out, weights = attend(layer, query, key, value, None, scaling=SCALE, sliding_window=window)
    whole = scaled_dot_product_attention(
        query, key, value, attn_mask=visible(window), scale=SCALE, enable_gqa=True
    )
    assert weights is None
    torch.testing.assert_close(out.transpose(1, 2), whole, atol=2e-6, rtol=0)


@pytest.mark.parametrize("window", [None, 4])
def test_the_narrow_layer_gives_the_read_rows_and_zeros(window) -> None:
    reads = [((4, 6), (5,), (0, 12)), ((10,),), ((5,), (0, 3))]
    groups = tuple(
        Segments(prompt=prompt, suffixes=suffixes, reads=its_reads)
        for (prompt, suffixes), its_reads in zip(lay_out(SIZES), reads, strict=True)
    )
    rows = sorted({g.row(m, at) for g in groups for m, its in enumerate(g.reads) for at in its})
    query, key, value = states(4, 0), states(2, 1), states(2, 2)
    narrow = AttentionPlan(groups=groups, narrow_layer=3, rows=torch.tensor(rows))
    layer = SimpleNamespace(is_causal=True, layer_idx=3)
    with activated(narrow):
        out, _ = attend(layer, query, key, value, None, scaling=SCALE, sliding_window=window)
    whole = scaled_dot_product_attention(
        query, key, value, attn_mask=visible(window), scale=SCALE, enable_gqa=True
    ).transpose(1, 2)
    torch.testing.assert_close(out[:, rows], whole[:, rows], atol=2e-6, rtol=0)
    unread = [row for row in range(out.shape[1]) if row not in rows]
    assert not out[:, unread].any()


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        pytest.param({"is_causal": True}, {"softcap": 30.0}, id="logits are capped"),
        pytest.param({"is_causal": True}, {"s_aux": torch.ones(4)}, id="a sink takes weight"),
        pytest.param({"is_causal": False}, {}, id="the layer sees both ways"),
        pytest.param({"is_causal": True}, {"is_causal": False}, id="this call sees both ways"),
    ],
)
def test_what_it_cannot_do_it_refuses(layer, options) -> None:
    with activated(plan()), pytest.raises(NotImplementedError):
        attend(SimpleNamespace(**layer), *(states(2, n) for n in range(3)), None, **options)


def test_without_a_plan_it_refuses() -> None:
    with pytest.raises(NotImplementedError, match="no plan"):
        attend(SimpleNamespace(is_causal=True), *(states(2, n) for n in range(3)), None)


def test_attention_over_two_sets_of_keys_merges_to_that_over_both() -> None:
    logits = torch.randn(3, 5, 7)
    value = torch.randn(3, 7, 8)
    halves = [slice(0, 2), slice(2, 7)]
    parts = [
        (logits[..., half].softmax(-1) @ value[:, half], logits[..., half].logsumexp(-1))
        for half in halves
    ]
    torch.testing.assert_close(merged(*parts[0], *parts[1]), logits.softmax(-1) @ value)
