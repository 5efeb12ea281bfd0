"""What a newcomer sees first: one scored group, and the scorers that the service knows."""

from __future__ import annotations

import random
from collections.abc import Iterable

import httpx
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from harmo_client import wire
from harmo_client.client import RewardClient
from harmo_client.train.demo.measure import group_of
from harmo_client.train.demo.task import HABIT, Scene, draw_scene, neat_completion
from harmo_client.train.record.completions import visible

FAMILY_STYLES = {"rule": "blue", "model": "green", "aspect": "magenta", "length": "red"}
LONGEST = 76
"""Characters of a completion that are shown."""


def example_group(rng: random.Random) -> wire.Group:
    """One picture with a good completion, and one for each way to be sloppy."""
    scene = next(scene for scene in iter(lambda: draw_scene(rng), None) if scene.colour != HABIT)
    texts = dict(_ways_to_answer(scene))
    completions = [
        wire.Completion(id=name, text=text, num_tokens=len(text.split()) + 1)
        for name, text in texts.items()
    ]
    return group_of(scene, scene.caption, completions)


def _ways_to_answer(scene: Scene) -> Iterable[tuple[str, str]]:
    answer = f"<answer> {scene.colour} </answer>"
    yield "good", neat_completion(scene)
    yield "rambling", f"<think> well now look here . {scene.caption} </think> {answer}"
    yield "vague", f"<think> a thing </think> {answer}"
    yield "no tag", f"{scene.caption} </think> {answer}"
    yield "never closed", f"<think> {scene.caption} {answer}"
    yield "wrong", f"<think> {scene.caption} </think> <answer> {HABIT} </answer>"
    yield "no answer", f"<think> {scene.caption} </think>"
    yield "2 MB", "well " * 400_000


def completions_listed(group: wire.Group) -> Table:
    """What the group's completions say."""
    table = Table.grid(padding=(0, 2))
    for completion in group.completions:
        table.add_row(Text(completion.id, style="bold"), visible(completion.text or "", LONGEST))
    return table


def group_table(client: RewardClient, group: wire.Group, recipe: str) -> Table:
    """The group as the service scores it: every column with its confidence, and the reward."""
    answer = client.score([group], recipe=recipe, run="demo", split="eval")
    rewards = answer.groups[0]
    table = Table(
        caption="score, confidence below it; the reward is the weighted sum of the scores",
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("completion", style="bold", no_wrap=True)
    for column, weight in zip(answer.columns, rewards.weights, strict=True):
        name = column.name.removeprefix(f"{column.family}.")
        style = FAMILY_STYLES.get(column.family, "")
        table.add_column(
            f"{column.family}\n{name}\nx {weight:g}", justify="right", style=style, no_wrap=True
        )
    table.add_column("reward", justify="right", style="bold", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for completion, given in zip(group.completions, rewards.completions, strict=True):
        table.add_row(
            completion.id,
            *map(_score_cell, given.scores, given.confidences),
            "null" if given.reward is None else f"{given.reward:.3f}",
            given.reason or "",
        )
    return table


def _score_cell(score: float | None, confidence: float | None) -> Text:
    if score is None:
        return Text("-")
    sure = "" if confidence is None else f"\n{confidence:.2f}"
    return Text(f"{score:.2f}") + Text(sure, style="dim")


def scorers_table(url: str) -> Table:
    """Every scorer the service knows, with its docstring's first line."""
    scorers = httpx.get(f"{url}/scorers", timeout=30.0).raise_for_status().json()
    longest = max(len(scorer["name"]) for scorer in scorers)
    table = Table(f"The {len(scorers)} scorers it knows", box=SIMPLE_HEAD, pad_edge=False)
    table.columns[0].no_wrap = True
    for scorer in scorers:
        name = Text(scorer["name"].ljust(longest), style=FAMILY_STYLES.get(scorer["family"], ""))
        table.add_row(name + Text(f"  {scorer['summary']}"))
    return table
