"""Tiny random reward models, made in code and saved in the layouts that publishers use."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers as tf
import yaml
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor, nn

TEXT = ("qwen2", "qwen3", "llama", "gemma3_text", "mistral")
IMAGE = ("qwen2_5_vl", "qwen3_vl", "llava", "idefics3")
HEADS = (
    "scalar",
    "vector",
    "mlp",
    "steps",
    "token_steps",
    "value",
    "value_mlp",
    "value_file",
    "regression",
    "gated",
    "quantile",
)
HIDDEN = 32
SPECIAL = (
    "<pad>",
    "<|im_start|>",
    "<|im_end|>",
    "<extra_0>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<image>",
    "<fake_token_around_image>",
    "<global-img>",
    *(f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)),
)
CHARACTERS = sorted(pre_tokenizers.ByteLevel.alphabet())
VOCABULARY = {token: index for index, token in enumerate((*CHARACTERS, *SPECIAL))}
PAD, IM_START, IM_END, STEP = (VOCABULARY[token] for token in SPECIAL[:4])
GATING_PATTERN = "<|im_end|>\n<|im_start|>assistant\n"
MANIFESTS: Mapping[str, dict[str, object]] = {
    "token_steps": {"step_token": "<extra_0>"},
    "gated": {"gating_pattern": GATING_PATTERN},
    "quantile": {"gating_pattern": GATING_PATTERN},
}
"""What cannot be told from these checkpoints."""
IMAGE_TEXT = {
    "qwen2_5_vl": "<|vision_start|><|image_pad|><|vision_end|>",
    "qwen3_vl": "<|vision_start|><|image_pad|><|vision_end|>",
    "llava": "<image>",
    "idefics3": "<image>",
}
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}"
    "{% if p.type == 'image' %}IMAGE{% else %}{{ p.text }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer(arch: str = "qwen2") -> tf.PreTrainedTokenizerFast:
    """Byte-level: every text round-trips, a token is a byte or a special string."""
    core = Tokenizer(models.BPE(vocab=VOCABULARY, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    fast = tf.PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        eos_token="<|im_end|>",
        additional_special_tokens=list(SPECIAL[1:]),
    )
    fast.chat_template = TEMPLATE.replace("IMAGE", IMAGE_TEXT.get(arch, ""))
    return fast


def config(arch: str, **changes: Any) -> tf.PreTrainedConfig:
    """A native config of two small layers."""
    text: dict[str, Any] = {
        "vocab_size": len(VOCABULARY),
        "hidden_size": HIDDEN,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 4096,
        "pad_token_id": PAD,
        "bos_token_id": None,
        "eos_token_id": IM_END,
    }
    if arch not in IMAGE:
        return _text_config(arch, {**text, **changes})
    return _image_config(arch, text, changes)


def _text_config(arch: str, text: dict[str, Any]) -> tf.PreTrainedConfig:
    if arch == "gemma3_text":
        text = {"sliding_window": 16, "sliding_window_pattern": 2, **text}
        return tf.Gemma3TextConfig(query_pre_attn_scalar=8, **text)
    if arch == "mistral":
        return tf.MistralConfig(**{"sliding_window": 16, **text})
    if arch == "gemma2":
        return tf.Gemma2Config(**{"query_pre_attn_scalar": 8, "sliding_window": 16, **text})
    kinds = {"qwen2": tf.Qwen2Config, "qwen3": tf.Qwen3Config, "llama": tf.LlamaConfig}
    if arch == "qwen2":
        text.pop("head_dim")
    return kinds[arch](**text)


def _image_config(
    arch: str, text: dict[str, Any], changes: Mapping[str, Any]
) -> tf.PreTrainedConfig:
    if arch in ("qwen2_5_vl", "qwen3_vl"):
        return _qwen_vl_config(arch, text, changes)
    text.pop("head_dim")
    if arch == "llava":
        vision = {
            "model_type": "clip_vision_model",
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 28,
            "patch_size": 14,
            "projection_dim": 16,
        }
        return tf.LlavaConfig(
            text_config={"model_type": "llama", **text},
            vision_config=vision,
            image_token_index=VOCABULARY["<image>"],
            image_seq_length=4,
            vision_feature_layer=-2,
            **changes,
        )
    return tf.Idefics3Config(
        text_config={"model_type": "llama", **text},
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 28,
            "patch_size": 7,
        },
        image_token_id=VOCABULARY["<image>"],
        scale_factor=2,
        pad_token_id=PAD,
        **changes,
    )


def _qwen_vl_config(
    arch: str, text: dict[str, Any], changes: Mapping[str, Any]
) -> tf.PreTrainedConfig:
    vision: dict[str, Any] = {
        "depth": 2,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": HIDDEN,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }
    rope: dict[str, Any] = {"rope_type": "default", "mrope_section": [2, 1, 1], "rope_theta": 1e4}
    tokens = {
        "image_token_id": VOCABULARY["<|image_pad|>"],
        "video_token_id": VOCABULARY["<|video_pad|>"],
        "vision_start_token_id": VOCABULARY["<|vision_start|>"],
        "vision_end_token_id": VOCABULARY["<|vision_end|>"],
    }
    if arch == "qwen2_5_vl":
        text.pop("head_dim")
        vision |= {"patch_size": 14, "window_size": 56, "fullatt_block_indexes": [1]}
        return tf.Qwen2_5_VLConfig(
            text_config={**text, "rope_parameters": rope},
            vision_config=vision,
            **tokens,
            **changes,
        )
    vision |= {"patch_size": 16, "deepstack_visual_indexes": [0], "num_position_embeddings": 16}
    return tf.Qwen3VLConfig(
        text_config={**text, "rope_parameters": {**rope, "mrope_interleaved": True}},
        vision_config=vision,
        **tokens,
        **changes,
    )


def image_processor(arch: str) -> Any:
    """Its PIL image processor, for pictures of a few patches."""
    if arch == "qwen2_5_vl":
        return tf.Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=56 * 56)
    if arch == "qwen3_vl":
        return tf.Qwen2VLImageProcessorPil(patch_size=16, min_pixels=32 * 32, max_pixels=64 * 64)
    if arch == "llava":
        size = {"height": 28, "width": 28}
        return tf.CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size=size)
    return tf.Idefics3ImageProcessorPil(
        size={"longest_edge": 28}, max_image_size={"longest_edge": 28}, do_image_splitting=False
    )


def processor_options(arch: str) -> dict[str, Any]:
    """What `processor_config.json` says besides its parts."""
    if arch == "llava":
        return {
            "processor_class": "LlavaProcessor",
            "patch_size": 14,
            "vision_feature_select_strategy": "default",
            "num_additional_image_tokens": 1,
            "image_token": "<image>",
        }
    if arch == "idefics3":
        return {"processor_class": "Idefics3Processor", "image_seq_len": 4}
    return {}


@functools.cache
def head_tensors(head: str, seed: int = 0) -> dict[str, Tensor]:
    """Tensors of a head by the names its publishers use."""
    generator = torch.Generator().manual_seed(1000 + seed)

    def linear(name: str, outputs: int, inputs: int = HIDDEN, *, bias: bool = True) -> None:
        tensors[f"{name}.weight"] = torch.randn(outputs, inputs, generator=generator) * 0.3
        if bias:
            tensors[f"{name}.bias"] = torch.randn(outputs, generator=generator)

    tensors: dict[str, Tensor] = {}
    if head in ("scalar", "vector"):
        linear("score", 1 if head == "scalar" else 5, bias=False)
    elif head in ("mlp", "steps"):
        linear("score.0", HIDDEN)
        linear("score.2", 1 if head == "mlp" else 2)
    elif head == "token_steps":
        linear("score", 2)
    elif head in ("value", "value_file"):
        linear("v_head.summary", 1)
    elif head == "value_mlp":
        linear("v_head.summary.0", 24)
        linear("v_head.summary.2", 1, 24)
    elif head == "regression":
        linear("regression_layer", 19, bias=False)
    else:
        _gated(tensors, linear, generator, quantiles=5 if head == "quantile" else 1)
    return tensors


def _gated(
    tensors: dict[str, Tensor], linear: Any, generator: torch.Generator, *, quantiles: int
) -> None:
    linear("regression_layer", 19 * quantiles, bias=False)
    tensors["reward_transform_matrix"] = torch.eye(19) - 0.1 * torch.rand(
        19, 19, generator=generator
    )
    tensors["gating.logit_scale"] = torch.tensor([1.25])
    if quantiles == 1:
        linear("gating.layers.0", 16)
        linear("gating.layers.1", 16, 16)
        linear("gating.layers.2", 19, 16)
        return
    for index, inputs in ((0, HIDDEN), (3, 16)):
        linear(f"gating.layers.{index}", 16, inputs, bias=False)
        at = f"gating.layers.{index + 2}"
        linear(at, 16, 1)
        tensors[f"{at}.weight"] = tensors[f"{at}.weight"].flatten()
        tensors[f"{at}.running_mean"] = torch.randn(16, generator=generator)
        tensors[f"{at}.running_var"] = torch.rand(16, generator=generator) + 0.5
        tensors[f"{at}.num_batches_tracked"] = torch.tensor(7)
    linear("gating.layers.6", 19, 16)


ARCHITECTURES = {
    "steps": "ForProcessRewardModel",
    "token_steps": "ForTokenClassification",
    "value": "ForCausalLM",
    "value_mlp": "ForCausalLM",
    "value_file": "ForConditionalGeneration",
}


def backbone(arch: str, *, seed: int = 0, **changes: Any) -> nn.Module:
    """The random base model that `checkpoint` of the same arguments saves."""
    torch.manual_seed(seed)
    model = tf.AutoModel.from_config(config(arch, **changes))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return model.eval()


def checkpoint(
    directory: Path, *, arch: str = "qwen2", head: str = "scalar", seed: int = 0, **changes: Any
) -> Path:
    """Save a reward model; its scores are `head_tensors(head, seed)` on `backbone(arch, seed)`.

    Args:
        directory: Where; made if need be.
        arch: One of TEXT and IMAGE.
        head: One of HEADS.
        seed: Of backbone and head.
        changes: Fields of the config.
    """
    if head in ("gated", "quantile"):
        changes = {"gating_temperature": 4.0, **changes}
    if head == "vector":
        names = ("helpful", "correct", "coherent", "complex", "verbose")
        changes = {"id2label": dict(enumerate(names)), "num_labels": 5, **changes}
    base = backbone(arch, seed=seed, **changes)
    directory.mkdir(parents=True, exist_ok=True)
    _save_backbone(base, directory, arch)
    _add_head(directory, head, seed)
    if overrides := MANIFESTS.get(head):
        (directory / "harmo.yaml").write_text(yaml.safe_dump(overrides))
    tokenizer(arch).save_pretrained(directory)
    if arch in IMAGE:
        image_processor(arch).save_pretrained(directory)
        if options := processor_options(arch):
            (directory / "processor_config.json").write_text(json.dumps(options))
    return directory


def classifier(directory: Path, *, seed: int = 0, **changes: Any) -> Path:
    """Save a Qwen2 classifier as transformers does, its scores spread as trained ones are."""
    torch.manual_seed(seed)
    # Wide enough for attention to matter.
    shape = config("qwen2", num_labels=1, initializer_range=0.1, **changes)
    tf.AutoModelForSequenceClassification.from_config(shape).eval().save_pretrained(directory)
    tokenizer().save_pretrained(directory)
    return directory


def _save_backbone(base: nn.Module, directory: Path, arch: str) -> None:
    """As the language model it was trained from: base tensors under its names, and `lm_head`."""
    kind = tf.AutoModelForImageTextToText if arch in IMAGE else tf.AutoModelForCausalLM
    language_model = kind.from_config(base.config)
    language_model.model.load_state_dict(base.state_dict())
    language_model.save_pretrained(directory)


def _add_head(directory: Path, head: str, seed: int) -> None:
    weights = directory / "model.safetensors"
    tensors, extra = load_file(weights), head_tensors(head, seed)
    if not head.startswith("value"):
        tensors.pop("lm_head.weight", None)
    if head == "value_file":
        save_file(extra, directory / "value_head.safetensors", metadata={"format": "pt"})
        extra = {}
    save_file({**tensors, **extra}, weights, metadata={"format": "pt"})
    path = directory / "config.json"
    written = json.loads(path.read_text())
    stem = written["architectures"][0].partition("For")[0]
    written["architectures"] = [stem + ARCHITECTURES.get(head, "ForSequenceClassification")]
    path.write_text(json.dumps(written))
