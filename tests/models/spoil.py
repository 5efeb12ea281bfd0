"""Ways to spoil a checkpoint directory, one fault each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tests.models import tiny

Spoil = Callable[[Path], object]
Refusal = tuple[str, str, Spoil, str]
"""What is wrong, of which head's checkpoint, how to make it so, and what the refusal says."""


def spoilt(checkpoint: Path, tmp_path: Path, spoil: Spoil) -> Path:
    """A spoilt copy of a checkpoint."""
    at = tmp_path / "model"
    shutil.copytree(checkpoint, at)
    spoil(at)
    return at


def config(**changes: Any) -> Spoil:
    def spoil(at: Path) -> None:
        fields = json.loads((at / "config.json").read_text())
        (at / "config.json").write_text(json.dumps({**fields, **changes}))

    return spoil


def tensors(change: Callable[[dict[str, torch.Tensor]], object]) -> Spoil:
    def spoil(at: Path) -> None:
        held = load_file(at / "model.safetensors")
        change(held)
        save_file(held, at / "model.safetensors", metadata={"format": "pt"})

    return spoil


def manifest(text: str) -> Spoil:
    return lambda at: (at / "harmo.yaml").write_text(text)


def cut(name: str) -> Spoil:
    return lambda at: (at / name).write_bytes((at / name).read_bytes()[:-100])


def drop(*names: str) -> Spoil:
    return lambda at: [(at / name).unlink() for name in names]


def pickled(at: Path) -> None:
    (at / "model.safetensors").unlink()
    (at / "pytorch_model.bin").write_bytes(b"\x80\x04")


def without_template(at: Path) -> None:
    (at / "chat_template.jinja").unlink()


def larger_tokenizer(at: Path) -> None:
    larger = tiny.tokenizer()
    larger.add_tokens(["widget"])
    larger.save_pretrained(at)


def index(written: str) -> Spoil:
    return lambda at: (at / "model.safetensors.index.json").write_text(written)


def lost_shard(at: Path) -> None:
    weight_map = {"model.norm.weight": "a.safetensors", "gone": "b.safetensors"}
    index(json.dumps({"weight_map": weight_map}))(at)


def weights_elsewhere(at: Path) -> None:
    (at / "more").mkdir()
    shutil.copy(at / "model.safetensors", at / "more")
    index(json.dumps({"weight_map": {"model.norm.weight": "more/model.safetensors"}}))(at)


def two_heads(at: Path) -> None:
    tensors(lambda t: t.update({"score.weight": torch.ones(1, tiny.HIDDEN)}))(at)


def doubled(at: Path) -> None:
    shutil.copy(at / "model.safetensors", at / "again.safetensors")


EMBED = "model.embed_tokens.weight"
