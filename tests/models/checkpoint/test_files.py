"""Checkpoints that are refused, each with a sentence that says why and what to do."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from harmo.models.checkpoint import files as checkpoint
from harmo.models.checkpoint.files import ModelRefusedError, open_checkpoint
from harmo.models.checkpoint.loader import load
from tests.models.spoil import (
    Refusal,
    config,
    cut,
    doubled,
    drop,
    index,
    lost_shard,
    manifest,
    pickled,
    spoilt,
    tensors,
    weights_elsewhere,
)

REFUSALS: list[Refusal] = [
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
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[why for why, *_ in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    with pytest.raises(ModelRefusedError, match=message):
        load(spoilt(saved("qwen2", head), tmp_path, spoil), device="cpu")


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


def fifo(at: Path) -> None:
    os.mkfifo(at)


def listening(at: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made, contextlib.chdir(at.parent):
        made.bind(at.name)


IRREGULAR = [
    (fifo, "a pipe that nobody writes to"),
    (listening, "a socket"),
    (lambda at: at.symlink_to("/dev/zero"), "a device that never ends"),
    (lambda at: at.symlink_to(at), "a link to itself"),
    (lambda at: at.symlink_to(at.parent / "gone"), "a link that leads nowhere"),
    (lambda at: at.mkdir(), "a folder with the name of a file"),
]


@pytest.mark.parametrize(("make", "why"), IRREGULAR, ids=[why for _, why in IRREGULAR])
@pytest.mark.parametrize(
    "name",
    [
        *("config.json", "model.safetensors", "tokenizer.json", "harmo.yaml"),
        *("chat_template.jinja", "1_Pooling/config.json", "stray.json"),
    ],
)
def test_what_is_no_regular_file_is_not_opened(saved, tmp_path, make, why, name):
    at = tmp_path / "model"
    shutil.copytree(saved(), at)
    (at / name).parent.mkdir(exist_ok=True)
    (at / name).unlink(missing_ok=True)
    make(at / name)
    with pytest.raises(ModelRefusedError, match=f"{name}: not a regular file"):
        open_checkpoint(at)


def test_links_to_files_are_files_and_a_folder_that_holds_itself_is_no_trouble(saved, tmp_path):
    at = tmp_path / "model"
    at.mkdir()
    for file in saved().iterdir():
        (at / file.name).symlink_to(file)
    (at / "loop").symlink_to(at)
    assert load(at, device="cpu").version == load(saved(), device="cpu").version


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
