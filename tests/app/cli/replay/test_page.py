"""docs/replay.md: its commands are typed, and print what the page says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.process import HARMO, free_port

PAGE = (Path(__file__).parents[4] / "docs" / "replay.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?:sh)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def typed(command: str, folder: Path) -> str:
    ran = subprocess.run(
        ["bash", "-c", f"set -m\n{command}"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return plain(ran.stdout)


def plain(text: str) -> str:
    """Without what a later day may change: versions, and white space at the ends of lines."""
    return re.sub(r" +$", "", re.sub(r"sha256:\w+", "sha256:", text), flags=re.MULTILINE)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """The page's blocks, and the folder in which its service has scored."""
    folder, port = tmp_path_factory.mktemp("page"), free_port()
    blocks = [block.replace(".venv/bin/harmo", HARMO) for block in BLOCK.findall(PAGE)]
    serve = blocks[0].replace("harmo serve", f"harmo serve --port {port}")
    typed(serve.replace("localhost:8000", f"localhost:{port}"), folder)
    return blocks, folder


def test_the_page_shows_what_a_replay_prints(blocks: tuple[list[str], Path]) -> None:
    (_, command, shown, *_), folder = blocks
    assert typed(command, folder) == plain(shown)


def test_the_page_shows_that_its_own_recipe_pays_the_same(blocks: tuple[list[str], Path]) -> None:
    (*_, command, shown), folder = blocks
    assert typed(command, folder).startswith(plain(shown))
