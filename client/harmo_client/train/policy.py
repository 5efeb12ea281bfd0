"""The policy that is trained, and TRL's arguments for training it here."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from harmo_client.train.config import ConfigError, TrainConfig
from harmo_client.train.requirements import require_reporters

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, ProcessorMixin
    from trl import GRPOConfig

OUR_FIELDS = frozenset({"output_dir", "resume_from_checkpoint", "do_train"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A model with its tokenizer or processor."""

    model: PreTrainedModel
    processing: PreTrainedTokenizerBase | ProcessorMixin
    """A processor for vision-language policies, else a tokenizer."""

    @property
    def has_chat_template(self) -> bool:
        """Whether prompts are chat messages."""
        return bool(getattr(self.processing, "chat_template", None))


def load_policy(name: str, model_kwargs: dict[str, Any]) -> Policy:
    """The policy from a directory or the hub: vision-language where its config is one."""
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForImageTextToText,
        AutoProcessor,
    )
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    try:
        architecture = AutoConfig.from_pretrained(name)
        sees = type(architecture) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
        loader = AutoModelForImageTextToText if sees else AutoModelForCausalLM
        model = loader.from_pretrained(name, **{"dtype": "float32", **model_kwargs})
        processing = AutoProcessor.from_pretrained(
            name, truncation_side="left", padding_side="left"
        )
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(f"model: cannot load {name!r}: {error}") from error
    return Policy(model=model, processing=processing)


def grpo_arguments(config: TrainConfig, *, resumed: bool) -> GRPOConfig:
    """TRL's arguments: the config's `grpo` section over defaults that suit this machine."""
    import torch
    from trl import GRPOConfig

    _require_fields(config, {field.name for field in dataclasses.fields(GRPOConfig)} - OUR_FIELDS)
    require_reporters(config.grpo.get("report_to"))
    gpu = torch.cuda.is_available() and not config.grpo.get("use_cpu", False)
    defaults: dict[str, Any] = {
        "bf16": gpu and torch.cuda.is_bf16_supported() and not config.grpo.get("fp16", False),
        "gradient_checkpointing": gpu,
        "use_cpu": not gpu,
        "logging_steps": 1,
        "report_to": "none",
        "disable_tqdm": True,
        "log_completions": True,
        "num_completions_to_print": 0,  # harmo-train prints its own, shorter table
        **_evaluation(config),
    }
    # YAML reads a plain `no` as false, which is none of the words that a strategy takes.
    unsaid = {k: "no" for k, v in config.grpo.items() if k.endswith("_strategy") and v is False}
    fields = {**defaults, **config.grpo, **unsaid}
    if resumed:
        # The run has been evaluated where it stopped; twice would be two lines of one step.
        fields["eval_on_start"] = False
    try:
        return GRPOConfig(output_dir=str(config.output_dir), **fields)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"grpo: {error}") from error


def _require_fields(config: TrainConfig, known: set[str]) -> None:
    for name in config.grpo:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise ConfigError(f"grpo: trl.GRPOConfig takes no {name!r} here{hint}")


def _evaluation(config: TrainConfig) -> dict[str, Any]:
    """Defaults where there are held-out prompts: before training, now and then, at the end."""
    strategy = config.grpo.get("eval_strategy") or "no"
    if config.dataset.held_out is None:
        if strategy != "no":
            raise ConfigError(
                f"grpo.eval_strategy is {strategy!r} and there is nothing to evaluate on: name "
                "dataset.eval_path or dataset.eval_split"
            )
        return {}
    rows = config.grpo.get("per_device_train_batch_size")
    return {
        "eval_strategy": "steps",
        "eval_steps": config.curves_every,
        "eval_on_start": config.grpo.get("eval_strategy", "steps") not in ("no", False),
        **({"per_device_eval_batch_size": rows} if rows else {}),
    }


def lora_arguments(config: TrainConfig) -> LoraConfig | None:
    """LoRA's arguments, or None to train all weights."""
    if config.lora is None:
        return None
    from peft import LoraConfig

    try:
        return LoraConfig(**{"task_type": "CAUSAL_LM", **config.lora})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"lora: {error}") from error
