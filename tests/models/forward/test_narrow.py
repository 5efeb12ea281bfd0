"""The last layer runs where it is read, under a plan that says so, and as before without one."""

from __future__ import annotations

import pytest
import torch
import transformers as tf
from torch import nn

from harmo.models.forward.group_attention import AttentionPlan, activated
from harmo.models.forward.narrow import narrow_last_layer
from tests.models import tiny


def decoder() -> nn.Module:
    return tiny.backbone("qwen2").get_decoder()


def without_mlp() -> nn.Module:
    built = decoder()
    built.layers[-1].mlp = nn.Module()
    del built.layers[-1].mlp
    return built


@pytest.mark.parametrize(
    ("build", "expected", "why"),
    [
        (decoder, 1, "the second of two"),
        (without_mlp, None, "a layer without one of the parts"),
        (nn.Module, None, "no layers"),
        (lambda: tf.BertModel(tf.BertConfig(num_hidden_layers=1)), None, "not like Llama's"),
    ],
)
def test_which_layer_is_narrowed(build, expected: int | None, why: str) -> None:
    assert narrow_last_layer(build()) == expected, why


def test_only_read_rows_are_computed_and_the_others_are_zero() -> None:
    built = decoder()
    mlp = built.layers[-1].mlp
    hidden = torch.randn(1, 6, tiny.HIDDEN)
    with torch.inference_mode():
        whole = mlp(hidden)
        narrow_last_layer(built)
        narrow_last_layer(built)
        assert torch.equal(mlp(hidden), whole), "no plan"
        with activated(AttentionPlan(groups=())):
            assert torch.equal(mlp(hidden), whole), "a plan that reads all rows"
        with activated(AttentionPlan(groups=(), rows=torch.tensor([1, 4]))):
            narrow = mlp(hidden)
    torch.testing.assert_close(narrow[:, [1, 4]], whole[:, [1, 4]])
    assert not narrow[:, [0, 2, 3, 5]].any()
