"""What the pages show is read by what reads it: recipes, manifests, commands, code, queries."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomllib
import typer
import yaml

from harmo.app.cli.commands import cli
from harmo.models.checkpoint.manifest import resolve
from harmo.rewards import lint
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.scorers import registry
from harmo.scorers.confidence.calibrate import parse_pairs
from harmo_client.train.config import load_config
from tests.process import HARMO

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(page.name, *found, id=f"{page.name}-{number}-{found[0]}")
    for page in PAGES
    for number, found in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
]
PLUGIN = {"aspect.politeness": "made by add-a-scorer.md; tests/contract/test_plugins.py runs it"}


@pytest.mark.parametrize(("page", "language", "text"), BLOCKS)
def test_a_block_is_what_it_says(page: str, language: str, text: str) -> None:
    registry.load()
    CHECKS[language](text)


def is_yaml(text: str) -> None:
    fields = yaml.safe_load(text)
    if "output_dir" in fields:
        is_training(text)
    elif "name" not in fields:
        inferred = {"head": "scalar", "pooling": "last", "max_tokens": 4096, "dtype": "float32"}
        resolve(inferred, fields)
    elif not any(scorer in text for scorer in PLUGIN):
        findings = lint.check(compile_recipe(parse_recipe(text, source="page")))
        assert [f.message for f in findings if f.level == "refuse"] == []


def is_training(text: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        load_config(Path(file.name))


def is_json(text: str) -> None:
    value = json.loads(text)
    if isinstance(value, dict) and "scorer" in value:
        assert len(parse_pairs(json.dumps(value), source="page")) == 1


def is_shell(text: str) -> None:
    for line in re.findall(
        r"^(?:\w+=\S+ )?(?:\.venv/bin/)?((?:harmo|make) .+)", text, re.MULTILINE
    ):
        tool, *words = shlex.split(line, comments=True)
        if tool == "harmo":
            understands(words)
        else:
            subprocess.run(["make", "--dry-run", words[0]], cwd=ROOT, check=True)


def understands(words: list[str]) -> None:
    """The command exists, and so does every flag that it is given."""
    command: Any = typer.main.get_command(cli)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        words = words[1:]
    assert not words or not hasattr(command, "commands"), f"no command {words[0]}"
    known = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}


def is_promql(text: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool (Debian: prometheus)")
    rules = {"groups": [{"name": "page", "rules": [{"record": "page:rule", "expr": text}]}]}
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump(rules, file)
        file.flush()
        subprocess.run([promtool, "check", "rules", file.name], check=True)


CHECKS: dict[str, Callable[[str], object]] = {
    "yaml": is_yaml,
    "json": is_json,
    "toml": tomllib.loads,
    "python": ast.parse,
    "sh": is_shell,
    "": is_shell,
    "promql": is_promql,
    "text": str,  # another program's configuration
}


def test_the_rollouts_of_the_quickstart_are_scored(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    (pasted,) = [text for _, text in BLOCK.findall(page) if "rollouts.jsonl" in text]
    command = pasted.replace(".venv/bin/harmo", HARMO)
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True)
    lines = (tmp_path / "rollouts.rewards.jsonl").read_text(encoding="utf-8").splitlines()
    rewards = [[c["reward"] for c in json.loads(line)["completions"]] for line in lines]
    assert len(rewards) == 2
    assert all(right > wrong for right, wrong in rewards)


def commands() -> list[str]:
    """Every `harmo ...` in a line of a page."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    return sorted(set(re.findall(r"`(harmo [a-z][^`\n]*)`", pages)))


@pytest.mark.parametrize("command", commands())
def test_a_command_in_a_sentence_is_one(command: str) -> None:
    registry.load()
    understands(shlex.split(command)[1:])
