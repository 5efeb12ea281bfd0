"""Reward models from disk or hub: a native backbone and a head rebuilt from tensor names."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase
from transformers.processing_utils import ProcessorMixin

from harmo.models.checkpoint.files import Checkpoint, ModelRefusedError, open_checkpoint
from harmo.models.checkpoint.heads import Head
from harmo.models.checkpoint.infer import infer
from harmo.models.checkpoint.layout import PREFIXES, Layout, build, recognise
from harmo.models.checkpoint.manifest import FILE_NAME, Manifest, read_overrides, resolve
from harmo.models.checkpoint.processor import tokenizer_of
from harmo.models.checkpoint.weights import load_backbone, pick_device, refuse_non_finite


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A reward model in memory, in eval mode, without gradients."""

    name: str
    manifest: Manifest
    backbone: nn.Module
    """transformers base model; its output has `last_hidden_state`."""
    head: Head
    """float32; `head.positions(ids, steps)` picks rows of one conversation, and
    `head(hidden_ND, counts)` gives the raw `values_MK` of several. `manifest.transformed` maps
    each of its rows to the scores."""
    tokenizer: PreTrainedTokenizerBase
    """With the chat template to use."""
    processor: ProcessorMixin | None
    """None for text models."""
    device: torch.device
    version: str
    """sha256 over manifest, weights, config, tokenizer and template."""
    found: tuple[str, ...]
    """What told the manifest's fields, in sentences."""


def load(
    source: str | Path,
    *,
    name: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    manifest: Path | None = None,
) -> LoadedModel:
    """A reward model from a directory or a hub id (`owner/name`, `owner/name@revision`).

    Args:
        source: Directory with safetensors, or hub id.
        name: What columns and cards call it; default: the last part of `source`.
        device: A torch device; `auto` is CUDA where there is one.
        dtype: Of the backbone; `auto` is the manifest's if it sets one, else the checkpoint's on
            CUDA and float32 on the CPU. The head is always float32.
        manifest: Manifest file; default: `harmo.yaml` beside the weights, if there is one.

    Returns:
        The model on its device, with the manifest it is to be read by.

    Raises:
        ModelRefusedError: Says why the checkpoint is not hosted and what to do.
    """
    checkpoint = open_checkpoint(source)
    on = pick_device(device)
    layout = head_layout(checkpoint)
    tokenizer, processor = tokenizer_of(checkpoint)
    inferred = infer(checkpoint, layout, tokenizer, images=processor is not None)
    if on.type == "cpu":
        inferred.fields["dtype"] = "float32"
    overrides = _overrides(checkpoint, manifest, dtype)
    resolved = resolve(inferred.fields, overrides)
    _refuse_mismatch(checkpoint, layout, resolved)
    _refuse_images(checkpoint, processor, resolved)
    _set_template(tokenizer, resolved)
    _refuse_step_token(checkpoint, tokenizer, resolved)
    head = _head(checkpoint, layout, resolved, tokenizer)
    refuse_non_finite(checkpoint, head.state_dict())
    with ThreadPoolExecutor(max_workers=1) as hashing:
        version = hashing.submit(_version, checkpoint, resolved)
        backbone = load_backbone(checkpoint, dtype=resolved.dtype, elsewhere=layout.keys)
    _refuse_foreign_tokenizer(checkpoint, tokenizer, backbone)
    return LoadedModel(
        name=name or checkpoint.name,
        manifest=resolved,
        backbone=backbone.to(on),
        head=head.to(on),
        tokenizer=tokenizer,
        processor=processor if resolved.images else None,
        device=on,
        version=version.result(),
        found=tuple(inferred.found),
    )


def _overrides(checkpoint: Checkpoint, manifest: Path | None, dtype: str) -> dict[str, object]:
    """What wins over the inferred fields: a manifest file's, and a dtype that was asked for."""
    beside = checkpoint.path / FILE_NAME
    overrides = read_overrides(manifest or beside) if manifest or beside.exists() else {}
    return overrides if dtype == "auto" else {**overrides, "dtype": dtype}


def head_layout(checkpoint: Checkpoint) -> Layout:
    """Where the checkpoint's head is; raises ModelRefusedError unless it has one that is known."""
    layouts = recognise(checkpoint.shapes)
    if not layouts:
        loose = sorted(key for key in checkpoint.shapes if ".layers." not in key)[:5]
        raise ModelRefusedError(
            f"{checkpoint.path}: no reward head among its tensors (looked for "
            f"{', '.join(PREFIXES)} and regression_layer.; it has {', '.join(loose)}, ...); "
            "serve a generative judge with vLLM or SGLang and call that from a scorer of your own"
        )
    if len(layouts) > 1:
        raise ModelRefusedError(
            f"{checkpoint.path}: several heads ({', '.join(head.prefix for head in layouts)}) and "
            "nothing says which one is meant; take the others out of the safetensors files"
        )
    return layouts[0]


