"""What lies in a checkpoint directory, and what of it is refused before any weight is read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError, safe_open
from transformers import CONFIG_MAPPING, MODEL_MAPPING, AutoConfig, PreTrainedConfig

PATTERNS = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model", "harmo.yaml")
"""What is fetched from a hub, and what a version covers. Never Python, never pickles."""
DEPTH = 2
"""Folders below the checkpoint's that anything is read from."""
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


class ModelRefusedError(ValueError):
    """A checkpoint that is not hosted: says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A directory of safetensors with a native config. Nothing in it is executed."""

    name: str
    """Of the directory, or of the repository on the hub."""
    path: Path
    config: PreTrainedConfig
    shapes: Mapping[str, tuple[int, ...]]
    """Every tensor of every safetensors file."""
    files: Mapping[str, Path]
    """Tensor name to the file that holds it."""

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """sha256 of every file that shapes the numbers, by file name."""
        paths = sorted({p for pattern in PATTERNS for p in self.path.glob(pattern)})
        with ThreadPoolExecutor(max_workers=4) as pool:
            return {p.name: d for p, d in zip(paths, pool.map(_sha256, paths), strict=True)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_checkpoint(source: str | Path) -> Checkpoint:
    """The checkpoint in a directory, or of a hub id (`owner/name` or `owner/name@revision`).

    Raises ModelRefusedError if there is none, or it is pickled, an adapter, quantised, torn, or of
    an architecture that needs remote code.
    """
    path = Path(source).expanduser()
    name = path.resolve().name
    if not path.is_dir():
        name = str(source).partition("@")[0].rpartition("/")[2]
        path = _fetched(str(source))
    _refuse_irregular(path)
    _refuse_files(path)
    config = _config(path)
    shapes, files = _tensors(path)
    return Checkpoint(name=name, path=path, config=config, shapes=shapes, files=files)


def _fetched(source: str) -> Path:
    repo, _, revision = source.partition("@")
    if repo.count("/") != 1 or repo.startswith((".", "/", "~")):
        raise ModelRefusedError(f"{source}: no such directory, and not a hub id (owner/name)")
    try:
        return Path(
            snapshot_download(repo, revision=revision or None, allow_patterns=list(PATTERNS))
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelRefusedError(
            f"{source}: no such directory, and the hub did not give it: {error}"
        ) from error


def _refuse_irregular(path: Path) -> None:
    """A pipe, a device or a link that leads nowhere would hang whoever opens it, or never end."""
    for folder, folders, names in os.walk(path):
        if len(Path(folder).relative_to(path).parts) >= DEPTH:
            folders.clear()
        for name in [*folders, *names]:
            file = Path(folder, name)
            wanted = any(file.match(pattern) for pattern in PATTERNS)
            if not (file.is_file() or (file.is_dir() and not wanted)):
                raise ModelRefusedError(
                    f"{file}: not a regular file; a checkpoint is made of files, or links to files"
                )


def _refuse_files(path: Path) -> None:
    if (path / "adapter_config.json").exists():
        raise ModelRefusedError(
            f"{path}: a LoRA adapter; merge it into its base first "
            "(peft: merge_and_unload().save_pretrained(DIR)) and host that directory"
        )
    if not (path / "config.json").exists():
        raise ModelRefusedError(f"{path}: no config.json; give the directory of a checkpoint")
    if any(path.glob("*.safetensors")):
        return
    if pickles := [p.name for pattern in PICKLED for p in path.glob(pattern)]:
        raise ModelRefusedError(
            f"{path}: weights are pickled ({sorted(pickles)[0]}), and a pickle can run code; "
            "save the model again as safetensors on a machine you can spare"
        )
    raise ModelRefusedError(f"{path}: no *.safetensors file")


def _config(path: Path) -> PreTrainedConfig:
    try:
        written = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelRefusedError(f"{path}: config.json is not JSON: {error}") from error
    model_type = written.get("model_type") if isinstance(written, dict) else None
    if model_type not in CONFIG_MAPPING:
        remote = isinstance(written, dict) and "auto_map" in written
        raise ModelRefusedError(
            f"{path}: model_type {model_type!r} is not native to the installed transformers"
            + (
                "; the checkpoint brings its own Python code, which is never run: "
                "serve it with vLLM or SGLang and call that from a scorer of your own"
                if remote
                else "; upgrade transformers, or serve it elsewhere and call that from a scorer"
            )
        )
    if "quantization_config" in written:
        raise ModelRefusedError(f"{path}: quantised weights; host the unquantised checkpoint")
    try:
        config = AutoConfig.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise ModelRefusedError(f"{path}: transformers refuses config.json: {error}") from error
    if config.is_encoder_decoder or type(config) not in MODEL_MAPPING:
        raise ModelRefusedError(
            f"{path}: {model_type} is not one stack of layers that reads a whole conversation; "
            "host a decoder, an encoder or a vision-language model"
        )
    return config


def _tensors(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, Path]]:
    shapes: dict[str, tuple[int, ...]] = {}
    files: dict[str, Path] = {}
    for file in sorted(path.glob("*.safetensors")):
        try:
            with safe_open(file, framework="pt") as tensors:
                for key in tensors.keys():  # noqa: SIM118 - not a dict, it does not iterate
                    if key in shapes:
                        raise ModelRefusedError(f"{file}: {key} is also in {files[key].name}")
                    shapes[key] = tuple(tensors.get_slice(key).get_shape())
                    files[key] = file
        except SafetensorError as error:
            raise ModelRefusedError(f"{file}: torn or not a safetensors file: {error}") from error
    _refuse_wrong_index(path, files)
    return shapes, files


def _refuse_wrong_index(path: Path, files: Mapping[str, Path]) -> None:
    """An index may only say what the directory holds: transformers follows it wherever it leads."""
    for index in path.glob("*.safetensors.index.json"):
        try:
            written = json.loads(index.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelRefusedError(f"{index}: not JSON: {error}") from error
        listed = written.get("weight_map", {}) if isinstance(written, dict) else None
        if not isinstance(listed, dict):
            raise ModelRefusedError(
                f"{index}: no weight_map of tensors to files; download it again"
            )
        if missing := sorted(set(listed) - set(files)):
            raise ModelRefusedError(
                f"{path}: {index.name} lists {len(missing)} tensors that no file holds, "
                f"such as {missing[0]} of {listed[missing[0]]}; download it again"
            )
        for key, file in listed.items():
            if file != files[key].name:
                raise ModelRefusedError(
                    f"{index}: {key} is said to be in {file!r}, and is in {files[key].name}; "
                    "such an index loads weights that no digest covers: download it again"
                )
