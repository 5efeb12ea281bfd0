"""What `harmo score` prints: means and counts per column, and why scores are missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from harmo.app.scored import ScoredMembers
from harmo.rewards.plan import INTERACTION, Plan
from harmo.scorers.types import Reason, Score


@dataclass(slots=True)
class _Column:
    """Running totals of one column, or of the reward."""

    shadow: bool = False
    scored: int = 0
    score: float = 0.0
    contribution: float = 0.0
    missing: Counter[Reason] = field(default_factory=Counter)

    def add(self, score: Score) -> None:
        if score.value is not None:
            self.scored += 1
            self.score += score.value
        elif score.reason is not None:
            self.missing[score.reason] += 1


class Summary:
    """Totals over everything that was scored; their size does not grow with it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._columns = {column.name: _Column(shadow=column.shadow) for column in plan.columns}
        self._reward = _Column()

    def add(self, members: ScoredMembers) -> None:
        """Count one group. Contributions count where there is a reward: they add up to it."""
        if members.group.reward.interaction:
            self._columns.setdefault(INTERACTION, _Column())
        columns = list(self._columns.values())
        for reward in members.rewards:
            for column, score in zip(columns, reward.scores, strict=False):
                column.add(score)
            if reward.value is None:
                if reward.reason is not None:
                    self._reward.missing[reward.reason] += 1
                continue
            self._reward.scored += 1
            self._reward.contribution += reward.value
            for column, contribution in zip(columns, reward.contributions, strict=False):
                column.contribution += contribution

    def print(self, console: Console) -> None:
        """One row a column, the reward last, then why scores and rewards are missing."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("column", overflow="fold")
        for heading in ("scored", "mean score", "mean contribution"):
            table.add_column(heading, justify="right")
        for name, column in self._columns.items():
            shown = f"{name} (shadow)" if column.shadow else name
            scored = "" if name == INTERACTION else str(column.scored)
            mean = _mean(column.score, column.scored)
            share = _mean(column.contribution, self._reward.scored)
            table.add_row(shown, scored, "" if name == INTERACTION else mean, share)
        rewards = self._reward.scored
        table.add_row("reward", str(rewards), "", _mean(self._reward.contribution, rewards))
        console.print(table if rewards or self._reward.missing else "no completions")
        for name, column in {**self._columns, "unscored": self._reward}.items():
            if column.missing:
                counts = (f"{count} {reason}" for reason, count in column.missing.most_common())
                console.print(f"{name}: {', '.join(counts)}", highlight=False, soft_wrap=True)


def _mean(total: float, count: int) -> str:
    return f"{total / count:.4f}" if count else "-"
