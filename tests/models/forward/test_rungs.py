"""Every rung reads the same hidden states, whatever the budget and the company."""

from __future__ import annotations

import random

import pytest
import torch

from harmo.models.base import Rung
from harmo.models.checkpoint.heads import LastHead, MeanHead
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.rungs import LADDER, values
from harmo.models.forward.token_group import TokenGroup, share
from tests.models import tiny


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return Backbone(tiny.backbone("qwen2"), device=torch.device("cpu"))


def head() -> LastHead:
    torch.manual_seed(0)
    return LastHead(torch.nn.Linear(tiny.HIDDEN, 2), pad_token_id=None)


def groups(reader: LastHead | MeanHead) -> list[TokenGroup]:
    """Groups unlike in size; the last shares nothing."""
    rng = random.Random(0)

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(rng.randrange(200) for _ in range(count))

    made = []
    for prompt, lengths in ((20, (3, 1, 9)), (2, (30,)), (0, (4, 6))):
        shared = tokens(prompt)
        members = [(*shared, at, *tokens(length)) for at, length in enumerate(lengths)]
        made.append(share(members, [reader.positions(member) for member in members]))
    return made


@pytest.mark.parametrize("max_tokens", [1, 40, 4096])
@pytest.mark.parametrize("rung", LADDER)
def test_every_rung_gives_what_one_at_a_time_gives(backbone, rung: Rung, max_tokens: int) -> None:
    for reader in (head(), MeanHead(torch.nn.Linear(tiny.HIDDEN, 1))):
        asked = groups(reader)
        with torch.inference_mode():
            alone = values(backbone, reader, Rung.ALONE, asked, max_tokens=max_tokens)
            together = values(backbone, reader, rung, asked, max_tokens=max_tokens)
        assert together.shape[0] == sum(map(len, asked))
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("rung", "expected", "why"),
    [
        (Rung.TREE, 1, "all groups in one row"),
        (Rung.CACHED, 2 + 2 + 1, "a prompt, then its completions; one batch where none is shared"),
        (Rung.PACKED, 3, "rows within the budget"),
        (Rung.PADDED, 4, "batches of like length within the budget"),
        (Rung.ALONE, 6, "a pass for each"),
    ],
)
def test_how_many_passes_a_rung_takes(backbone, rung: Rung, expected: int, why: str) -> None:
    passes = []
    handle = backbone.module.register_forward_hook(lambda *_: passes.append(1))
    with torch.inference_mode():
        values(backbone, head(), rung, groups(head()), max_tokens=64)
    handle.remove()
    assert len(passes) == expected, why
