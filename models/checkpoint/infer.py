"""What a checkpoint says of itself: the inferred part of a manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

from harmo.models.checkpoint.files import Checkpoint
from harmo.models.checkpoint.layout import Layout

ARMORM_ATTRIBUTES = (
    "helpsteer-helpfulness",
    "helpsteer-correctness",
    "helpsteer-coherence",
    "helpsteer-complexity",
    "helpsteer-verbosity",
    "ultrafeedback-overall_score",
    "ultrafeedback-instruction_following",
    "ultrafeedback-truthfulness",
    "ultrafeedback-honesty",
    "ultrafeedback-helpfulness",
    "beavertails-is_safe",
    "prometheus-score",
    "argilla-overall_quality",
    "argilla-judge_lm",
    "code-complexity",
    "code-style",
    "code-explanation",
    "code-instruction-following",
    "code-readability",
)
"""ArmoRM's and QRM's, in the order of their model cards; their configs name none."""
GATING_PATTERNS = {
    "llama": "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    "gemma2": "<end_of_turn>\n<start_of_turn>model\n",
}
STEP_TOKEN = "<extra_0>"  # noqa: S105 - Qwen2.5-Math-PRM's, not a secret
LONGEST = 32_768


@dataclass(slots=True, kw_only=True)
class Inferred:
    """Manifest fields with the evidence for them."""

    fields: dict[str, object] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    could_not_tell: list[str] = field(default_factory=list)


def infer(
    checkpoint: Checkpoint, layout: Layout, tokenizer: PreTrainedTokenizerBase, *, images: bool
) -> Inferred:
    """Manifest fields of a checkpoint, what told them, and what nothing tells."""
    inferred = Inferred()
    config = checkpoint.config
    inferred.found.append(
        f"{config.model_type} backbone; {layout.name} head {layout.prefix}* of {layout.outputs}"
    )
    inferred.fields["images"] = images
    inferred.fields["dtype"] = _dtype(checkpoint)
    inferred.fields["max_tokens"] = _max_tokens(checkpoint, tokenizer)
    if _is_steps(checkpoint):
        _steps(inferred, layout, tokenizer)
    else:
        _pooled(inferred, checkpoint, layout)
    if tokenizer.chat_template is None:
        inferred.could_not_tell.append("template: the tokenizer has no chat template")
    return inferred


def _is_steps(checkpoint: Checkpoint) -> bool:
    names = " ".join(checkpoint.config.architectures or ())
    return "ProcessReward" in names or "TokenClassification" in names


def _steps(inferred: Inferred, layout: Layout, tokenizer: PreTrainedTokenizerBase) -> None:
    inferred.fields |= {"head": "steps", "pooling": "steps", "meaning": "unit"}
    if layout.outputs > 2:
        inferred.could_not_tell.append(f"step_positive: which of {layout.outputs} classes is right")
    if STEP_TOKEN in tokenizer.get_vocab():
        inferred.fields["step_token"] = STEP_TOKEN
        inferred.found.append(f"step token {STEP_TOKEN} in the vocabulary")
    else:
        inferred.could_not_tell.append("step_token: which token ends a step")
    inferred.could_not_tell.append("step_separator and step_reduce: taken as blank line and min")


def _pooled(inferred: Inferred, checkpoint: Checkpoint, layout: Layout) -> None:
    config = checkpoint.config
    value_head = layout.prefix.startswith(("v_head.", "value_head."))
    aspects = _aspects(checkpoint, layout, inferred)
    inferred.fields |= {
        "head": "scalar" if len(aspects) == 1 else "vector",
        "pooling": "last" if value_head else "last_not_pad",
        "aspects": aspects,
    }
    if layout.name == "gated":
        pattern = GATING_PATTERNS.get(config.model_type)
        if pattern is None:
            inferred.could_not_tell.append("gating_pattern: where the gating network reads")
        else:
            inferred.fields["gating_pattern"] = pattern


def _aspects(checkpoint: Checkpoint, layout: Layout, inferred: Inferred) -> tuple[str, ...]:
    count = layout.outputs - 1 if layout.name == "gated" else layout.outputs
    if layout.outputs == 1:
        return ("reward",)
    labels = checkpoint.config.id2label or {}
    named = len(labels) == count and not all(
        str(label) == f"LABEL_{index}" for index, label in labels.items()
    )
    if named:
        names = tuple(re.sub(r"[^A-Za-z0-9_-]+", "_", str(labels[i])) for i in range(count))
        inferred.found.append("aspect names in the config's id2label")
    elif layout.prefix == "regression_layer." and count == len(ARMORM_ATTRIBUTES):
        names = ARMORM_ATTRIBUTES
        inferred.found.append("19 attributes, taken as ArmoRM's")
    else:
        names = tuple(f"aspect_{index}" for index in range(count))
        inferred.could_not_tell.append(f"aspects: what the {count} outputs mean")
    return ("reward", *names) if layout.name == "gated" else names


def _dtype(checkpoint: Checkpoint) -> str:
    config = checkpoint.config
    written = config.dtype or config.get_text_config().dtype
    name = str(written).removeprefix("torch.")
    return name if name in ("bfloat16", "float16") else "float32"


def _max_tokens(checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase) -> int:
    config = checkpoint.config.get_text_config()
    positions = getattr(config, "max_position_embeddings", None) or LONGEST
    return min(positions, int(min(tokenizer.model_max_length, positions)), LONGEST)
