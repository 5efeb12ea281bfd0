"""Checkpoints that are refused, each with a sentence that says why and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import load_file, save_file

from harmo.models.checkpoint import files as checkpoint
from harmo.models.checkpoint.files import ModelRefusedError, open_checkpoint
from harmo.models.checkpoint.loader import load
from tests.models import tiny

Spoil = Callable[[Path], object]


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
REFUSALS: list[tuple[str, str, Spoil, str]] = [
    ("no config", "scalar", drop("config.json"), "no config.json"),
    ("no weights", "scalar", drop("model.safetensors"), "no .*safetensors"),
    ("pickled weights", "scalar", pickled, "pickle can run code; save the model again"),
    (
        "a LoRA adapter",
        "scalar",
        lambda at: (at / "adapter_config.json").write_text("{}"),
        "LoRA adapter; merge it",
    ),
    ("config not JSON", "scalar", lambda at: (at / "config.json").write_text("{"), "not JSON"),
    (
        "config a list",
        "scalar",
        lambda at: (at / "config.json").write_text("[]"),
        "model_type None",
    ),
    (
        "remote code only",
        "scalar",
        config(model_type="internlm2", auto_map={"AutoModel": "m.M"}),
        "'internlm2' is not native.*never run: serve it with vLLM",
    ),
    ("an encoder-decoder", "scalar", config(model_type="t5"), "t5 is not one stack of layers"),
    ("no base model", "scalar", config(model_type="musicgen"), "musicgen is not one stack"),
    ("unknown type", "scalar", config(model_type="qwen99"), "'qwen99' is not native.*upgrade"),
    (
        "quantised",
        "scalar",
        config(quantization_config={"quant_method": "awq"}),
        "quantised weights; host the unquantised",
    ),
    ("torn weights", "scalar", cut("model.safetensors"), "torn or not a safetensors"),
    ("a shard is missing", "scalar", lost_shard, "lists 1 tensors that no file holds"),
    ("an index that is torn", "scalar", index("{"), "index.json: not JSON"),
    ("an index that is a list", "scalar", index("[]"), "no weight_map"),
    ("an index that leads elsewhere", "scalar", weights_elsewhere, "that no digest covers"),
    ("a tensor twice", "scalar", doubled, "is also in"),
    ("two heads", "value_file", two_heads, r"several heads \(score., v_head.summary.\)"),
    ("a language model", "scalar", tensors(lambda t: t.pop("score.weight")), "no reward head"),
    (
        "a tensor is missing",
        "scalar",
        tensors(lambda t: t.pop(EMBED)),
        "are missing, such as embed",
    ),
    (
        "a tensor of no use",
        "scalar",
        tensors(lambda t: t.update({"adapter.weight": torch.ones(1)})),
        "belong to no part.*adapter.weight",
    ),
    (
        "a wrong shape",
        "scalar",
        tensors(lambda t: t.update({EMBED: torch.ones(3, tiny.HIDDEN)})),
        "size|shape",
    ),
    (
        "NaN in the backbone",
        "scalar",
        tensors(lambda t: t[EMBED].fill_(float("nan"))),
        "embed_tokens.weight holds NaN",
    ),
    (
        "infinity in the head",
        "scalar",
        tensors(lambda t: t["score.weight"].fill_(float("inf"))),
        "holds NaN or infinity",
    ),
    (
        "a head of another width",
        "mlp",
        tensors(lambda t: t.update({"score.0.weight": torch.ones(tiny.HIDDEN, 7)})),
        "do not fit together",
    ),
    (
        "a head with more in it",
        "mlp",
        tensors(lambda t: t.update({"score.norm.weight": torch.ones(1)})),
        "1 tensors of no known use, such as score.norm.weight",
    ),
    (
        "a layer of the head is missing",
        "mlp",
        tensors(lambda t: t.pop("score.2.weight")),
        "no known use|do not fit|names 1 aspects|tensors",
    ),
    (
        "no tokenizer",
        "scalar",
        drop("tokenizer.json", "tokenizer_config.json"),
        "no tokenizer.*copy that",
    ),
    (
        "a tokenizer of another model",
        "scalar",
        larger_tokenizer,
        "the tokenizer is not this model's",
    ),
    ("no template", "scalar", without_template, "no chat template; write one as template:"),
    (
        "tampered weights",
        "scalar",
        manifest(f"sha256: {{model.safetensors: {'ab' * 32}}}"),
        "sha256 of model.safetensors is .* the manifest says abab.*download it again",
    ),
    (
        "a file the manifest names is gone",
        "scalar",
        manifest(f"sha256: {{gone.safetensors: {'ab' * 32}}}"),
        "sha256 of gone.safetensors is None",
    ),
    ("manifest not YAML", "scalar", manifest("a: ["), "cannot read the manifest"),
    ("manifest a list", "scalar", manifest("- 1"), "a manifest is a mapping"),
    ("manifest field unknown", "scalar", manifest("pool: last"), "harmo.yaml: pool"),
    (
        "more aspects than outputs",
        "scalar",
        manifest("head: vector\naspects: [a, b]"),
        "gives 1 values.*2 aspects",
    ),
    ("gating position unknown", "gated", drop("harmo.yaml"), "gating_pattern: in harmo.yaml"),
    ("no gating position", "gated", manifest("gating_pattern: ''"), "gating_pattern: in harmo"),
    (
        "a gated mean",
        "gated",
        manifest("gating_pattern: x\npooling: mean"),
        "reads the last token, not mean",
    ),
    ("a class too many", "steps", manifest("step_positive: 2"), "has 2 classes, counted from 0"),
    ("images of a text model", "scalar", manifest("images: true"), "no image processor"),
    ("a step token of two", "steps", manifest("step_token: ab"), "'ab' is not one token"),
    ("step token unknown", "token_steps", manifest("step_token: null"), "needs step_token"),
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[r[0] for r in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    at = tmp_path / "model"
    shutil.copytree(saved("qwen2", head), at)
    spoil(at)
    with pytest.raises(ModelRefusedError, match=message):
        load(at, device="cpu")


def test_its_own_code_is_ignored_where_the_architecture_is_native(saved, tmp_path):
    at = tmp_path / "model"
    shutil.copytree(saved("qwen2", "steps"), at)
    (at / "modeling_evil.py").write_text("raise SystemExit('ran')")
    config(
        auto_map={"AutoModel": "modeling_evil.Evil", "AutoConfig": "modeling_evil.Config"},
    )(at)
    assert type(load(at, device="cpu").backbone).__name__ == "Qwen2Model"


def test_a_config_cannot_choose_a_kernel(saved, tmp_path):
    at = tmp_path / "model"
    shutil.copytree(saved(), at)
    config(attn_implementation="someone/kernel", _attn_implementation="someone/kernel")(at)
    assert load(at, device="cpu").backbone.config._attn_implementation == "sdpa"


@pytest.mark.parametrize(
    ("spoil", "same", "why"),
    [
        (lambda at: None, True, "the directory does not matter"),
        (lambda at: (at / "README.md").write_text("x"), True, "nor do files nobody reads"),
        (tensors(lambda t: t["score.weight"].add_(1)), False, "weights"),
        (lambda at: (at / "chat_template.jinja").write_text("{{ 1 }}"), False, "template"),
        (manifest("max_tokens: 64"), False, "manifest"),
        (manifest("transform: {kind: sigmoid}"), False, "transform"),
    ],
)
def test_the_version_covers_what_shapes_the_numbers(saved, tmp_path, spoil, same, why):
    at = tmp_path / "elsewhere"
    shutil.copytree(saved(), at)
    spoil(at)
    versions = load(saved(), device="cpu").version, load(at, device="cpu").version
    assert (versions[0] == versions[1]) is same, why


def test_a_model_is_called_after_its_directory_or_repository(saved, monkeypatch):
    asked = []

    def snapshot(repo: str, **options: Any) -> str:
        asked.append((repo, options["revision"], options["allow_patterns"]))
        return str(saved())

    monkeypatch.setattr(checkpoint, "snapshot_download", snapshot)
    assert load(saved(), device="cpu").name == "qwen2-scalar"
    assert load("owner/Small-RM@v1", device="cpu").name == "Small-RM"
    assert load(saved(), name="mine", device="cpu").name == "mine"
    ((repo, revision, patterns),) = asked
    assert (repo, revision) == ("owner/Small-RM", "v1")
    assert not any(".py" in pattern or ".bin" in pattern for pattern in patterns)


@pytest.mark.parametrize("source", ["nowhere", "/no/such/directory", "./a/b", "../x", "a/b/c"])
def test_what_is_neither_a_directory_nor_a_hub_id_is_refused(source):
    with pytest.raises(ModelRefusedError, match="no such directory, and not a hub id"):
        open_checkpoint(source)


def test_a_hub_that_does_not_answer_is_a_refusal(monkeypatch):
    def snapshot(repo: str, **options: Any) -> str:
        raise LocalEntryNotFoundError("offline")

    monkeypatch.setattr(checkpoint, "snapshot_download", snapshot)
    with pytest.raises(ModelRefusedError, match="the hub did not give it: offline"):
        open_checkpoint("owner/model")
