"""docs/architecture.md names every package, and nothing that does not exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TREE = PAGE[PAGE.index("## The tree") : PAGE.index("## One request")]
NAMED = set(re.findall(r"^\| `(harmo[\w.]*)` \|", TREE, re.MULTILINE))


def packages() -> set[str]:
    """Every package of the service and the client, by its import name."""
    folders = ("app", "audit", "console", "rewards", "scorers", "models")
    found = {
        ".".join(["harmo", *file.parent.relative_to(ROOT).parts])
        for folder in (ROOT / name for name in folders)
        for file in folder.rglob("__init__.py")
    }
    client = ROOT / "client"
    found |= {".".join(f.parent.relative_to(client).parts) for f in client.rglob("__init__.py")}
    return found | {"harmo"}


def test_every_package_it_names_exists() -> None:
    for name in sorted(NAMED):
        importlib.import_module(name)


def test_every_package_is_named() -> None:
    unnamed = packages() - NAMED
    # A folder for a page stands where the page says that one may.
    of_a_page = tuple(f"harmo.console.{place}." for place in ("pages", "view", "model"))
    assert {name for name in unnamed if not name.startswith(of_a_page)} == set()


def test_every_module_it_names_in_the_steps_exists() -> None:
    """Words in code marks that look like a file or a dotted module."""
    steps = PAGE[PAGE.index("## One request") : PAGE.index("## Words")]
    tops = "app|audit|console|rewards|scorers|models|tests|docs"
    for path in re.findall(rf"`((?:{tops})/[\w/.]*)`", steps):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"\(`(\w+)`(?:, `(\w+)`)?\)", steps[: steps.index("## Where")]):
        for name in filter(None, module):
            assert (ROOT / "app" / f"{name}.py").exists(), name
