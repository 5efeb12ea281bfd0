"""Weights of transformers base models, loaded strictly and without code of the checkpoint's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import MODEL_MAPPING, AutoModel, PreTrainedConfig
from transformers.utils import logging

from harmo.models.checkpoint.files import Checkpoint, ModelRefusedError

LEFT_BEHIND = ("lm_head.", "inv_freq", "position_ids")
"""Parts of names that a language model's checkpoint holds and a base model does not use."""
NESTED = {r"^model\.visual\.": "visual.", r"^model\.language_model\.": "language_model."}
"""Names under which newer fine-tunes of Qwen2-VL and Qwen2.5-VL are saved, and the base model's."""


def pick_device(name: str) -> torch.device:
    """The torch device of that name; `auto` is CUDA where there is one.

    Raises ModelRefusedError if it is none that torch knows, or a GPU that is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ModelRefusedError(f"device {name!r}: give auto, cpu, cuda or cuda:N") from None
    if device.type == "cuda" and (device.index or 0) >= (gpus := torch.cuda.device_count()):
        raise ModelRefusedError(f"device {name!r}: torch sees {gpus} GPUs here")
    return device


def load_backbone(
    checkpoint: Checkpoint,
    *,
    dtype: str,
    elsewhere: Collection[str] = (),
    may_miss: str | None = None,
) -> nn.Module:
    """The base model on the CPU, in eval mode, without gradients.

    Args:
        checkpoint: Where from.
        dtype: Name of a torch dtype.
        elsewhere: Tensors that belong to another part, such as a head.
        may_miss: Prefix of tensors that may be absent because nothing reads their module.

    Returns:
        The model, every tensor of it from the checkpoint and finite.

    Raises:
        ModelRefusedError: If a tensor is missing, of no use, of a wrong shape or not finite.
    """
    try:
        with _quiet():
            backbone, report = AutoModel.from_pretrained(
                checkpoint.path,
                config=checkpoint.config,
                dtype=getattr(torch, dtype),
                # Named here because a config could name a kernel to be fetched from a hub.
                attn_implementation=_attention(checkpoint.config),
                key_mapping=NESTED if _is_nested(checkpoint) else None,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        raise ModelRefusedError(f"{checkpoint.path}: {error}") from error
    missing = {k for k in report["missing_keys"] if may_miss is None or not k.startswith(may_miss)}
    _refuse_tensors(checkpoint, missing, set(report["unexpected_keys"]) - set(elsewhere))
    refuse_non_finite(checkpoint, backbone.state_dict())
    return backbone.eval().requires_grad_(requires_grad=False)


def _refuse_tensors(
    checkpoint: Checkpoint, missing: Collection[str], unexpected: Collection[str]
) -> None:
    kind = checkpoint.config.model_type
    if missing:
        raise ModelRefusedError(
            f"{checkpoint.path}: {len(missing)} tensors of the {kind} backbone are missing, such "
            f"as {min(missing)}; download it again"
        )
    useless = {key for key in unexpected if not any(part in key for part in LEFT_BEHIND)}
    if useless:
        raise ModelRefusedError(
            f"{checkpoint.path}: {len(useless)} tensors belong to no part of a {kind} model that "
            f"is known here, such as {min(useless)}; its scores would not be its publisher's"
        )


def refuse_non_finite(checkpoint: Checkpoint, tensors: Mapping[str, Tensor]) -> None:
    """Raise ModelRefusedError if a tensor holds NaN or infinity."""
    for key, tensor in tensors.items():
        if not tensor.is_floating_point() or not tensor.numel():
            continue
        # The extremes carry NaN along and are many times faster than looking at each number.
        if not all(extreme.isfinite() for extreme in tensor.aminmax()):
            raise ModelRefusedError(
                f"{checkpoint.path}: {key} holds NaN or infinity; download it again"
            )


def _is_nested(checkpoint: Checkpoint) -> bool:
    """True if transformers would take the vision tower's names for the language model's."""
    return checkpoint.config.model_type in ("qwen2_vl", "qwen2_5_vl") and any(
        key.startswith("model.visual.") for key in checkpoint.shapes
    )


def _attention(config: PreTrainedConfig) -> str:
    """SDPA, except where it would drop a soft cap of the logits (Gemma 2)."""
    capped = getattr(config.get_text_config(), "attn_logit_softcapping", None) is not None
    return "sdpa" if MODEL_MAPPING[type(config)]._supports_sdpa and not capped else "eager"


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar and no load report: what matters of it is refused here."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
