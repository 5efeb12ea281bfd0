"""Tiny random sentence encoders and two-tower models, made in code and saved."""

from __future__ import annotations

from pathlib import Path

import torch
import transformers as tf
from tokenizers.processors import TemplateProcessing

from tests.models import tiny

START, END = tiny.IM_START, tiny.IM_END
MAX_TOKENS = 64
TWO_TOWERS = ("clip", "siglip")


def framed_tokenizer() -> tf.PreTrainedTokenizerFast:
    """The tiny tokenizer with a special token before and after every text."""
    fast = tiny.tokenizer()
    frame = TemplateProcessing(
        single="<|im_start|> $A <|im_end|>",
        special_tokens=[("<|im_start|>", START), ("<|im_end|>", END)],
    )
    fast.backend_tokenizer.post_processor = frame
    fast.unk_token = "<extra_0>"
    fast.model_max_length = MAX_TOKENS
    return fast


def framed(text: str) -> list[int]:
    """Token ids of a text as these encoders read it."""
    return [START, *tiny.tokenizer()(text).input_ids, END]


def sentence_encoder(directory: Path) -> Path:
    """Save a causal sentence encoder of 64 tokens, without a pooling file."""
    tiny.backbone("qwen3").save_pretrained(directory)
    framed_tokenizer().save_pretrained(directory)
    return directory


def two_towers(directory: Path, kind: str) -> Path:
    """Save a model of texts and images, one of TWO_TOWERS."""
    text = {
        "vocab_size": len(tiny.VOCABULARY),
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": MAX_TOKENS,
        "bos_token_id": START,
        "eos_token_id": END,
        "pad_token_id": tiny.PAD,
    }
    vision = {**text, "image_size": 28, "patch_size": 14}
    torch.manual_seed(3)
    if kind == "clip":
        config = tf.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
        tf.CLIPModel(config).save_pretrained(directory)
        crop = {"height": 28, "width": 28}
        processor = tf.CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size=crop)
    else:
        siglip_text = {**text, "projection_size": 16}
        config = tf.SiglipConfig(text_config=siglip_text, vision_config=vision)
        tf.SiglipModel(config).save_pretrained(directory)
        processor = tf.SiglipImageProcessorPil(size={"height": 28, "width": 28})
    framed_tokenizer().save_pretrained(directory)
    processor.save_pretrained(directory)
    return directory
