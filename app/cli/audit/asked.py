"""Which groups a command line asks for: flags to a `Query`, checked against the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated

import typer

from harmo.app.cli.top.words import plain
from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.scorers.types import Reason

_MAX_DIGITS = 100
NO_RUN = "-"
"""How a command line names the groups that came without a run."""

Steps = Annotated[
    str | None,
    typer.Option(
        metavar="A:B", help="From step A to step B, both included; either may be left out."
    ),
]
Task = Annotated[str | None, typer.Option(metavar="WORD", help="Groups of this task.")]
Column = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Groups that have this column; with --reason, where it abstained so."
    ),
]
Why = Annotated[
    str | None,
    typer.Option("--reason", metavar="WORD", help="Groups where something is missing for it."),
]
Split = Annotated[str | None, typer.Option(metavar="NAME", help="train or eval, say.")]
Recipe = Annotated[str | None, typer.Option(metavar="RECIPE", help="A recipe's name, or version.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What stands on a command line."""

    run: str | None = None
    """`-` for the groups that came without one."""
    steps: str | None = None
    task: str | None = None
    column: str | None = None
    reason: str | None = None
    split: str | None = None
    recipe: str | None = None

    def query(self, reader: Reader) -> Query:
        """The query; a name that the store does not have is a ValueError with those it has."""
        run = None if self.run is None else run_of(self.run, reader)
        _require_names(self, reader, run)
        return Query(
            run=run,
            split=self.split,
            steps=steps(self.steps),
            task=self.task,
            recipe=self.recipe,
            column=self.column,
            reason=None if self.reason is None else _reason(self.reason),
        )


def steps(text: str | None) -> tuple[int | None, int | None]:
    """First and last step of `A:B`, `A:`, `:B` or `A`; a ValueError names what is none of them."""
    if text is None:
        return None, None
    first, colon, last = text.partition(":")
    numbers = [part.strip() for part in (first, last if colon else first)]
    if not all(part.isascii() and (part.isdigit() or not part) for part in numbers) or not any(
        numbers
    ):
        raise ValueError(f"--steps: {text!r} is no A:B, such as 100:200, 100: or :200")
    if max(map(len, numbers)) > _MAX_DIGITS:
        raise ValueError(f"--steps: no step has more than {_MAX_DIGITS} digits")
    begin, end = (int(part) if part else None for part in numbers)
    if begin is not None and end is not None and begin > end:
        raise ValueError(f"--steps: {text!r} ends before it begins")
    return begin, end


def named_run(run: str) -> str:
    """A run as a command line and a table have it."""
    return plain(run) or NO_RUN


def run_of(name: str, reader: Reader) -> str:
    """The run that is meant, by its name or as a table has it; a ValueError names those there are.

    Args:
        name: `-` for the groups that came without one.
        reader: Of the store.
    """
    runs = [summary.run for summary in reader.runs()]
    wanted = "" if name == NO_RUN else name
    found = [wanted] if wanted in runs else [run for run in runs if run and plain(run) == name]
    if len(found) > 1:
        raise ValueError(
            f"run {name!r} may be any of {len(found)}; take its name from `runs --json`"
        )
    if not found:
        raise ValueError(
            f"no run {name!r} in the store; {_known(name, list(map(named_run, runs)))}"
        )
    return found[0]


def _require_names(asked: Asked, reader: Reader, run: str | None) -> None:
    recipes = reader.recipes(run)
    columns = list(dict.fromkeys(c.name for recipe in recipes for c in recipe.columns))
    names = list(dict.fromkeys(recipe.name for recipe in recipes))
    versions = {recipe.version for recipe in recipes}
    if asked.column is not None and asked.column not in (*columns, "reward"):
        raise ValueError(f"--column: no column {asked.column!r}; {_known(asked.column, columns)}")
    if asked.recipe is not None and asked.recipe not in (*names, *versions):
        raise ValueError(f"--recipe: no recipe {asked.recipe!r}; {_known(asked.recipe, names)}")


def _reason(word: str) -> Reason:
    try:
        return Reason(word)
    except ValueError:
        known = [reason.value for reason in Reason]
        raise ValueError(f"--reason: no reason {word!r}; {_known(word, known)}") from None


def _known(name: str, known: Sequence[str], limit: int = 8) -> str:
    """What was meant, or what there is."""
    close = [each for each in known if each.startswith(name)]
    close = close or get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(map(plain, known[:limit]))
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return f"there are {listed}{more}" if known else "there are none"
