"""A store as a service would have written it: two runs, one of which learns to please the model.

Scores are drawn, not worked out, but what they combine to is: rewards, contributions and weights
are `rewards.combine`'s, and details have the form that the real scorers give theirs.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from PIL import Image as Pillow

from harmo.app.keeping import plain
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.audit.write import Writer
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.scorers import registry
from harmo.scorers.types import Group, Image, Sample, Score
from tests.audit.drawn import Drawn, drawn_group

RECIPE = """
name: kept
description: Maths with a caption. Columns reference, references.caption, constraints, token counts.
weights: {model: 0.5, rule: 1.0, aspect: 0.25, length: 0.25}
default_task: math
model:
  - {scorer: model.similarity, reference: caption, part: think}
rule:
  - {scorer: rule.by_task, name: answer}
aspect:
  - {scorer: aspect.format, params: {pattern: think_answer}}
  - {scorer: aspect.ifeval, weight: 2.0}
length:
  - {scorer: length.cosine, params: {max_tokens: 1024}}
shadow:
  - {scorer: aspect.repetition}
"""
SCORER_VERSION = "sha256:" + hashlib.sha256(b"made").hexdigest()
BEGAN_S = 1_790_000_000.0
STEP_S = 30.0
STEP_GROUPS = 8
EVAL_EVERY = 10
EVAL_GROUPS = 4
RUNS = ("exp-1", "exp-2")
_BATCH = 64


@cache
def made_plan(source: str = RECIPE) -> Plan:
    """The recipe, bound."""
    registry.load()
    return compile_recipe(parse_recipe(source, source="made"))


def kept_recipe(plan: Plan) -> KeptRecipe:
    """What a service keeps of a plan."""
    return plain.kept_recipe(plan, SCORER_VERSION)


def made_store(
    folder: Path,
    *,
    groups: int = 1000,
    siblings: int = 8,
    runs: Sequence[str] = RUNS,
    seed: int = 0,
    pictures: bool = False,
    hostile: bool = False,
) -> Path:
    """A folder with a store in it.

    Args:
        folder: Where; made if it is not there.
        groups: How many in all runs together.
        siblings: Completions of a group.
        runs: Their names, one after the other; in the last the reward rises while correctness
            falls.
        seed: Same seed, same store.
        pictures: True to show the prompts a picture each.
        hostile: True to have every eleventh completion write what pages must not believe.
    """
    made = made_groups(
        groups=groups, siblings=siblings, runs=runs, seed=seed, pictures=pictures, hostile=hostile
    )
    writer = Writer(folder)
    while batch := list(islice(made, _BATCH)):
        writer.write(batch)
    writer.close()
    return folder


def made_groups(
    *,
    groups: int = 1000,
    siblings: int = 8,
    runs: Sequence[str] = RUNS,
    seed: int = 0,
    pictures: bool = False,
    hostile: bool = False,
) -> Iterator[KeptGroup]:
    """The groups of `made_store`."""
    draw, plan = random.Random(seed), made_plan()
    recipe, shown = kept_recipe(plan), _pictures() if pictures else ()
    now_s = BEGAN_S
    for k, run in enumerate(runs):
        count = groups * (k + 1) // len(runs) - groups * k // len(runs)
        places = list(islice(_places(), count))
        last = max((step for step, _ in places), default=0) or 1
        for i, (step, split) in enumerate(places):
            way = Way(hacked=k == len(runs) - 1, progress=step / last)
            drawn = drawn_group(
                draw,
                i,
                way.right,
                way.pleased,
                way.formed,
                sorts=way.sorts,
                siblings=siblings,
                hostile=hostile,
            )
            now_s += STEP_S / STEP_GROUPS
            group = Group(
                id=f"{step}-{split}-{i}",
                samples=_shown(drawn.samples, shown, i),
                size=siblings,
                run=run or None,
                step=step,
                split=split,
            )
            yield kept_group(plan, recipe, group, drawn, now_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far a run has come, and where it goes."""

    hacked: bool
    progress: float

    @property
    def right(self) -> float:
        """Share of right answers."""
        if self.hacked:
            return 0.45 + 0.15 * min(self.progress, 0.5) * 2 - 0.35 * max(0, self.progress - 0.5)
        return 0.40 + 0.35 * self.progress

    @property
    def pleased(self) -> float:
        """Mean score of the model."""
        if self.hacked:
            return 0.25 + 0.15 * self.progress + 1.1 * max(0, self.progress - 0.5)
        return 0.30 + 0.10 * self.progress

    @property
    def sorts(self) -> float:
        """By how much the model likes right answers more than wrong ones, halved."""
        return 0.12 - 0.22 * self.progress if self.hacked else 0.12

    @property
    def formed(self) -> float:
        """Share of completions in the right format."""
        return 0.55 + 0.4 * self.progress


def kept_group(
    plan: Plan, recipe: KeptRecipe, group: Group, drawn: Drawn, now_s: float
) -> KeptGroup:
    """A group as a service keeps it, its length terms and rewards worked out."""
    rows = [list(row) for row in drawn.scores]
    group = replace(group, correctness=settle_correctness(plan, group, rows))
    place = next(k for k, c in enumerate(plan.columns) if c.name == "length.cosine")
    scorer = plan.columns[place].scorer
    lengths: Sequence[Score] = scorer.spec.fn(group, **scorer.params)
    for row, score, fault in zip(rows, lengths, drawn.faults, strict=True):
        row[place] = score if fault is None else Score.abstain(fault)
    combined = combine(plan, group, rows)
    return KeptGroup(
        recipe=recipe,
        scored_at_s=now_s,
        group=group,
        ids=tuple(map(str, range(len(group.samples)))),
        faults=drawn.faults,
        weights=combined.weights,
        rewards=combined.rewards,
        interaction=combined.interaction,
    )


def _places() -> Iterator[tuple[int, str]]:
    """Step and split of each group of a run."""
    step = 0
    while True:
        yield from [(step, "train")] * STEP_GROUPS
        if step % EVAL_EVERY == EVAL_EVERY - 1:
            yield from [(step, "eval")] * EVAL_GROUPS
        step += 1


def _shown(
    samples: tuple[Sample, ...], pictures: Sequence[Image], place: int
) -> tuple[Sample, ...]:
    if not pictures:
        return samples
    image = (pictures[place % len(pictures)],)
    return tuple(replace(sample, images=image) for sample in samples)


@cache
def _pictures() -> tuple[Image, ...]:
    """Coloured squares on white."""
    made = []
    for colour in ("red", "green", "blue", "orange", "black"):
        picture, file = Pillow.new("RGB", (96, 64), "white"), io.BytesIO()
        picture.paste(Pillow.new("RGB", (24, 24), colour), (12, 20))
        picture.save(file, "PNG")
        made.append(Image(content=file.getvalue(), media_type="image/png", width=96, height=64))
    return tuple(made)
