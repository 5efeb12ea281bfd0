"""Every example of docs/vision.md earns what its table says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Sample
from tests.process import HARMO

PAGE = (Path(__file__).parents[1] / "docs" / "vision.md").read_text(encoding="utf-8")
SECTIONS = {
    section.partition("\n")[0].rpartition(": ")[2]: section
    for section in PAGE.split("\n## ")[1:]
    if "```sh" in section
}
FILE = re.compile(r"^cat > (\S+) <<'EOF'\n(.*?)^EOF$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| \d+ \| ([\d.]+) \| .+ \|$", re.MULTILINE)


def example(section: str) -> tuple[dict[str, Any], list[dict[str, Any]], list[float]]:
    """The rule term of a section's recipe, its groups, and what its table says they earn."""
    files = dict(FILE.findall(section))
    groups = [json.loads(line) for line in files["place.jsonl"].splitlines()]
    (term,) = yaml.safe_load(files["place.yaml"])["rule"]
    return term, groups, [float(value) for value in ROW.findall(section)]


ELSEWHERE = {"rule.gui_action": "screens are on the page on documents"}


def test_every_rule_of_places_has_its_section() -> None:
    registry.load()
    places = {
        spec.name
        for spec in registry.all_specs()
        if spec.origin.startswith("harmo.scorers.rule.places.")
    }
    assert set(SECTIONS) == places - ELSEWHERE.keys()


@pytest.mark.parametrize("name", SECTIONS)
def test_an_example_earns_what_its_table_says(name: str) -> None:
    registry.load()
    term, groups, expected = example(SECTIONS[name])
    bound = registry.bind(term["scorer"], term.get("params", {}))
    earned = []
    for group in groups:
        for completion in group["completions"]:
            sample = Sample(
                completion=completion,
                reference=group["reference"],
                metadata=group.get("metadata", {}),
            )
            read = view(sample, part=bound.spec.reads, reference=None)
            earned.append(bound.spec.fn(read, **bound.params).value)

    assert term["scorer"] == name
    assert earned == pytest.approx(expected, abs=5e-5)


def test_what_is_pasted_runs(tmp_path: Path) -> None:
    """Of the rule that needs workers; the others run in the same way."""
    section = SECTIONS["rule.polygon_iou"]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    command = block.replace(".venv/bin/harmo", HARMO)
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True)
    lines = (tmp_path / "place.rewards.jsonl").read_text(encoding="utf-8").splitlines()
    earned = [c["reward"] for line in lines for c in json.loads(line)["completions"]]
    assert earned == pytest.approx(example(section)[2], abs=5e-5)
