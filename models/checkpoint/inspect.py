"""A draft manifest for a checkpoint, with what told its fields and what nothing told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from harmo.models.checkpoint.files import Checkpoint, open_checkpoint
from harmo.models.checkpoint.infer import Inferred, infer
from harmo.models.checkpoint.loader import head_layout
from harmo.models.checkpoint.manifest import FILE_NAME
from harmo.models.checkpoint.processor import tokenizer_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What `harmo models inspect` shows."""

    draft: str
    """YAML to save as `harmo.yaml`; open questions are comments in it."""
    found: tuple[str, ...]
    could_not_tell: tuple[str, ...]


def inspect(source: str | Path) -> Inspection:
    """A draft manifest of a directory or hub id; loads no weights.

    Raises ModelRefusedError if the checkpoint could not be hosted with any manifest.
    """
    checkpoint = open_checkpoint(source)
    layout = head_layout(checkpoint)
    tokenizer, processor = tokenizer_of(checkpoint)
    inferred = infer(checkpoint, layout, tokenizer, images=processor is not None)
    return Inspection(
        draft=_draft(checkpoint, inferred),
        found=tuple(inferred.found),
        could_not_tell=tuple(inferred.could_not_tell),
    )


def _draft(checkpoint: Checkpoint, inferred: Inferred) -> str:
    weights = {k: v for k, v in checkpoint.digests.items() if k.endswith(".safetensors")}
    fields = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in {**inferred.fields, "sha256": weights}.items()
    }
    questions = "".join(f"# ? {question}\n" for question in inferred.could_not_tell)
    head = f"# {FILE_NAME} of {checkpoint.name}; every field may be left out\n"
    return head + questions + yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)
