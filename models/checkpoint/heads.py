"""Reward heads: which hidden states they read, and the values they make of them.

Shapes: N rows of hidden states, M conversations, D hidden size, K aspects, C classes, Q quantiles.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from typing_extensions import override


class Head(nn.Module, ABC):
    """Reads some hidden states of each conversation and gives its K raw values, in float32."""

    @abstractmethod
    def positions(self, ids: Sequence[int], steps: Sequence[int] = ()) -> tuple[int, ...]:
        """Positions in one conversation whose hidden states `forward` wants, at least one.

        Args:
            ids: Token ids of the whole conversation, unpadded.
            steps: Where the step tokens stand; read by step heads only.

        Returns:
            As many positions as `forward` is to be told in `counts`, in the order it takes them.

        Raises:
            ValueError: If the head finds no such position.
        """

    @abstractmethod
    def values(self, hidden_ND: Tensor, counts: Sequence[int]) -> Tensor:
        """`values_MK` of float32 rows; see `forward`."""

    def forward(self, hidden_ND: Tensor, counts: Sequence[int]) -> Tensor:
        """`values_MK` in float32, before the manifest's transforms.

        Args:
            hidden_ND: Rows at `positions` of M conversations, one conversation after the other.
            counts: How many rows each of the M conversations has.

        Returns:
            One row of K values per conversation.
        """
        with torch.autocast(hidden_ND.device.type, enabled=False):
            return self.values(hidden_ND.float(), counts)


def _last(ids: Sequence[int], pad_token_id: int | None) -> int:
    """Position of the last token that is not padding; of the first if all are."""
    if not ids:
        raise ValueError("no tokens to score")
    return next((at for at in range(len(ids) - 1, 0, -1) if ids[at] != pad_token_id), 0)


class LastHead(Head):
    """A stack on the last token: Bradley-Terry, regression, value heads."""

    def __init__(self, stack: nn.Module, *, pad_token_id: int | None) -> None:
        super().__init__()
        self.stack = stack
        self.pad_token_id = pad_token_id
        """Skipped at the end, as transformers' classifiers do; None to read the very last token."""

    @override
    def positions(self, ids: Sequence[int], steps: Sequence[int] = ()) -> tuple[int, ...]:
        return (_last(ids, self.pad_token_id),)

    @override
    def values(self, hidden_ND: Tensor, counts: Sequence[int]) -> Tensor:
        return self.stack(hidden_ND)


class MeanHead(Head):
    """A stack on the mean of all hidden states."""

    def __init__(self, stack: nn.Module) -> None:
        super().__init__()
        self.stack = stack

    @override
    def positions(self, ids: Sequence[int], steps: Sequence[int] = ()) -> tuple[int, ...]:
        if not ids:
            raise ValueError("no tokens to score")
        return tuple(range(len(ids)))

    @override
    def values(self, hidden_ND: Tensor, counts: Sequence[int]) -> Tensor:
        return self.stack(torch.stack([h_ND.mean(0) for h_ND in hidden_ND.split(list(counts))]))


class StepHead(Head):
    """P(right) at every step token, reduced to one number in [0, 1]."""

    def __init__(
        self,
        stack: nn.Module,
        *,
        positive: int,
        reduce: Literal["min", "mean", "prod", "last"],
    ) -> None:
        super().__init__()
        self.stack = stack
        self.positive = positive
        self.reduce = reduce

    @override
    def positions(self, ids: Sequence[int], steps: Sequence[int] = ()) -> tuple[int, ...]:
        if not steps:
            raise ValueError("no step token in the conversation")
        return tuple(steps)

    def probabilities(self, hidden_ND: Tensor) -> Tensor:
        """P(right) of each row, [N]."""
        logits_NC = self.stack(hidden_ND.float())
        if logits_NC.shape[-1] == 1:
            return logits_NC[:, 0].sigmoid()
        return logits_NC.softmax(-1)[:, self.positive]

    @override
    def values(self, hidden_ND: Tensor, counts: Sequence[int]) -> Tensor:
        reduced = [self._reduced(p_N) for p_N in self.probabilities(hidden_ND).split(list(counts))]
        return torch.stack(reduced).unsqueeze(-1)

    def _reduced(self, p_N: Tensor) -> Tensor:
        if self.reduce == "min":
            return p_N.min()
        if self.reduce == "mean":
            return p_N.mean()
        return p_N.prod() if self.reduce == "prod" else p_N[-1]


class GatedHead(Head):
    """Attributes at the last token, and their sum under weights read from the prompt's end.

    ArmoRM (arXiv:2406.12845) and, with quantiles, QRM (arXiv:2409.10164). K is the gated scalar
    followed by the attributes.
    """

    def __init__(
        self,
        *,
        regression: nn.Linear,
        mix_KK: Tensor,
        gating: nn.Module,
        temperature: float,
        logit_scale: float,
        pattern: Sequence[int],
        pad_token_id: int | None,
    ) -> None:
        super().__init__()
        self.regression = regression
        self.gating = gating
        self.register_buffer("mix_KK", mix_KK)
        self.temperature = temperature
        self.logit_scale = logit_scale
        self.pattern = list(pattern)
        self.pad_token_id = pad_token_id

    @override
    def positions(self, ids: Sequence[int], steps: Sequence[int] = ()) -> tuple[int, ...]:
        last = _last(ids, self.pad_token_id)
        width = len(self.pattern)
        for start in range(len(ids) - width, -1, -1):
            if list(ids[start : start + width]) == self.pattern:
                return (last, start)
        raise ValueError(f"gating pattern {self.pattern} is not in the conversation")

    @override
    def values(self, hidden_ND: Tensor, counts: Sequence[int]) -> Tensor:
        hidden_M2D = hidden_ND.unflatten(0, (len(counts), 2))
        objectives = self.mix_KK.shape[0]
        quantiles_MKQ = self.regression(hidden_M2D[:, 0]).unflatten(1, (objectives, -1))
        attributes_MK = quantiles_MKQ.mean(-1)
        adjusted_MK = attributes_MK @ self.mix_KK
        weights_MK = (self.gating(hidden_M2D[:, 1]) / self.temperature).softmax(-1)
        score_M1 = (weights_MK * self.logit_scale * adjusted_MK).sum(-1, keepdim=True)
        shown_MK = adjusted_MK if quantiles_MKQ.shape[-1] > 1 else attributes_MK
        return torch.cat([score_M1, shown_MK], dim=-1)
