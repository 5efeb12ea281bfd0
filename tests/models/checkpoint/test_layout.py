"""Heads recognised by their tensors' names, and what does not fit together."""

from __future__ import annotations

import pytest
import torch

from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.layout import recognise
from harmo.models.checkpoint.loader import load
from tests.models import tiny
from tests.models.spoil import Refusal, spoilt, tensors

REFUSALS: list[Refusal] = [
    (
        "a head of another width",
        "mlp",
        tensors(lambda t: t.update({"score.0.weight": torch.ones(tiny.HIDDEN, 7)})),
        "do not fit together",
    ),
    (
        "a head with more in it",
        "mlp",
        tensors(lambda t: t.update({"score.norm.weight": torch.ones(1)})),
        "1 tensors of no known use, such as score.norm.weight",
    ),
    (
        "a layer of the head is missing",
        "mlp",
        tensors(lambda t: t.pop("score.2.weight")),
        "no known use|do not fit|names 1 aspects|tensors",
    ),
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[why for why, *_ in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    with pytest.raises(ModelRefusedError, match=message):
        load(spoilt(saved("qwen2", head), tmp_path, spoil), device="cpu")


@pytest.mark.parametrize(
    ("names", "expected", "why"),
    [
        ({"score.weight": (1, 8)}, [("linear", "score.", 1)], "one layer"),
        ({"score.0.weight": (8, 8), "score.2.weight": (3, 8)}, [("mlp", "score.", 3)], "two"),
        ({"v_head.summary.weight": (1, 8)}, [("linear", "v_head.summary.", 1)], "TRL's value head"),
        ({"v_head.weight": (1, 8)}, [("linear", "v_head.", 1)], "the same without the inner name"),
        ({"regression_layer.weight": (19, 8)}, [("linear", "regression_layer.", 19)], "no gate"),
        (
            {"regression_layer.weight": (19, 8), "gating.layers.0.weight": (5, 8)},
            [("gated", "regression_layer.", 6)],
            "the gate's outputs and the gated scalar",
        ),
        (
            {"score.weight": (1, 8), "value_head.weight": (1, 8)},
            [("linear", "score.", 1), ("linear", "value_head.", 1)],
            "two heads are both told of",
        ),
        ({"model.norm.weight": (8,), "lm_head.weight": (9, 8)}, [], "a language model has none"),
        ({"score.bias": (1,)}, [], "a bias is no head"),
    ],
)
def test_recognised(names, expected, why):
    assert [(head.name, head.prefix, head.outputs) for head in recognise(names)] == expected, why


def test_every_tensor_of_a_head_is_its_own():
    shapes = {"score.0.weight": (8, 8), "score.0.bias": (8,), "model.norm.weight": (8,)}
    (head,) = recognise(shapes)
    assert head.keys == {"score.0.weight", "score.0.bias"}
