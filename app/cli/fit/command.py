"""`harmo fit-weights AUDIT --prefer FILE`: a recipe's weights from what people prefer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harmo.app.cli.fit.judged import Judged, judged
from harmo.app.cli.fit.report import report, verdict
from harmo.app.cli.fit.result import Result, as_json, fit_to
from harmo.app.cli.fit.stated import Labelled, Preferred, read_lines
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.terminal import console, load_scorers, progress_console
from harmo.audit.read import Reader
from harmo.rewards.fit.weights import REDRAWS

NO_WEIGHTS = 1
"""Exit code where no column is worth a weight."""


Audit = Annotated[
    Path, typer.Argument(metavar="AUDIT", help="Folder of a service's --audit, or of a run's.")
]
Prefer = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help='Lines {"group": 7, "better": "0", "worse": "3"}; "tie": true.'
    ),
]
Labels = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help='Lines {"group": 7, "id": "0", "right": true}.'),
]
OfRecipe = Annotated[
    str | None, typer.Option(metavar="NAME", help="Or version; where several scored the groups.")
]
Shadows = Annotated[bool, typer.Option("--shadows", help="Offer weights to shadow columns, too.")]
To = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the recipe there; - prints it and nothing else."),
]
Redraws = Annotated[
    int, typer.Option(metavar="N", min=40, max=10_000, help="Of the groups, for intervals.")
]


def fit_weights(
    audit: Audit,
    prefer: Prefer = None,
    labels: Labels = None,
    recipe: OfRecipe = None,
    shadows: Shadows = False,  # noqa: FBT002 - typer's form of a flag
    to: To = None,
    json: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--json", help="All of it as JSON.")
    ] = False,
    redraws: Redraws = REDRAWS,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of redraws and folds.")] = 0,
) -> int:
    """Fit a recipe's weights to preferences, and print the recipe.

    A group is its number in the store, or {"run": ..., "step": ..., "id": ...}. Weights are >= 0,
    by Bradley-Terry on the stored scores; nothing is scored again. Exit code 1 where no column is
    worth a weight.
    """
    if (prefer is None) == (labels is None):
        raise ValueError("give --prefer FILE or --labels FILE, one of the two")
    load_scorers()
    found = _judged(audit, prefer, labels, recipe, shadows=shadows)
    with _bar() as bar:
        task = bar.add_task("redraws", total=redraws)
        result = fit_to(
            found, seed=seed, redraws=redraws, progress=lambda n: bar.update(task, completed=n)
        )
    if to is not None and result.file is not None:
        with written_whole(to) as file:
            file.write(result.file.encode())
    _print(result, to=to, json=json)
    return 0 if result.fitted else NO_WEIGHTS


def _judged(
    audit: Path, prefer: Path | None, labels: Path | None, recipe: str | None, *, shadows: bool
) -> Judged:
    lines: list[tuple[int, Preferred | Labelled]] = []
    if prefer is not None:
        lines += read_lines(prefer, Preferred)
    if labels is not None:
        lines += read_lines(labels, Labelled)
    reader = Reader(audit)
    try:
        return judged(reader, lines, recipe=recipe, shadows=shadows)
    finally:
        reader.close()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=progress_console,
        transient=True,
        disable=not progress_console.is_terminal,
    )


def _print(result: Result, *, to: Path | None, json: bool) -> None:
    apart = str(to) == "-"
    if json:
        typer.echo(as_json(result), err=apart)
        return
    out: Console = progress_console if apart else console
    out.print(report(result), highlight=False)
    if result.fitted is None or result.file is None:
        return
    out.print()
    if to is None:
        out.print(result.file, markup=False, highlight=False, soft_wrap=True)
    elif not apart:
        out.print(f"recipe {result.fitted.recipe.name} written: {to}", markup=False)
    out.print(verdict(result.fitted), highlight=False)
