"""What the generations came to: counts for the metrics, and the end of a run without rewards."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from harmo_client import wire
from harmo_client.adapters.core import ranks
from harmo_client.adapters.core.hub import Posted
from harmo_client.connection import Split
from harmo_client.train.service import NothingScoredError

COMPLETIONS = "harmo/completions"
UNSCORED_KEY = "unscored/{}"
"""Completions without a reward, by reason."""
CONTRIBUTION_KEY = "contributions/{}"
"""What a column gave to the reward, the mean over scored completions."""

Blame = tuple[str, tuple[str, ...]]
"""Why a completion has no reward, and the columns that say so."""

ADVICE = {
    "no_reference": "name the column with the ground truth: dataset.reference, or references",
    "unreadable_reference": "the rule cannot read the ground truth: another rule, or mend the rows",
    "no_constraints": "name the column with the instructions: dataset.constraints",
    "unreadable_constraints": "dataset.constraints wants rows of {instruction_id, kwargs}",
    "no_task": "name the column with the task word: dataset.task, or give the recipe a default",
    "unknown_task": "the recipe's map of tasks lacks the word: mend dataset.task or the recipe",
    "no_scorer": "the service lacks a scorer or a model of this recipe: see its log",
    "no_token_count": "the length term needs token counts: drop it, or train without tools",
    "unreadable_image": "the service cannot read the pictures: PNG, JPEG and WebP are read",
    "prompt_too_long": "the prompts do not fit the reward model: shorten them",
    "completion_too_long": "lower grpo.max_completion_length",
    "truncated": "raise grpo.max_completion_length: the recipe scores no truncated completion",
    "unknown_correctness": "no term of the recipe says who is right: add a rule",
}
OTHERWISE = "see the service's log"


@dataclass(slots=True)
class _Counts:
    """Since the last line of metrics."""

    completions: int = 0
    unscored: Counter[str] = field(default_factory=Counter)
    contributions: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


class Tally:
    """Counts every generation; stops a run in which `stop_after` in a row bring no reward."""

    def __init__(self, *, stop_after: int, learned: bool = False) -> None:
        """Count nothing yet; `learned` if the run goes on from a checkpoint."""
        self._stop_after = stop_after
        self._counts: defaultdict[Split, _Counts] = defaultdict(_Counts)
        self._barren: list[Counter[Blame]] = []
        self._learned = learned

    def count(self, posted: Posted) -> None:
        """Count one generation.

        Raises NothingScoredError where it is the last that may go without a reward.
        """
        answer, counts = posted.answer, self._counts[posted.split]
        rewards = [c for group in answer.groups for c in group.completions]
        scored = [c for c in rewards if c.reward is not None]
        counts.completions += len(rewards)
        counts.unscored.update(c.reason or "no reason" for c in rewards if c.reward is None)
        for place, column in enumerate(answer.columns):
            given = [c.contributions[place] for c in scored]
            counts.contributions[column.name] += given
        if posted.split == "train":
            self._follow(answer, any_scored=bool(scored))

    def drain(self, split: Split) -> dict[str, float]:
        """What was counted since the last call, as it stands in metrics.jsonl."""
        counts = self._counts.pop(split, _Counts())
        found: dict[str, float] = {COMPLETIONS: counts.completions}
        found |= {UNSCORED_KEY.format(reason): n for reason, n in counts.unscored.items()}
        for name, given in counts.contributions.items():
            if given:
                found[CONTRIBUTION_KEY.format(name)] = math.fsum(given) / len(given)
        return {prefix(split) + key: value for key, value in found.items()}

    def require_scored(self) -> None:
        """Raise NothingScoredError on every rank if the run has ended without any reward."""

        def settle(_: list[None]) -> None:
            if self._barren and not self._learned:
                raise NothingScoredError(nothing_scored(self._barren))

        ranks.settle_once(lambda: None, settle)

    def _follow(self, answer: wire.ScoreResponse, *, any_scored: bool) -> None:
        if any_scored:
            self._learned = True
            self._barren.clear()
            return
        self._barren.append(blames(answer))
        if len(self._barren) >= self._stop_after:
            raise NothingScoredError(nothing_scored(self._barren), learned=self._learned)


def prefix(split: Split) -> str:
    """What TRL puts before the metrics of a split."""
    return "" if split == "train" else "eval_"


def blames(answer: wire.ScoreResponse) -> Counter[Blame]:
    """How many completions went unscored, by reason and the columns that gave it."""
    names = [column.name for column in answer.columns]
    return Counter(
        (
            c.reason or "no reason",
            tuple(n for n, why in zip(names, c.reasons, strict=True) if why == c.reason and why),
        )
        for group in answer.groups
        for c in group.completions
        if c.reward is None
    )


def nothing_scored(barren: list[Counter[Blame]]) -> str:
    """What happened, a line a reason, each with what to do about it."""
    counts = sum(barren, Counter[Blame]())
    generations = "1 generation" if len(barren) == 1 else f"{len(barren)} generations in a row"
    lines = [f"no completion of {generations} got a reward ({counts.total()} completions):"]
    for (reason, columns), count in counts.most_common():
        where = f" in column {', '.join(columns)}" if columns else ""
        lines.append(f"  {count} {reason}{where}: {ADVICE.get(reason, OTHERWISE)}")
    return "\n".join(lines)
