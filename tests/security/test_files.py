"""Attack 23: names of files, where no request may name one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.security.target import Target, group, require_nothing_leaked

PATHS = [
    "file:///etc/passwd",
    "/etc/passwd",
    "../../../../etc/passwd",
    "....//....//etc/passwd",
    "..\\..\\etc\\passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "answer.yaml",
    "./answer",
    "answer\x00.yaml",
    "\\\\host\\share\\file",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_no_recipe(target: Target, path: str) -> None:
    answer = target.score(group("5"), recipe=path)
    assert answer.status == 404
    assert "root:" not in answer.content.decode()
    require_nothing_leaked(target)


@pytest.mark.parametrize(
    "path",
    [
        "/recipes/../../../etc/passwd",
        "/recipes/%2e%2e/%2e%2e/etc/passwd",
        "/recipes/..%2f..%2fetc%2fpasswd",
        "/recipes//etc/passwd",
        "/recipes/%00",
        "/../etc/passwd",
        "//etc/passwd",
        "/docs/../../etc/passwd",
        "/static/../../etc/passwd",
    ],
)
def test_no_route_leads_to_a_file(target: Target, path: str) -> None:
    answer = target.ask("GET", path)
    assert answer.status == 404
    assert "root:" not in answer.content.decode()
    assert "Traceback" not in target.new_log()


def places(path: str) -> dict[str, dict[str, Any]]:
    return {
        "data": {"images": [{"data": path}]},
        "reference": {"reference": path},
        "schema": {"task": "json", "reference": None, "metadata": {"schema": {"$ref": path}}},
        "metadata": {"metadata": {"file": path}},
        "task": {"task": path},
        "prefix": {"prefix": path},
    }


@pytest.mark.parametrize("path", PATHS)
def test_a_path_anywhere_else_is_text(target: Target, path: str) -> None:
    for place, fields in places(path).items():
        texts = (path, f"\\boxed{{\\input{{{path}}}}}", f"<answer>{path}</answer>")
        answer = target.score(group(*texts, **fields), recipe="wide")
        assert answer.status == 200, place
        assert b"root:" not in answer.content
        require_nothing_leaked(target, answer)


def fifo(at: Path) -> None:
    os.mkfifo(at)


def endless(at: Path) -> None:
    at.symlink_to("/dev/zero")


def elsewhere(at: Path) -> None:
    """Links are how a hub's cache is made; what they lead to has to be what it is said to be."""
    (secret := at.parent.parent.parent / "secret").write_text("root:zqxsecret:0:0")
    at.symlink_to(secret)


OPEN = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
from harmo.models.checkpoint.files import ModelRefusedError, open_checkpoint
for folder in sorted(Path(sys.argv[1]).iterdir()):
    try:
        print(folder.name, "opened", open_checkpoint(folder).digests)
    except ModelRefusedError as error:
        print(folder.name, "refused", "zqxsecret" in str(error), flush=True)
"""
"""In a process of its own, which can be ended: a pipe that nobody writes would hold it for ever."""


def test_a_model_folder_holds_ordinary_files_only(tmp_path: Path) -> None:
    """A pipe and a device without end are refused before they are read."""
    cases, folders = [], tmp_path / "folders"
    folders.mkdir()
    for name in ("config.json", "model.safetensors"):
        for make in (fifo, endless, elsewhere):
            folder = folders / f"{make.__name__}-{name}"
            folder.mkdir()
            (folder / "config.json").write_text(json.dumps({"model_type": "qwen2"}))
            (folder / name).unlink(missing_ok=True)
            make(folder / name)
            cases.append(folder.name)
    opened = subprocess.run(
        [sys.executable, "-c", OPEN, str(folders)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert opened.stdout.split("\n")[:-1] == [f"{case} refused False" for case in sorted(cases)]
