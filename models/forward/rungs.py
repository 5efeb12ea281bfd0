"""The ways to run a backbone over token groups, from the one that shares most to the plainest.

Each gives `hidden_ND` of every read position, in the order of groups, members and reads.

Shapes: B rows, T tokens (padded), N hidden states read, D hidden size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache

from harmo.models.base import Rung
from harmo.models.checkpoint.heads import Head
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.group_attention import AttentionPlan, Segments, activated, lay_out
from harmo.models.forward.token_group import Pictures, TokenGroup
from harmo.models.forward.varlen import Varlen


def tree(backbone: Backbone, groups: Sequence[TokenGroup], *, max_tokens: int) -> Tensor:
    """One row for all groups: each prompt once, each completion attending to it and to itself.

    Groups with images get a row of their own.

    Args:
        backbone: The model.
        groups: What to run; together within the budget.
        max_tokens: Unused: the row is as long as the groups are.

    Returns:
        The read hidden states.
    """
    del max_tokens
    texts = [group for group in groups if group.pictures is None]
    rows = iter(_tree_row(backbone, texts).split([_reads(g) for g in texts]) if texts else ())
    return torch.cat(
        [next(rows) if g.pictures is None else _tree_row(backbone, [g]) for g in groups]
    )


def packed(backbone: Backbone, groups: Sequence[TokenGroup], *, max_tokens: int) -> Tensor:
    """Rows of whole conversations side by side, each attending to itself: no padding, no sharing.

    Args:
        backbone: The model.
        groups: What to run.
        max_tokens: Of one row, unless a single conversation is longer.

    Returns:
        The read hidden states.
    """
    rows: list[list[TokenGroup]] = [[]]
    for row in _conversations(groups):
        alone = TokenGroup(
            prompt=(), suffixes=(row.ids,), reads=(row.reads,), pictures=row.pictures
        )
        if rows[-1] and sum(g.tokens for g in rows[-1]) + alone.tokens > max_tokens:
            rows.append([])
        rows[-1].append(alone)
    return torch.cat([tree(backbone, row, max_tokens=max_tokens) for row in rows])


def cached(backbone: Backbone, groups: Sequence[TokenGroup], *, max_tokens: int) -> Tensor:
    """Per group the prompt's states once, then its completions as a padded batch on top of them.

    Args:
        backbone: The model, with its own attention.
        groups: What to run.
        max_tokens: For groups that share nothing, see `padded`.

    Returns:
        The read hidden states.
    """
    return torch.cat(
        [
            _cached_group(backbone, group)
            if group.prompt
            else padded(backbone, [group], max_tokens=max_tokens)
            for group in groups
        ]
    )


def padded(backbone: Backbone, groups: Sequence[TokenGroup], *, max_tokens: int) -> Tensor:
    """Whole conversations in padded batches, those of like length together.

    Args:
        backbone: The model, with its own attention.
        groups: What to run.
        max_tokens: Of one padded batch, unless a single conversation is longer.

    Returns:
        The read hidden states.
    """
    rows = _conversations(groups)
    hidden: dict[int, Tensor] = {}
    order = sorted(range(len(rows)), key=lambda at: (rows[at].pictures is None, len(rows[at].ids)))
    for batch in _batches(rows, order, max_tokens):
        hidden_BTD = _run_padded(backbone, [rows[at] for at in batch])
        for row_TD, at in zip(hidden_BTD, batch, strict=True):
            hidden[at] = row_TD[list(rows[at].reads)]
    return torch.cat([hidden[at] for at in range(len(rows))])


LADDER: Mapping[Rung, Callable[..., Tensor]] = {
    Rung.TREE: tree,
    Rung.CACHED: cached,
    Rung.PACKED: packed,
    Rung.PADDED: padded,
}
"""Fastest first; the last fits every architecture."""


def values(
    backbone: Backbone, head: Head, rung: Rung, groups: Sequence[TokenGroup], *, max_tokens: int
) -> Tensor:
    """Raw values of all members, in order.

    Args:
        backbone: The model.
        head: Of the same model.
        rung: How; `alone` runs one conversation at a time, so no score depends on its company.
        groups: What to run.
        max_tokens: Of one forward pass.

    Returns:
        `values_MK`.
    """
    if rung == Rung.ALONE:
        members = [group.members(at, at + 1) for group in groups for at in range(len(group))]
        return torch.cat([_values(backbone, head, padded, [one], 0) for one in members])
    return _values(backbone, head, LADDER[rung], groups, max_tokens)


def _values(
    backbone: Backbone,
    head: Head,
    run: Callable[..., Tensor],
    groups: Sequence[TokenGroup],
    max_tokens: int,
) -> Tensor:
    hidden_ND = run(backbone, groups, max_tokens=max_tokens)
    return head(hidden_ND, [len(reads) for group in groups for reads in group.reads])


@dataclass(frozen=True, slots=True)
class _Conversation:
    ids: tuple[int, ...]
    reads: tuple[int, ...]
    pictures: Pictures | None


def _conversations(groups: Sequence[TokenGroup]) -> list[_Conversation]:
    return [
        _Conversation(group.prompt + suffix, reads, group.pictures)
        for group in groups
        for suffix, reads in zip(group.suffixes, group.reads, strict=True)
    ]


def _reads(group: TokenGroup) -> int:
    return sum(map(len, group.reads))


def _tree_row(backbone: Backbone, groups: Sequence[TokenGroup]) -> Tensor:
    sizes = [(len(g.prompt), [len(suffix) for suffix in g.suffixes]) for g in groups]
    segments = tuple(
        Segments(prompt=prompt, suffixes=suffixes, reads=group.reads)
        for group, (prompt, suffixes) in zip(groups, lay_out(sizes), strict=True)
    )
    read = [
        segment.row(member, at)
        for segment in segments
        for member, reads in enumerate(segment.reads)
        for at in reads
    ]
    plan = _plan(backbone, segments, sizes, read)
    ids = [token for g in groups for token in g.prompt]
    ids += [token for g in groups for suffix in g.suffixes for token in suffix]
    with activated(plan), backbone.group_attention():
        hidden_BTD = backbone.hidden(
            torch.tensor([ids]),
            pictures=[g.pictures for g in groups if g.pictures is not None],
            position_ids=_row_positions(backbone, groups),
            use_cache=False,
        )
    return hidden_BTD[0, read]


def _plan(
    backbone: Backbone,
    segments: tuple[Segments, ...],
    sizes: Sequence[tuple[int, Sequence[int]]],
    read: Sequence[int],
) -> AttentionPlan:
    tokens = sum(prompt + sum(suffixes) for prompt, suffixes in sizes)
    rows = sorted(set(read))
    narrow = backbone.last_layer is not None and 4 * len(rows) <= tokens
    varlen = (
        Varlen(backbone.kernel, sizes, device=backbone.device)
        if backbone.kernel is not None
        else None
    )
    return AttentionPlan(
        groups=segments,
        narrow_layer=backbone.last_layer if narrow else None,
        rows=torch.tensor(rows, device=backbone.device) if narrow else None,
        varlen=varlen,
    )


def _row_positions(backbone: Backbone, groups: Sequence[TokenGroup]) -> Tensor:
    """[1, T], or [3, 1, T] with images under multimodal rope: completions go on from the prompt."""
    prompts = [backbone.positions(group.prompt, group.pictures) for group in groups]
    behind = [
        torch.arange(first, first + len(suffix)).expand(*positions.shape[:-1], -1)
        for group, (positions, first) in zip(groups, prompts, strict=True)
        for suffix in group.suffixes
    ]
    return torch.cat([*(positions for positions, _ in prompts), *behind], dim=-1)


def _cached_group(backbone: Backbone, group: TokenGroup) -> Tensor:
    shared, count = len(group.prompt), len(group)
    positions, first = backbone.positions(group.prompt, group.pictures)
    cache = DynamicCache(config=backbone.decoder.config)
    prompt_BTD = backbone.hidden(
        torch.tensor([group.prompt]),
        pictures=[group.pictures] if group.pictures is not None else (),
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
    )
    cache.reorder_cache(torch.zeros(count, dtype=torch.long, device=backbone.device))
    ids_BT, mask_BT = _pad(group.suffixes)
    behind = torch.arange(first, first + ids_BT.shape[1])
    behind_BTD = backbone.hidden(
        ids_BT,
        attention_mask=torch.cat([torch.ones(count, shared, dtype=torch.long), mask_BT], dim=1),
        position_ids=behind.expand(*positions.shape[:-2], count, -1),
        past_key_values=cache,
        use_cache=True,
    )
    return torch.stack(
        [
            prompt_BTD[0, at] if at < shared else behind_BTD[member, at - shared]
            for member, reads in enumerate(group.reads)
            for at in reads
        ]
    )


def _batches(
    rows: Sequence[_Conversation], order: Sequence[int], max_tokens: int
) -> list[list[int]]:
    batches: list[list[int]] = []
    for at in order:
        batch = batches[-1] if batches else []
        alike = batch and (rows[batch[0]].pictures is None) == (rows[at].pictures is None)
        if alike and (len(batch) + 1) * len(rows[at].ids) <= max_tokens:
            batch.append(at)
        else:
            batches.append([at])
    return batches


def _run_padded(backbone: Backbone, rows: Sequence[_Conversation]) -> Tensor:
    ids_BT, mask_BT = _pad([row.ids for row in rows])
    pictures = [row.pictures for row in rows if row.pictures is not None]
    return backbone.hidden(ids_BT, pictures=pictures, attention_mask=mask_BT, use_cache=False)


def _pad(sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids padded on the right, and where they are real."""
    ids_BT = torch.zeros(len(sequences), max(map(len, sequences)), dtype=torch.long)
    mask_BT = torch.zeros_like(ids_BT)
    for row, ids in enumerate(sequences):
        ids_BT[row, : len(ids)] = torch.tensor(ids)
        mask_BT[row, : len(ids)] = 1
    return ids_BT, mask_BT
