"""Which rung an architecture is found to take, and what is refused as not deterministic."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
import transformers as tf

from harmo.models.checkpoint.heads import LastHead
from harmo.models.checkpoint.loader import load
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.selftest import (
    NotDeterministicError,
    Subject,
    choose_rung,
    probe_groups,
    require_deterministic,
)
from harmo.models.forward.token_group import Pictures, share
from harmo.models.forward.tokenise import Tokeniser


class Restless(LastHead):
    """Gives every call other bits."""

    calls = 0

    def values(self, hidden, counts):
        self.calls += 1
        return super().values(hidden, counts) + self.calls * 1e-6


def test_deterministic_is_refused_where_bits_differ(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    subject = Subject(
        backbone=Backbone(loaded.backbone, device=loaded.device),
        head=Restless(loaded.head.stack, pad_token_id=None),
        groups=(share([(1, 2, 3), (1, 2, 4)], [(2,), (2,)]),),
        max_tokens=100,
    )
    with pytest.raises(NotDeterministicError, match="without deterministic"):
        require_deterministic(subject)


def gemma2() -> tf.PreTrainedConfig:
    return tf.Gemma2Config(attn_logit_softcapping=2.0, sliding_window=6, head_dim=8, **SMALL)


def qwen3_5() -> tf.PreTrainedConfig:
    kinds = ["linear_attention", "full_attention"]
    linear = {f"linear_{part}_head_dim": 8 for part in ("key", "value")}
    heads = {"linear_num_key_heads": 2, "linear_num_value_heads": 4}
    return tf.Qwen3_5TextConfig(layer_types=kinds, head_dim=8, **linear, **heads, **SMALL)


def bidirectional() -> tf.PreTrainedConfig:
    return tf.BertConfig(**{k: v for k, v in SMALL.items() if k != "num_key_value_heads"})


SMALL = {
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
}


@pytest.mark.parametrize(
    ("make", "rung"),
    [
        pytest.param(gemma2, "cached", id="capped logits"),
        pytest.param(qwen3_5, "cached", id="linear attention layers"),
        pytest.param(bidirectional, "padded", id="sees both ways"),
    ],
)
def test_architectures_take_the_fastest_rung_that_agrees(
    make: Callable[[], tf.PreTrainedConfig], rung: str
) -> None:
    torch.manual_seed(0)
    module = tf.AutoModel.from_config(make()).eval().requires_grad_(requires_grad=False)
    for weight in module.parameters():
        weight.add_(torch.randn_like(weight) * 0.1)
    rng = random.Random(1)
    members = [(5, 6, 7, 8, *(rng.randrange(1, 100) for _ in range(n))) for n in (3, 9, 1)]
    subject = Subject(
        backbone=Backbone(module, device=torch.device("cpu")),
        head=LastHead(torch.nn.Linear(32, 1), pad_token_id=None),
        groups=(share(members, [(len(member) - 1,) for member in members]),),
        max_tokens=100,
    )
    assert choose_rung(subject) == rung


def test_images_that_see_each_other_are_shared_only_as_a_whole() -> None:
    text = {"head_dim": 8, "sliding_window": 64, **SMALL}
    vision = {"image_size": 28, "patch_size": 14, "num_hidden_layers": 1, "hidden_size": 16}
    config = tf.Gemma3Config(
        text_config=text,
        vision_config={**vision, "intermediate_size": 16, "num_attention_heads": 2},
        mm_tokens_per_image=4,
        image_token_index=99,
    )
    torch.manual_seed(0)
    module = tf.AutoModel.from_config(config).eval().requires_grad_(requires_grad=False)
    for weight in module.parameters():
        weight.add_(torch.randn_like(weight) * 0.1)
    pictures = Pictures(inputs={"pixel_values": torch.randn(1, 3, 28, 28)}, expansions=((99,) * 4,))
    members = [(5, 99, 99, 99, 99, 6, *rest) for rest in ((7, 8), (9,), (7, 3, 4))]
    reads = [(len(member) - 1,) for member in members]
    subject = Subject(
        backbone=Backbone(module, device=torch.device("cpu")),
        head=LastHead(torch.nn.Linear(32, 1), pad_token_id=None),
        groups=(share(members, reads, pictures),),
        max_tokens=100,
    )
    assert choose_rung(subject) == "cached"


@pytest.mark.parametrize(
    ("arch", "window", "count"),
    [
        pytest.param("qwen2", None, 2, id="text"),
        pytest.param("mistral", 16, 3, id="one group is longer than the window"),
        pytest.param("llava", None, 3, id="one group has images"),
    ],
)
def test_probes_are_of_every_kind_the_model_takes(saved, arch: str, window, count: int) -> None:
    loaded = load(saved(arch, "value_file" if arch == "llava" else "scalar"), device="cpu")
    tokeniser = Tokeniser(
        loaded.tokenizer, loaded.manifest, loaded.head, processor=loaded.processor
    )
    groups = probe_groups(tokeniser, images=loaded.manifest.images, window=window)
    assert len(groups) == count
    assert sum(group.pictures is not None for group in groups) == (arch == "llava")
    if window is not None:
        assert max(len(group.prompt) for group in groups) > window


def test_a_limit_that_no_probe_fits_is_refused(saved) -> None:
    loaded = load(saved("qwen2", "scalar"), device="cpu")
    narrow = loaded.manifest.model_copy(update={"max_tokens": 2})
    with pytest.raises(ValueError, match="max_tokens is too small"):
        probe_groups(Tokeniser(loaded.tokenizer, narrow, loaded.head), images=False, window=None)
