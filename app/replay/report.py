"""What a replay came to, and what it means: values, sentences and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from harmo.app.replay.jobs import Job
from harmo.rewards.changes import Changes, ColumnChanges, Tally
from harmo.rewards.changes.tally import ChangedGroup
from harmo.rewards.plan import INTERACTION

Scorers = Literal["same", "other", "not compared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One stored recipe version, and what became of its groups."""

    job: Job
    groups: int
    completions: int
    changes: Changes
    """Over those that were replayed."""
    scorers: Scorers
    """Whether code, calibrations and weights are those that scored the store; not compared where
    nothing was scored, or a model that the recipe calls was not loaded."""

    @property
    def same_recipe(self) -> bool:
        """True if it is replayed under its own recipe."""
        return self.job.recipe.version == self.job.plan.version

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """Names of the columns by where their scores come from.

        `kept` from the store, `scored` by an engine, `from_numbers` are new length columns, and
        `left_out` are stored ones that the recipe does not have.
        """
        used, plan, stored = self.job.used, self.job.plan, self.job.recipe.columns
        ran = set(self.job.runs)
        return {
            "kept": [c.name for k, c in enumerate(plan.columns) if used.places[k] is not None],
            "scored": [plan.columns[k].name for k in self.job.runs],
            "from_numbers": [plan.columns[k].name for k in used.missing if k not in ran],
            "left_out": [stored[k].name for k in self.job.matched.dropped],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a group stands in its run."""

    run: str
    step: int | None
    split: str
    group: str
    """Its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A replay's answer."""

    store: str
    source: str
    """Where the recipe came from."""
    recipe: str
    version: str
    scorer_version: str | None
    """Of what scored; None where nothing was."""
    versions: Sequence[Version]
    tally: Tally
    skipped: Mapping[str, int]
    """Groups that could not be replayed, by why."""
    skipped_completions: int
    places: Mapping[int, Place]
    """Of the most changed groups, by number."""
    notes: Sequence[str] = field(default_factory=list)
    """What a reader must know of these numbers."""


def verdicts(report: Report) -> Iterator[str]:
    """A sentence per stored version: the same rewards, or what they depend on that changed."""
    for version in report.versions:
        stored, changes = version.job.recipe, version.changes
        who = f"{stored.name} {short(stored.version)}"
        if not changes.completions:
            yield f"{who}: nothing was replayed"
        elif not changes.other_rewards:
            yield f"{who}: the same rewards, to 1e-6"
        else:
            said = f"{changes.other_rewards} of {changes.completions} rewards are other"
            yield f"{who}: {said}: {'; '.join(_causes(report, version))}"


def _causes(report: Report, version: Version) -> Iterator[str]:
    """What a version's rewards depend on and is no longer what it was."""
    stored, plan = version.job.recipe, version.job.plan
    if not version.same_recipe:
        yield f"the recipe is now {plan.recipe.name} {short(plan.version)}"
    if version.scorers == "other":
        now = short(report.scorer_version or "")
        yield f"scorer_version was {short(stored.scorer_version)} and is {now}"
    elif version.scorers == "not compared" and version.same_recipe:
        yield "scorer_version was not compared, as not all it depends on was loaded"
    others = [n for n, c in report.tally.columns.items() if n != INTERACTION and _differs(c)]
    if version.same_recipe and others:
        yield f"other scores come from {', '.join(others)}"


def _differs(column: ColumnChanges) -> bool:
    return bool(column.other_scores or column.newly_scored or column.newly_unscored)


def short(version: str) -> str:
    """The beginning of a version, for people."""
    return version[: len("sha256:") + 12]


def as_json(report: Report, *, console: str = "") -> dict[str, object]:
    """The report as JSON.

    Args:
        report: What a replay came to.
        console: Address of a console, before the links.
    """
    tally = report.tally
    return {
        "store": report.store,
        "recipe": {"name": report.recipe, "version": report.version, "source": report.source},
        "scorer_version": report.scorer_version,
        "verdicts": list(verdicts(report)),
        "notes": list(report.notes),
        "versions": [_version(version) for version in report.versions],
        "skipped": {"groups": dict(report.skipped), "completions": report.skipped_completions},
        "changes": _changes(tally.changes),
        "tasks": {task: _changes(changes) for task, changes in tally.tasks.items()},
        "columns": {name: _column(changes) for name, changes in tally.columns.items()},
        "most_changed": [
            {**asdict(group), **asdict(report.places[group.number]), "page": link(group, console)}
            for group in tally.most_changed
        ],
    }


def link(group: ChangedGroup, console: str = "") -> str:
    """The console's page of a group."""
    return f"{console.rstrip('/')}/group/{group.number}"


def _version(version: Version) -> dict[str, object]:
    stored = version.job.recipe
    return {
        "name": stored.name,
        "version": stored.version,
        "scorer_version": stored.scorer_version,
        "groups": version.groups,
        "completions": version.completions,
        "same_recipe": version.same_recipe,
        "scorers": version.scorers,
        "columns": dict(version.columns),
        "other_rewards": version.changes.other_rewards,
        "largest_change": version.changes.largest_change,
    }


def _changes(changes: Changes) -> dict[str, object]:
    """Counts, and the two ways in which trainers make advantages."""
    c = changes
    signs = {"changed_sign": c.flipped, "to_zero": c.silenced, "from_zero": c.woken}
    return {
        "groups": c.groups,
        "completions": c.completions,
        "pieces_of_groups": c.pieces,
        "compared_groups": c.compared_groups,
        "best_changed": c.best_changed,
        "other_rewards": c.other_rewards,
        "largest_change": c.largest_change,
        "scored": {"before": c.scored_before, "after": c.scored_after},
        "newly_scored": c.newly_scored,
        "newly_unscored": c.newly_unscored,
        "zero_variance": {
            "before": c.zero_variance_before,
            "of_before": c.varied_before,
            "after": c.zero_variance_after,
            "of_after": c.varied_after,
        },
        "rank_correlation": {"mean": c.rank_correlation, "groups": c.ranked_groups},
        "advantages": {
            "completions": c.advantages,
            "unscaled": {**signs, "mean_change": c.mean_advantage_change},
            "scaled": {**signs, "mean_change": c.mean_scaled_advantage_change},
        },
    }


def _column(changes: ColumnChanges) -> dict[str, object]:
    c = changes
    return {
        "completions": c.completions,
        "scored": {"before": c.scored_before, "after": c.scored_after},
        "newly_scored": c.newly_scored,
        "newly_unscored": c.newly_unscored,
        "other_scores": c.other_scores,
        "mean_score": {"before": c.mean_score_before, "after": c.mean_score_after},
        "mean_paid": {"before": c.mean_paid_before, "after": c.mean_paid_after},
        "mean_moved": c.mean_moved,
    }
