"""What is counted and logged of a scored group."""

from __future__ import annotations

import logging
from collections import Counter

from harmo.app.engine import Program, ScoredGroup
from harmo.app.metrics import Metrics
from harmo.app.metrics.runs import scored_by
from harmo.app.samples import Received
from harmo.app.shortfall import Shortfall
from harmo.scorers.types import Group, Reason, Score

log = logging.getLogger("harmo.observe")

_UNREADABLE = Reason.UNREADABLE_REFERENCE
MAX_KNOWN_FAULTS = 100_000
MAX_SHORT_RUNS = 10_000


class Observer:
    """Counts every group; of faults that come again and again it logs the first."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._known_faults: set[tuple[str, int]] = set()
        self._short_runs: set[tuple[str, str | None]] = set()
        """Recipes and runs of which a group waited in vain."""
        self.judged: Counter[tuple[str, str]] = Counter()
        """Groups in which a column scored anything, by recipe and column."""

    def scored(self, program: Program, received: Received, scored: ScoredGroup) -> None:
        """Count a group's scores and rewards, and report what is wrong with it."""
        recipe, group, rewards = program.plan.recipe.name, received.group, scored.reward.rewards
        self._metrics.observe(recipe, program.columns, group, scored.scores, rewards)
        for column, given in zip(program.columns, zip(*scored.scores, strict=True), strict=False):
            unreadable, judged = None, False
            for score in given:
                if score.value is None:
                    if unreadable is None and score.reason is _UNREADABLE:
                        unreadable = score
                    continue
                judged = True
                if "fault" in score.detail:
                    self._report_fault(column, score)
            self.judged[recipe, column[0]] += judged
            if unreadable is not None:
                self._report_reference(column, unreadable, group)
        if received.shortfall is not None:
            self._report_shortfall(recipe, group, received.shortfall)

    def _report_shortfall(self, recipe: str, group: Group, shortfall: Shortfall) -> None:
        """Count a group that waited in vain; the first of a recipe and run is logged."""
        self._metrics.count_incomplete(recipe, group, shortfall.cause)
        short = (recipe, group.run)
        if short not in self._short_runs and len(self._short_runs) < MAX_SHORT_RUNS:
            self._short_runs.add(short)
            log.warning(
                "incomplete_group recipe=%s run=%r group=%r %s",
                recipe,
                group.run,
                group.id,
                shortfall.note,
            )

    def _report_fault(self, column: tuple[str, str], score: Score) -> None:
        """Count what made a rule raise; the first of a column and kind is logged, not its text."""
        name, scorer = column
        self._metrics.scorers.faults.labels(name, scored_by(scorer, score)).inc()
        fault = (name, hash(str(score.detail["fault"])))
        if fault not in self._known_faults and len(self._known_faults) < MAX_KNOWN_FAULTS:
            self._known_faults.add(fault)
            error = str(score.detail["fault"])
            log.warning("scorer_fault column=%s scorer=%s error=%r", name, scorer, error)

    def _report_reference(self, column: tuple[str, str], score: Score, group: Group) -> None:
        """Report a reference that cannot be read, once: a fault of the dataset."""
        name, scorer = column
        fault = (name, hash(repr(group.samples[0].reference)))
        if fault not in self._known_faults and len(self._known_faults) < MAX_KNOWN_FAULTS:
            self._known_faults.add(fault)
            self._metrics.scorers.reference_faults.labels(name, scored_by(scorer, score)).inc()
            log.warning("unreadable_reference column=%s group=%r", name, group.id)
