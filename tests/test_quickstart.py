"""What docs/quickstart.md shows is what happens."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.process import HARMO, run

PAGE = (Path(__file__).parents[1] / "docs" / "quickstart.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def shell(word: str) -> tuple[str, str]:
    """The commands of the block that begins with this word, and the output shown after it."""
    at = next(i for i, (language, text) in enumerate(BLOCKS) if text.startswith(word))
    (language, commands), (plain, shown) = BLOCKS[at : at + 2]
    assert (language, plain) == ("sh", "")
    return commands.replace(".venv/bin/harmo", HARMO), shown


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder after the first commands, and what they printed."""
    folder = tmp_path_factory.mktemp("quickstart")
    commands, _ = shell("cat > rollouts.jsonl")
    ran = subprocess.run(
        ["bash", "-ec", commands], cwd=folder, capture_output=True, text=True, check=True
    )
    return folder, ran.stdout


def test_the_rollouts_get_the_summary_shown(scored: tuple[Path, str]) -> None:
    _, printed = scored
    _, shown = shell("cat > rollouts.jsonl")
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not part of the set-up")
def test_jq_makes_the_rows_shown_of_the_lines(scored: tuple[Path, str]) -> None:
    folder, _ = scored
    commands, shown = shell("jq")
    ran = subprocess.run(
        ["bash", "-ec", commands], cwd=folder, capture_output=True, text=True, check=True
    )
    assert ran.stdout == shown


def test_the_recipe_is_shown_and_not_objected_to(tmp_path: Path) -> None:
    (recipe,) = [text for language, text in BLOCKS if language == "yaml"]
    (tmp_path / "my-math.yaml").write_text(recipe)
    shown = run(HARMO, "recipes", "show", "my-math.yaml", cwd=tmp_path)
    assert shown.returncode == 0
    assert "R = " in shown.stdout
    assert run(HARMO, "recipes", "check", "my-math.yaml", cwd=tmp_path).returncode == 0
