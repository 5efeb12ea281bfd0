"""A replay from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from harmo.app.hosting import Hosting
from harmo.app.replay.comparing import Comparison, Outcome, Sink
from harmo.app.replay.jobs import Job, Key, jobs
from harmo.app.replay.opening import Opened, is_hosted, opened, plan_under
from harmo.app.replay.report import Place, Report, Scorers, Version
from harmo.app.replay.results import Results
from harmo.app.replay.scoring import Columns, Extent, due, extent, result_columns, score
from harmo.app.settings import Settings
from harmo.audit.read import Query, Reader
from harmo.rewards import lint
from harmo.rewards.changes import Changes
from harmo.rewards.plan import Plan
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry


class ReplayError(ValueError):
    """Nothing can be replayed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be replayed."""

    store: Path
    query: Query
    recipe: Recipe
    source: str
    """Where the recipe came from."""
    rescore: bool = False
    """True to use no stored scores."""
    to: Path | None = None
    """Folder for scores; beside the store if None."""

    @property
    def folder(self) -> Path:
        """Where scores are written, should any column have to run."""
        return self.to or self.store.resolve().with_name(f"{self.store.resolve().name}.replay")


Begin = Callable[[str, int], Callable[[int], None]]
"""Told what begins, and of how many completions; gives what is told of those that are done."""


async def replayed(
    asked: Asked,
    settings: Settings,
    *,
    begin: Begin,
    sink: Sink | None = None,
    hosting: Hosting | None = None,
) -> Report:
    """Replay, and compare.

    Args:
        asked: What.
        settings: Models, device and workers, should anything have to be scored.
        begin: Told of progress.
        sink: Takes every completion before and after.
        hosting: Models that are loaded already.

    Raises:
        StoreError: If there is no store.
        ReplayError: If there is nothing to replay.
        RecipeError: If the recipe is refused, or needs a model that is not hosted.
        ResultsError: If scores cannot be written.
    """
    registry.load()
    with closing(Reader(asked.store)) as reader, closing(Reader(asked.store)) as again:
        found = extent(reader, asked.query)
        if not found.recipes:
            raise ReplayError(_nothing(reader, asked))
        todo = Todo.of(plan_under(asked.recipe, hosting or Hosting()), found, asked)
        with ExitStack() as files:
            if todo.runs or settings.models or settings.encoders:
                results = Results(asked.folder, asked.store)
                files.callback(results.close)
                wanted = [todo.plan.columns[k] for k in todo.runs]
                async with opened(settings, asked.recipe, wanted, hosting) as engine:
                    todo = Todo.of(engine.plan, found, asked).with_results(results, engine)
                    await _score(asked, reader, found, todo, engine, results, begin)
            comparison = Comparison(jobs=todo.jobs, columns=todo.columns, again=again, sink=sink)
            groups = found.within(reader.groups(asked.query, texts=False))
            tell = begin("comparing", sum(found.completions.values()))
            outcome = await comparison.run(groups, tell)
            outcome.expect(sum(found.groups.values()), sum(found.completions.values()))
        places = {group.number: _place(again, group.number) for group in outcome.tally.most_changed}
    return _report(asked, todo, found, outcome, places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """What each stored version takes."""

    plan: Plan
    jobs: Mapping[Key, Job]
    columns: Mapping[Key, Columns]
    scorer_version: str | None = None
    complete: bool = False
    """True if every model that the recipe calls was loaded."""

    @classmethod
    def of(cls, plan: Plan, found: Extent, asked: Asked) -> Todo:
        """Before anything is loaded."""
        made = jobs(plan, list(found.recipes.values()), rescore=asked.rescore)
        return cls(plan=plan, jobs=made, columns={version: {} for version in made})

    def with_results(self, results: Results, engine: Opened) -> Todo:
        """With the places of results, which depend on what scores."""
        version = engine.scorer_version
        return replace(
            self,
            columns={key: result_columns(job, results, version) for key, job in self.jobs.items()},
            scorer_version=version,
            complete=all(is_hosted(column, engine.hosting) for column in self.plan.columns),
        )

    @property
    def runs(self) -> list[int]:
        """Columns of the recipe that run for any version."""
        return sorted({k for job in self.jobs.values() for k in job.runs})


async def _score(
    asked: Asked,
    reader: Reader,
    found: Extent,
    todo: Todo,
    engine: Opened,
    results: Results,
    begin: Begin,
) -> None:
    left = due(reader, asked.query, found, todo.columns)
    if left.completions:
        pictures = any(job.needs_pictures for job in todo.jobs.values())
        query = replace(asked.query, after=left.after)
        groups = found.within(reader.groups(query, pictures=pictures))
        tell = begin("scoring", left.completions)
        await score(engine, groups, todo.jobs, todo.columns, results, tell)


def _nothing(reader: Reader, asked: Asked) -> str:
    """Why nothing was found: what there is instead."""
    runs = ", ".join(repr(run.run) for run in reader.runs()) or "none"
    return f"{asked.store}: no group of that run, step, task and split; runs: {runs}"


def _place(reader: Reader, number: int) -> Place:
    kept = next(reader.groups(Query(after=number - 1), texts=False), None)
    if kept is None or kept.number != number:
        # It was pruned meanwhile.
        return Place(run="", step=None, split="", group="")
    group = kept.group
    return Place(run=group.run or "", step=group.step, split=group.split, group=group.id)


def _report(
    asked: Asked, todo: Todo, found: Extent, outcome: Outcome, places: Mapping[int, Place]
) -> Report:
    versions = [
        Version(
            job=job,
            groups=found.groups[key],
            completions=found.completions[key],
            changes=outcome.versions.get(key, Changes()),
            scorers=_scorers(todo, job),
        )
        for key, job in todo.jobs.items()
    ]
    return Report(
        store=str(asked.store),
        source=asked.source,
        recipe=todo.plan.recipe.name,
        version=todo.plan.version,
        scorer_version=todo.scorer_version,
        versions=versions,
        tally=outcome.tally,
        skipped=dict(outcome.skipped),
        skipped_completions=outcome.skipped_completions,
        places=places,
        notes=list(dict.fromkeys(_notes(todo))),
    )


def _scorers(todo: Todo, job: Job) -> Scorers:
    if todo.scorer_version == job.recipe.scorer_version:
        return "same"
    return "other" if todo.complete else "not compared"


def _notes(todo: Todo) -> Iterator[str]:
    """Why the recipe could not have been served with the models that gave the stored scores."""
    for job in todo.jobs.values():
        for finding in lint.check(job.plan):
            if finding.level == "refuse":
                yield f"not by the models of the stored scores: {finding.message}"
