"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
VOLATILE = ("version", "scorer_version", "timings_ms")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving("--log-level", "warning") as number:
        yield number


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


def test_make_targets_exist() -> None:
    targets = re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.MULTILINE)
    assert {"demo", "test", "serve"} <= set(targets)
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_the_curl_gets_the_answer_shown(port: int) -> None:
    (curl,) = [text for text in blocks("sh") if text.startswith("curl")]
    (shown,) = blocks("json")
    command = curl.replace(":8000", f":{port}")
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True, text=True)
    assert stable(json.loads(ran.stdout)) == stable(json.loads(shown))


def test_the_curl_that_the_service_shows_works_as_pasted(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        shown = json.load(answer)["example"]
    ran = subprocess.run(["bash", "-c", shown], capture_output=True, check=True, text=True)
    assert [group["stats"]["scored"] for group in json.loads(ran.stdout)["groups"]] == [2]


def stable(answer: object) -> object:
    """The answer without what differs from run to run and from commit to commit."""
    if isinstance(answer, dict):
        kept = {k: stable(v) for k, v in answer.items() if k not in VOLATILE}
        return {k: v for k, v in kept.items() if k != "confidences"}
    return [stable(item) for item in answer] if isinstance(answer, list) else answer


def test_the_python_runs(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    for text in blocks("python"):
        exec(compile(text.replace(":8000", f":{port}"), "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0


def test_pages_and_pictures_that_are_linked_exist() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} links to {link}"
