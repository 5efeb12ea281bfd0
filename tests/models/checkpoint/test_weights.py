"""Backbones: strict about their tensors, and on the device that was asked for."""

from __future__ import annotations

import pytest
import torch

from harmo.models.checkpoint.files import ModelRefusedError, open_checkpoint
from harmo.models.checkpoint.loader import load
from harmo.models.checkpoint.weights import load_backbone, pick_device
from tests.models import tiny
from tests.models.spoil import EMBED, Refusal, spoilt, tensors

REFUSALS: list[Refusal] = [
    (
        "a tensor is missing",
        "scalar",
        tensors(lambda t: t.pop(EMBED)),
        "are missing, such as embed",
    ),
    (
        "a tensor of no use",
        "scalar",
        tensors(lambda t: t.update({"adapter.weight": torch.ones(1)})),
        "belong to no part.*adapter.weight",
    ),
    (
        "a wrong shape",
        "scalar",
        tensors(lambda t: t.update({EMBED: torch.ones(3, tiny.HIDDEN)})),
        "size|shape",
    ),
    (
        "NaN in the backbone",
        "scalar",
        tensors(lambda t: t[EMBED].fill_(float("nan"))),
        "embed_tokens.weight holds NaN",
    ),
    (
        "infinity in the head",
        "scalar",
        tensors(lambda t: t["score.weight"].fill_(float("inf"))),
        "holds NaN or infinity",
    ),
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[why for why, *_ in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    with pytest.raises(ModelRefusedError, match=message):
        load(spoilt(saved("qwen2", head), tmp_path, spoil), device="cpu")


@pytest.mark.parametrize("name", ["cpu", "meta", "cuda:3"])
def test_a_device_is_the_one_named(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert str(pick_device(name)) == name


@pytest.mark.parametrize(
    ("name", "gpus", "message"),
    [
        ("gpu", 1, "device 'gpu': give auto, cpu, cuda or cuda:N"),
        ("cuda", 0, "device 'cuda': torch sees 0 GPUs here"),
        ("cuda:1", 1, "device 'cuda:1': torch sees 1 GPUs here"),
    ],
)
def test_a_device_that_is_not_there_is_refused(name, gpus, message, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    with pytest.raises(ModelRefusedError) as caught:
        pick_device(name)
    assert str(caught.value) == message


def test_auto_is_cuda_where_there_is_one():
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_what_nothing_reads_may_be_missing(saved, tmp_path):
    at = spoilt(saved("qwen2", "scalar"), tmp_path, tensors(lambda t: t.pop("model.norm.weight")))
    elsewhere = {"score.weight"}
    with pytest.raises(ModelRefusedError, match=r"such as norm\.weight"):
        load_backbone(open_checkpoint(at), dtype="float32", elsewhere=elsewhere)
    load_backbone(open_checkpoint(at), dtype="float32", elsewhere=elsewhere, may_miss="norm.")


def test_logits_that_are_capped_are_not_given_to_a_kernel_that_drops_the_cap(tmp_path):
    tiny.backbone("gemma2").save_pretrained(tmp_path)
    loaded = load_backbone(open_checkpoint(tmp_path), dtype="float32")
    assert loaded.config._attn_implementation == "eager"
