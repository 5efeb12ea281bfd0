"""Positions and inputs that a base model is called with."""

from __future__ import annotations

import pytest
import torch

from harmo.models.forward.backbone import Backbone
from harmo.models.forward.group_attention import NAME
from harmo.models.forward.token_group import Pictures
from tests.models import tiny

CPU = torch.device("cpu")
IMAGE = tiny.VOCABULARY["<|image_pad|>"]
START = tiny.VOCABULARY["<|vision_start|>"]


def pictures() -> Pictures:
    """One image of 4 x 4 patches: four tokens after merging."""
    grid = torch.tensor([[1, 4, 4]])
    pixels = torch.zeros(16, 3 * 2 * 14 * 14)
    inputs = {"pixel_values": pixels, "image_grid_thw": grid}
    return Pictures(inputs=inputs, expansions=((IMAGE,) * 4,))


def test_text_is_counted_from_nought() -> None:
    positions, after = Backbone(tiny.backbone("qwen2"), device=CPU).positions([5, 6, 7], None)
    assert positions.tolist() == [[0, 1, 2]]
    assert after == 3


def test_text_of_an_image_model_is_counted_so_too() -> None:
    backbone = Backbone(tiny.backbone("qwen2_5_vl"), device=CPU)
    assert backbone.positions([5, 6], None)[0].tolist() == [[0, 1]]


def test_an_image_takes_as_many_positions_as_its_longer_side() -> None:
    backbone = Backbone(tiny.backbone("qwen2_5_vl"), device=CPU)
    positions, after = backbone.positions([5, START, *[IMAGE] * 4, 6], pictures())
    time, height, width = positions[:, 0].tolist()
    assert time == [0, 1, 2, 2, 2, 2, 4]
    assert height == [0, 1, 2, 2, 3, 3, 4]
    assert width == [0, 1, 2, 3, 2, 3, 4]
    assert after == 5


@torch.inference_mode()
def test_images_change_what_follows_them() -> None:
    backbone = Backbone(tiny.backbone("qwen2_5_vl"), device=CPU)
    ids = torch.tensor([[5, START, *[IMAGE] * 4, 6]])
    bright = pictures()
    bright.inputs["pixel_values"].add_(1.0)
    dark, lit = (backbone.hidden(ids, pictures=[one]) for one in (pictures(), bright))
    assert torch.equal(dark[0, :2], lit[0, :2])
    assert not torch.allclose(dark[0, -1], lit[0, -1])


@pytest.mark.parametrize("fails", [False, True])
def test_attention_is_the_models_own_again_afterwards(fails: bool) -> None:
    backbone = Backbone(tiny.backbone("qwen2"), device=CPU)
    config = backbone.decoder.config
    own = config._attn_implementation
    try:
        with backbone.group_attention():
            assert config._attn_implementation == NAME
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert config._attn_implementation == own
