"""`harmo probe` over our own recipes and over the references of the labelled pairs.

The bounds are what was measured, so that no change opens a hole unseen; lower them with the holes.
"""

from __future__ import annotations

import json
import random
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harmo.app.hosting import EMBEDDED, Hosting
from harmo.app.probe.attacks import Kind
from harmo.app.probe.dataset.rows import Row
from harmo.app.probe.judged import Finding
from harmo.app.probe.tally import Tally
from harmo.app.service import Service
from harmo.models.base import Load, ModelCard, ModelScore
from tests.app.fakes import FakeRewardModel
from tests.app.probe.probing import probed, row, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[1]
PAIRS = sorted((ROOT / "tests" / "data" / "verdicts").glob("*.jsonl"))
RECIPES = sorted(path.stem for path in (ROOT / "recipes").glob("*.yaml"))
MOST_ROWS = 40
"""Of a scorer's references, drawn by a seed: the whole must not take long."""
PER_TASK = 6
TASKS = {
    "rule.math": "math",
    "rule.numeric": "numeric",
    "rule.choice": "choice",
    "rule.yes_no": "yes_no",
    "rule.count": "count",
    "rule.exact": "text",
}
OF_PICTURES = {"chart": "rule.chart_relaxed", "vqa": "rule.vqa", "ocr": "rule.ocr"}
"""Recipes whose own task is another."""
CAPTION = "two red squares on a table"

MOST_PAID: Mapping[str, float] = {
    # It says of itself that lists and hedges satisfy it.
    "rule-contains": 0.22,
    # The union of `0-10, 10-20` is that of `0-11, 10-20`.
    "rule-temporal-iou": 0.01,
}
"""Share of wrong answers that are paid, or outrank the right one; none of any other."""


class SameText:
    """An encoder to which texts are alike or have nothing in common."""

    card = ModelCard(
        name=EMBEDDED,
        head="similarity",
        aspects=("similarity",),
        meaning="raw",
        images=False,
        max_tokens=512,
        rung="padded",
        version="sha256:0",
        device="cpu",
    )

    async def similarities(self, texts: Any, reference: Any, *, deadline_s: Any = None) -> Any:
        return [ModelScore(values=(float(text == reference),)) for text in texts]

    def load(self) -> Load:
        return Load()

    async def close(self) -> None: ...


def labelled(scorer: str) -> dict[str, list[dict[str, Any]]]:
    """The distinct references of a scorer's labelled pairs, by the params they are judged with."""
    by_params: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    lines = (ROOT / "tests" / "data" / "verdicts" / f"{scorer}.jsonl").read_text(encoding="utf-8")
    for line in lines.splitlines():
        pair = json.loads(line)
        fields = {k: pair[k] for k in ("reference", "prompt", "task") if pair.get(k) is not None}
        plain = "metadata" not in pair and pair["label"] != "abstain" and "reference" in fields
        if plain:
            key = json.dumps(fields, sort_keys=True)
            by_params[json.dumps(pair.get("params", {}))][key] = fields
    return {params: list(found.values()) for params, found in by_params.items()}


def rows(found: list[dict[str, Any]], most: int, **fields: Any) -> list[Row]:
    drawn = random.Random(0).sample(found, min(most, len(found)))
    return [
        row(number=n, **{"prompt": "What is it?", **each, **fields})
        for n, each in enumerate(drawn, 1)
    ]


def of_tasks() -> Iterator[Row]:
    for scorer, task in TASKS.items():
        yield from rows(labelled(scorer)["{}"], PER_TASK, task=task)


def for_recipe(recipe: str) -> list[Row]:
    if recipe == "demo":
        found = rows(labelled("rule.exact")["{}"], 12, references={"caption": CAPTION})
    elif recipe == "gui":
        actions = labelled("rule.gui_action")['{"frame": "thousand"}']
        found = rows(actions, 12, metadata={"frame": "thousand"})
    elif recipe in OF_PICTURES:
        found = rows(labelled(OF_PICTURES[recipe])["{}"], 12)
    else:
        found = [*of_tasks(), *rows(labelled("rule.math")["{}"], 12, task="math")]
    if recipe == "harmo":
        said = [f"{CAPTION}, {number} of them in all" for number in ("nine", "six", "four")]
        found += [row(None, references={"response": text}) for text in said]
    if recipe == "visual-math":
        return [with_solution(each) for each in found]
    return found


def with_solution(each: Row) -> Row:
    group = each.group.model_copy(update={"references": {"solution": CAPTION}})
    return Row(number=each.number, group=group, prompt=each.prompt)


JUDGED = [
    pytest.param(path.stem, params, id=f"{path.stem}-{params}")
    for path in PAIRS
    for params in labelled(path.stem)
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """Every shipped recipe, and one for each scorer and its params that pairs are judged by."""
    folder = tmp_path_factory.mktemp("probed")
    for param in JUDGED:
        scorer, params = param.values
        name = name_of(scorer, params)
        term = json.dumps({"scorer": scorer, "params": json.loads(params)})
        (folder / f"{name}.yaml").write_text(f"name: {name}\nrule: [{term}]\n")
    hosting = Hosting(models={"fake": FakeRewardModel("fake")}, encoders={EMBEDDED: SameText()})
    async with serving([*RECIPES, *sorted(folder.glob("*.yaml"))], hosting) as ready:
        yield ready


def name_of(scorer: str, params: str) -> str:
    said = "".join(c if c.isalnum() else "-" for c in f"{scorer}{params}").strip("-")
    name = "-".join(filter(None, said.split("-"))).lower()
    return name if len(name) <= 64 else f"{name[:55]}-{zlib.crc32(name.encode()):08x}"


@pytest.mark.parametrize("recipe", RECIPES)
async def test_a_shipped_recipe_is_no_worse_than_it_was(service: Service, recipe: str) -> None:
    if recipe == "instruction":
        pytest.skip("nothing in it says what is right")
    tally = await probed(service, recipe, for_recipe(recipe))
    require(tally, recipe)
    assert {Kind.ITSELF, Kind.UNIVERSAL} <= tally.kinds.keys()
    if recipe == "gui":
        assert Kind.NEAR in tally.kinds
    elif recipe != "ocr":
        assert {Kind.OTHERS, Kind.HEDGE} <= tally.kinds.keys()


@pytest.mark.parametrize(("scorer", "params"), JUDGED)
async def test_references_of_labelled_pairs(service: Service, scorer: str, params: str) -> None:
    found = rows(labelled(scorer)[params], MOST_ROWS)
    require(await probed(service, name_of(scorer, params), found), name_of(scorer, params))


def require(tally: Tally, name: str) -> None:
    assert tally.tried > 0
    shares = tally.shares()
    findings = [
        (each.judged.row.group.reference, each.verdict.attempt.how, each.verdict.attempt.text[:80])
        for each in tally.found(*Finding)
    ]
    assert shares["paid"] <= MOST_PAID.get(name, 0.0), findings
    assert shares["refused"] == 0.0, findings
    assert shares["unscored"] == 0.0, findings
