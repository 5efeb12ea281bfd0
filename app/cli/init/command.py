"""`harmo init TRAINER`: the file that a trainer loads, and the flags to paste."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from harmo.app.catalogue import is_of_a_model, read
from harmo.app.cli.init import by_function, by_url
from harmo.app.cli.init.setup import Choice, Setup
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.terminal import console, load_scorers
from harmo.rewards.plan import Plan, compile_recipe

SETUPS: Mapping[str, Callable[[Choice], Setup]] = {
    "areal": by_function.areal,
    "axolotl": by_url.axolotl,
    "easyr1": by_function.easyr1,
    "json": by_url.json,
    "llamafactory": by_url.llamafactory,
    "nemo-gym": by_function.nemo_gym,
    "openrlhf": by_url.openrlhf,
    "rlinf": by_function.rlinf,
    "roll": by_function.roll,
    "slime": by_url.slime,
    "swift": by_function.swift,
    "trl": by_function.trl,
    "verifiers": by_function.verifiers,
    "verl": by_function.verl,
}
ALSO = {
    "llama-factory": "llamafactory",
    "lmm-r1": "openrlhf",
    "miles": "slime",
    "mm-eureka": "openrlhf",
    "ms-swift": "swift",
    "nemo-rl": "nemo-gym",
    "openrlhf-m": "openrlhf",
    "prime-rl": "verifiers",
    "vime": "slime",
}
"""Other names of the same."""
RECIPE, RECIPES = "math", {"llamafactory": "model"}
"""The default, and where the trainer sends no ground truth."""
NAME = re.compile(r"[\w.-]{1,256}+")
ADDRESS = re.compile(r"https?://[\w.:/\[\]-]{1,256}+")
WIDTH = 96


def init(
    trainer: Annotated[
        str, typer.Argument(metavar="TRAINER", help=f"{', '.join(SETUPS)} (json: any other).")
    ],
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="RECIPE",
            help="File, shipped name, or `model`. [math; for llamafactory model]",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Where the service is. [http://127.0.0.1:8000]", show_default=False
        ),
    ] = "http://127.0.0.1:8000",
    run: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Of the training run, for metrics. [exp-1]", show_default=False
        ),
    ] = "exp-1",
    group_size: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Completions of one prompt. [8]", show_default=False),
    ] = 8,
    force: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
) -> None:
    """Write the file that a trainer loads, and print its flags.

    Says what the recipe's columns are and what the dataset must bring.
    """
    _require_plain("--url", url, ADDRESS, "http://HOST:PORT")
    _require_plain("--run", run, NAME, "letters, digits, '.', '_' and '-'")
    name = _named(trainer)
    recipe = recipe or RECIPES.get(name, RECIPE)
    load_scorers()
    plan = None if is_of_a_model(recipe) else compile_recipe(read(recipe))
    called = recipe if plan is None else plan.recipe.name
    _require_plain("--recipe", called, NAME, "a name of letters, digits, '.', '_' and '-'")
    choice = Choice(
        url=url,
        recipe=called,
        run=run,
        group_size=group_size,
        siblings=plan is not None and _compares_siblings(plan),
    )
    setup = SETUPS[name](choice)
    if choice.siblings and not setup.siblings:
        raise ValueError(
            f"recipe {called!r} compares the completions of a prompt, and {setup.title} does not "
            "say which those are; take another recipe"
        )
    told = list(_described(called, plan, setup))
    if setup.file is None:
        _print(f"{setup.title}: no file is needed. Add:")
    else:
        _write(Path(setup.file), setup.code, told, force=force)
        _print(f"{setup.title}: wrote {setup.file}. Add:")
    _print("", textwrap.indent(setup.flags, "    "), "", *told)
    _print(f"Start the service first: {_served(recipe)}")
    _print(f"More: docs/trainers/{setup.page}.md")


def _require_plain(flag: str, value: str, pattern: re.Pattern[str], wanted: str) -> None:
    """Refuse what would need quotes in a shell, a configuration or a URL."""
    if not pattern.fullmatch(value):
        raise ValueError(f"{flag}: {value!r} cannot stand in a configuration; write {wanted}")


def _named(trainer: str) -> str:
    said = trainer.lower().replace("_", "-")
    name = ALSO.get(said, said)
    if name not in SETUPS:
        raise ValueError(
            f"no trainer {trainer!r}; there are {', '.join(SETUPS)} (json is any other)"
        )
    return name


def _served(recipe: str) -> str:
    """The command by which a service has the recipe."""
    if not is_of_a_model(recipe):
        return "harmo serve" if recipe == "math" else f"harmo serve --recipe {shlex.quote(recipe)}"
    name = recipe.partition(".")[2]
    return f"harmo serve --model {name}=DIR" if name else "harmo serve --model DIR"


def _compares_siblings(plan: Plan) -> bool:
    return plan.combiner.needs_group or any(c.scorer.compares_siblings for c in plan.columns)


def _described(recipe: str, plan: Plan | None, setup: Setup) -> Iterator[str]:
    """What the recipe and the trainer ask of the dataset, a paragraph each."""
    if plan is None:
        columns = "as the hosted model has outputs"
        yield from _paragraph(f"Recipe {recipe}: the reward model that the service hosts.")
    else:
        columns = ", ".join(column.name for column in plan.columns)
        yield from _paragraph(f"Recipe {recipe}: {plan.recipe.description}")
    yield from _paragraph(f"Columns: {columns}.")
    yield from _paragraph(f"The dataset brings: {setup.data}.")


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()), WIDTH, subsequent_indent="  ", break_on_hyphens=False
    )


def _write(target: Path, code: str, told: list[str], *, force: bool) -> None:
    if target.exists() and not force:
        raise ValueError(f"{target} is there already; --force replaces it")
    comment = "\n".join(f"# {line}" for line in told)
    with written_whole(target) as file:
        file.write(f"{comment}\n{code}".encode())


def _print(*lines: str) -> None:
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
