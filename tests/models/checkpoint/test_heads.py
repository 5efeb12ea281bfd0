"""Which positions heads read, and how they treat several conversations at once."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from harmo.models.checkpoint.heads import GatedHead, LastHead, MeanHead, StepHead

PAD, GATE = 9, [7, 8]


def stack(outputs: int = 1) -> nn.Linear:
    torch.manual_seed(outputs)
    return nn.Linear(4, outputs)


def gated(pattern: list[int] = GATE, pad: int | None = PAD) -> GatedHead:
    return GatedHead(
        regression=stack(3),
        mix_KK=torch.eye(3),
        gating=stack(3),
        temperature=10.0,
        logit_scale=1.0,
        pattern=pattern,
        pad_token_id=pad,
    )


@pytest.mark.parametrize(
    ("head", "ids", "steps", "expected", "why"),
    [
        (LastHead(stack(), pad_token_id=None), [1, 2, 3], (), (2,), "the last token"),
        (LastHead(stack(), pad_token_id=None), [1, 2, PAD], (), (2,), "a value head takes any"),
        (LastHead(stack(), pad_token_id=PAD), [1, 2, PAD, PAD], (), (1,), "padding is skipped"),
        (LastHead(stack(), pad_token_id=PAD), [1, PAD, 2], (), (2,), "only at the end"),
        (LastHead(stack(), pad_token_id=PAD), [PAD, PAD], (), (0,), "nothing but padding"),
        (LastHead(stack(), pad_token_id=PAD), [1], (), (0,), "one token"),
        (MeanHead(stack()), [1, 2, PAD], (), (0, 1, 2), "all tokens"),
        (StepHead(stack(2), positive=1, reduce="min"), [1, 5, 5], (1, 2), (1, 2), "as told"),
        (StepHead(stack(2), positive=1, reduce="min"), [1, 5, 5], (2,), (2,), "not by the id"),
        (gated(), [7, 8, 1, 7, 8, 2, PAD], (), (5, 3), "the last pattern, then its start"),
        (gated(), [1, 7, 7, 8], (), (3, 2), "an overlapping start"),
    ],
)
def test_positions(head, ids, steps, expected, why):
    assert head.positions(ids, steps) == expected, why


@pytest.mark.parametrize(
    ("head", "ids", "message"),
    [
        (LastHead(stack(), pad_token_id=None), [], "no tokens"),
        (MeanHead(stack()), [], "no tokens"),
        (StepHead(stack(2), positive=1, reduce="min"), [1, 2], "no step token"),
        (gated(), [1, 2, 3], r"gating pattern \[7, 8\]"),
        (gated(), [7], "gating pattern"),
    ],
)
def test_a_conversation_without_the_position_is_an_error(head, ids, message):
    with pytest.raises(ValueError, match=message):
        head.positions(ids)


@pytest.mark.parametrize(
    ("reduce", "expected"), [("min", 0.2), ("mean", 0.5), ("prod", 0.08), ("last", 0.5)]
)
def test_steps_are_reduced(reduce, expected):
    # The stack passes log-odds through: P(right) is what they say.
    passes = nn.Linear(1, 2, bias=False)
    passes.weight = nn.Parameter(torch.tensor([[0.0], [1.0]]))
    head = StepHead(passes, positive=1, reduce=reduce)
    hidden = torch.logit(torch.tensor([[0.8], [0.2], [0.5], [0.9]]))
    values = head(hidden, [3, 1])
    assert values[:, 0].tolist() == pytest.approx([expected, 0.9])


def test_one_logit_is_a_sigmoid_and_the_positive_class_can_be_another():
    hidden = torch.randn(3, 4)
    one = StepHead(stack(1), positive=1, reduce="last")
    assert torch.equal(one.probabilities(hidden), stack(1)(hidden)[:, 0].sigmoid())
    first = StepHead(stack(2), positive=0, reduce="last")
    assert torch.equal(first.probabilities(hidden), stack(2)(hidden).softmax(-1)[:, 0])


@pytest.mark.parametrize(
    ("head", "counts"),
    [
        (LastHead(stack(3), pad_token_id=None), [1, 1, 1, 1]),
        (MeanHead(stack()), [3, 1, 2]),
        (StepHead(stack(2), positive=1, reduce="prod"), [2, 5, 1]),
        (gated(), [2, 2, 2]),
    ],
)
def test_conversations_together_score_as_each_alone(head, counts):
    hidden = torch.randn(sum(counts), 4, generator=torch.Generator().manual_seed(0))
    together = head(hidden, counts)
    rows = hidden.split(counts)
    alone = torch.cat([head(h, [len(h)]) for h in rows])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)


def test_half_precision_rows_are_scored_in_float32_under_autocast():
    head = LastHead(stack(), pad_token_id=None)
    hidden = torch.randn(2, 4).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        values = head(hidden, [1, 1])
    assert values.dtype == torch.float32
    assert torch.equal(values, stack()(hidden.float()))