def _refuse_mismatch(checkpoint: Checkpoint, layout: Layout, manifest: Manifest) -> None:
    for file, digest in manifest.sha256.items():
        held = checkpoint.digests.get(file)
        if held != digest.removeprefix("sha256:"):
            raise ModelRefusedError(
                f"{checkpoint.path}: sha256 of {file} is {held}, the manifest says {digest}; "
                "the file was changed or torn: download it again, or correct the manifest"
            )
    outputs = 1 if manifest.head == "steps" else layout.outputs
    if outputs != len(manifest.aspects):
        raise ModelRefusedError(
            f"{checkpoint.path}: the head gives {outputs} values, the manifest names "
            f"{len(manifest.aspects)} aspects ({', '.join(manifest.aspects)})"
        )
    if manifest.head == "steps" and manifest.step_positive >= max(2, layout.outputs):
        raise ModelRefusedError(
            f"{checkpoint.path}: step_positive is {manifest.step_positive}, the head has "
            f"{layout.outputs} classes, counted from 0"
        )
    if layout.name == "gated" and not manifest.gating_pattern:
        raise ModelRefusedError(
            f"{checkpoint.path}: the gating network reads the end of the prompt; write the text "
            f"that stands there as gating_pattern: in {FILE_NAME}"
        )
    if layout.name == "gated" and not manifest.pooling.startswith("last"):
        raise ModelRefusedError(
            f"{checkpoint.path}: a gated head reads the last token, not {manifest.pooling}"
        )


def _refuse_images(
    checkpoint: Checkpoint, processor: ProcessorMixin | None, manifest: Manifest
) -> None:
    if manifest.images and processor is None:
        raise ModelRefusedError(
            f"{checkpoint.path}: images: true, but it has no image processor; copy "
            "preprocessor_config.json of the model it was trained from, or write images: false"
        )


def _set_template(tokenizer: PreTrainedTokenizerBase, manifest: Manifest) -> None:
    if manifest.template is not None:
        tokenizer.chat_template = manifest.template
    if tokenizer.chat_template is None:
        raise ModelRefusedError(
            f"the tokenizer has no chat template; write one as template: in {FILE_NAME}"
        )


def _refuse_step_token(
    checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase, manifest: Manifest
) -> None:
    if manifest.step_token is not None and manifest.step_token not in tokenizer.get_vocab():
        raise ModelRefusedError(
            f"{checkpoint.path}: step_token {manifest.step_token!r} is not one token of the "
            f"vocabulary; write the token that stood after every step in training in {FILE_NAME}"
        )


def _refuse_foreign_tokenizer(
    checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase, backbone: nn.Module
) -> None:
    # Special tokens beyond the embedding occur, and no text can become one.
    added = tokenizer.added_tokens_decoder
    special = {at for at, token in added.items() if token.special}
    ids = (at for at in tokenizer.get_vocab().values() if at not in special)
    highest = max(ids, default=0)
    rows = backbone.get_input_embeddings().weight.shape[0]
    if highest >= rows:
        raise ModelRefusedError(
            f"{checkpoint.path}: the tokenizer has ids up to {highest}, the embedding {rows} rows; "
            "the tokenizer is not this model's"
        )


def _head(
    checkpoint: Checkpoint, layout: Layout, manifest: Manifest, tokenizer: PreTrainedTokenizerBase
) -> Head:
    tensors: dict[str, Tensor] = {}
    for key in layout.keys:
        with safe_open(checkpoint.files[key], framework="pt") as file:
            tensors[key] = file.get_tensor(key)
    text_config = checkpoint.config.get_text_config()
    pattern = manifest.gating_pattern
    return build(
        layout,
        manifest,
        tensors,
        hidden_size=text_config.hidden_size,
        pad_token_id=text_config.pad_token_id,
        gating_pattern=tokenizer(pattern, add_special_tokens=False).input_ids if pattern else (),
        gating_temperature=float(getattr(checkpoint.config, "gating_temperature", 10.0)),
    )


def _version(checkpoint: Checkpoint, manifest: Manifest) -> str:
    digests = {k: v for k, v in checkpoint.digests.items() if k != FILE_NAME}
    content = json.dumps([manifest.model_dump(mode="json"), digests], sort_keys=True)
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()
