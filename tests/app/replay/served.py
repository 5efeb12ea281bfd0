"""Stores that a real service wrote, with real workers and a fake model; and replays of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from harmo.app.hosting import Hosting
from harmo.app.replay.comparing import Sink
from harmo.app.replay.replaying import Asked, replayed
from harmo.app.replay.report import Report
from harmo.app.settings import Settings
from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer
from harmo.rewards.recipe import Recipe
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving

RECIPE: dict[str, Any] = {
    "name": "served",
    "weights": {"model": 0.2, "rule": 1.0, "aspect": 0.25, "length": 0.25},
    "default_task": "math",
    "allow_inversion": True,
    "model": [{"scorer": "model.reward", "name": "judge"}],
    "rule": [{"scorer": "rule.by_task", "name": "answer"}],
    "aspect": [{"scorer": "aspect.format", "params": {"pattern": "boxed"}}],
    "length": [
        {"scorer": "length.cosine", "params": {"max_tokens": 400}},
        {"scorer": "length.kimi"},
    ],
    "shadow": [{"scorer": "aspect.repetition"}],
}


def recipe(**fields: Any) -> Recipe:
    """`RECIPE` with some fields replaced."""
    return Recipe.model_validate({**RECIPE, **fields})


def hosting() -> Hosting:
    """A model that scores by length."""
    return Hosting(models={"fake": FakeRewardModel("fake")})


def wire_group(number: int, **fields: Any) -> dict[str, Any]:
    """Sums with right, wrong, cut, wordless and over-long completions."""
    texts = [
        f"\\boxed{{{number + 2}}}",
        f"so it is {number + 2}",
        f"\\boxed{{{number}}}",
        "I do not know",
        "\\boxed{4} " * 40,
    ]
    completions = [
        {"id": str(i), "text": text, "num_tokens": 20 + 60 * i, "truncated": i == 3}
        for i, text in enumerate(texts)
    ]
    group = {
        "id": f"g{number}",
        "prompt": f"{number} + 2 = ?",
        "reference": str(number + 2),
        "completions": completions,
    }
    return group | fields


def odd_groups() -> list[dict[str, Any]]:
    """A piece of a group, one without a reference, an unknown task, a completion too long."""
    short = wire_group(1)["completions"]
    return [
        wire_group(1, id="piece", size=9),
        wire_group(1, id="unreferenced", reference=None),
        wire_group(1, id="riddle", task="riddle"),
        wire_group(
            1, id="over-long", completions=[*short, {"id": "9", "text": "4" * 3000}], task="numeric"
        ),
    ]


async def serve_into(folder: Path, *requests: dict[str, Any], **settings: Any) -> None:
    """Have a service score requests and keep them.

    Args:
        folder: Of the store.
        *requests: Bodies of `/score`.
        **settings: Of the service; `recipe` is what it scores with.
    """
    asked = settings.pop("recipe", RECIPE)
    file = folder.parent / f"{folder.name}.yaml"
    file.write_text(yaml.safe_dump(asked))
    made = Settings(
        recipes=(str(file),),
        audit=folder,
        audit_mode="strict",
        workers=1,
        max_completion_chars=2000,
        **settings,
    )
    async with Serving(made, hosting()) as http:
        for request in requests:
            answer = await http.post("/score", json={"recipe": asked["name"], **request})
            assert answer.status_code == 200, answer.text


def requests(first: int = 0, count: int = 6, *, run: str = "exp") -> list[dict[str, Any]]:
    """One request a step, two groups each."""
    return [
        {"run": run, "step": step, "groups": [wire_group(2 * step), wire_group(2 * step + 1)]}
        for step in range(first, first + count)
    ]


async def replay(
    store: Path,
    under: Recipe,
    *,
    query: Query | None = None,
    rescore: bool = False,
    to: Path | None = None,
    sink: Sink | None = None,
    models: Callable[[], Hosting] = hosting,
    told: list[tuple[str, int]] | None = None,
) -> Report:
    """Replay a store; `told` gets what began, and of how many completions."""

    def begin(what: str, completions: int) -> Callable[[int], None]:
        if told is not None:
            told.append((what, completions))
        return lambda _: None

    asked = Asked(
        store=store,
        query=query or Query(),
        recipe=under,
        source="test",
        rescore=rescore,
        to=to,
    )
    settings = Settings(workers=1)
    return await replayed(asked, settings, begin=begin, sink=sink, hosting=models())


def rewritten(store: Path, folder: Path, change: Callable[[KeptGroup], KeptGroup]) -> Path:
    """A store with the same groups, each changed, in a folder of its own."""
    with closing(Reader(store)) as reader, closing(Writer(folder)) as writer:
        writer.write(map(change, list(reader.groups(Query(), pictures=True))))
    return folder
