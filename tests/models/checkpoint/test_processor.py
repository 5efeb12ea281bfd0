"""Tokenizers and image processors: transformers' own, PIL only, never empty."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from harmo.models.checkpoint.files import ModelRefusedError, open_checkpoint
from harmo.models.checkpoint.loader import load
from harmo.models.checkpoint.processor import tokenizer_of
from tests.models.spoil import Refusal, drop, spoilt

REFUSALS: list[Refusal] = [
    (
        "no tokenizer",
        "scalar",
        drop("tokenizer.json", "tokenizer_config.json"),
        "no tokenizer.*copy that",
    ),
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[why for why, *_ in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    with pytest.raises(ModelRefusedError, match=message):
        load(spoilt(saved("qwen2", head), tmp_path, spoil), device="cpu")


def test_images_are_decoded_without_torchvision(saved):
    model = load(saved("qwen2_5_vl", "value_file"), device="cpu")
    assert type(model.processor.image_processor).__name__.endswith("Pil")
    assert model.processor.video_processor is None
    content = io.BytesIO()
    Image.new("RGB", (40, 40)).save(content, "PNG")
    inputs = model.processor.image_processor(
        [Image.open(io.BytesIO(content.getvalue()))], return_tensors="pt"
    )
    assert model.processor.replace_image_token(inputs, 0) == "<|image_pad|>"


def test_a_model_that_takes_no_images_has_no_processor(saved):
    tokenizer, processor = tokenizer_of(open_checkpoint(saved("qwen2", "scalar")))
    assert processor is None
    assert tokenizer.is_fast


def test_an_image_processors_template_is_the_tokenizers(saved, tmp_path):
    at = spoilt(saved("llava", "value_file"), tmp_path, lambda at: None)
    (at / "chat_template.jinja").write_text("{{ 1 }}")
    tokenizer, processor = tokenizer_of(open_checkpoint(at))
    assert processor.chat_template == tokenizer.chat_template == "{{ 1 }}"
