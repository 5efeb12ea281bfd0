"""At start-up: the fastest rung whose scores agree with one conversation at a time."""

from __future__ import annotations

import io
import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image as PILImage
from torch import Tensor

from harmo.models.base import Conversations, Rung, Turn
from harmo.models.checkpoint.heads import Head
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.rungs import LADDER, values
from harmo.models.forward.token_group import TokenGroup
from harmo.models.forward.tokenise import Tokeniser

_log = logging.getLogger(__name__)

FP32_TOLERANCE = 1e-5
"""Of the scores' size, where that is above 1."""
HALF_TOLERANCE = 0.02
"""Of the scores' standard deviation, for 16-bit backbones."""
_WORDS = ("the", "sum", "of", "(3x", "+", "4)", "is", "not", "12.5,", "but", "seven", "squares.")
_UNFIT = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What an architecture raises that a rung was not made for; NotImplementedError is among them."""


class NotDeterministicError(RuntimeError):
    """Scores are not the same to the bit from run to run, and must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is tested: a model with its groups."""

    backbone: Backbone
    head: Head
    groups: tuple[TokenGroup, ...]
    max_tokens: int

    def scores(self, rung: Rung, groups: Sequence[TokenGroup] | None = None) -> Tensor:
        """`values_MK` of all members of `groups`, by default of all there are."""
        chosen = self.groups if groups is None else groups
        return values(self.backbone, self.head, rung, chosen, max_tokens=self.max_tokens)


@torch.inference_mode()
def choose_rung(subject: Subject) -> Rung:
    """The fastest rung that agrees with scoring one at a time; `padded` if none does.

    A 16-bit model may differ by `HALF_TOLERANCE`, or by what padding alone changes in it.
    """
    alone_MK = subject.scores(Rung.ALONE)
    if subject.backbone.module.dtype == torch.float32:
        tolerance = FP32_TOLERANCE * max(1.0, float(alone_MK.abs().max()))
    else:
        noise = float((subject.scores(Rung.PADDED) - alone_MK).abs().max())
        tolerance = max(HALF_TOLERANCE * float(alone_MK.std(0).min()), noise)
    *faster, plainest = LADDER
    for rung in faster:
        difference = _difference(subject, rung, alone_MK)
        _log.info("rung %s differs by %.3g, %.3g allowed", rung, difference, tolerance)
        if difference <= tolerance:
            return rung
    return plainest


def _difference(subject: Subject, rung: Rung, alone_MK: Tensor) -> float:
    """The largest from `alone_MK`, of all groups at once and of each in its own batch."""
    try:
        together_MK = subject.scores(rung)
        apart = [subject.scores(rung, [group]) for group in subject.groups]
    except _UNFIT as error:
        _log.info("rung %s does not fit: %s", rung, error)
        return math.inf
    difference = torch.stack([together_MK - alone_MK, torch.cat(apart) - alone_MK]).abs().max()
    return float(difference.nan_to_num(math.inf))


@torch.inference_mode()
def require_deterministic(subject: Subject) -> Rung:
    """The rung `alone`, after comparing bits under changing company.

    Args:
        subject: What to test.

    Returns:
        The rung's name.

    Raises:
        NotDeterministicError: If a score changes with what is scored beside it, or at random.
    """
    groups = subject.groups
    together = subject.scores(Rung.ALONE)
    backwards = subject.scores(Rung.ALONE, groups[::-1]).split([len(g) for g in groups[::-1]])
    if not torch.equal(together, torch.cat(backwards[::-1])):
        raise NotDeterministicError(
            f"{type(subject.backbone.module).__name__} on {subject.backbone.device} gives other"
            " bits from run to run; serve it without deterministic"
        )
    return Rung.ALONE


def probe_groups(tokeniser: Tokeniser, *, images: bool, window: int | None) -> list[TokenGroup]:
    """A few groups unlike in lengths, one longer than the sliding window, one with two images.

    Args:
        tokeniser: Of the model.
        images: Whether it takes images.
        window: Its sliding window, if any.

    Returns:
        Those of them that fit the model's limit.

    Raises:
        ValueError: If none does.
    """
    rng = random.Random(0)  # noqa: S311 - the same probes at every start
    asked = [_conversations(rng, 12, (1, 9, 30)), _conversations(rng, 60, (25, 2))]
    if window is not None:
        asked.append(_conversations(rng, window, (window // 4, 3)))
    if images:
        asked.append(_conversations(rng, 9, (14, 3), pictures=(_picture(40, 64), _picture(90, 60))))
    groups = [tokeniser.tokenise(conversations).group for conversations in asked]
    fitting = [group for group in groups if group is not None]
    if not fitting:
        raise ValueError("no probe fits: max_tokens is too small to score anything")
    return fitting


def _conversations(
    rng: random.Random, prompt: int, completions: Sequence[int], *, pictures: Sequence[bytes] = ()
) -> Conversations:
    def words(count: int) -> str:
        return " ".join(rng.choices(_WORDS, k=count))

    return Conversations(
        prompt=(Turn(role="user", parts=(*range(len(pictures)), words(prompt))),),
        completions=tuple(
            (Turn(role="assistant", parts=(words(count),)),) for count in completions
        ),
        images=tuple(pictures),
    )


def _picture(width: int, height: int) -> bytes:
    picture = PILImage.linear_gradient("L").resize((width, height)).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
