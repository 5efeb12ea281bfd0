"""The tree of commands."""

from __future__ import annotations

import typer

from harmo.app.cli import models, recipes, score, scorers, serve

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Rewards for RL post-training: models, rules, aspects and lengths behind POST /score.",
)
cli.command("serve")(serve.serve)
cli.command("score")(score.score)
cli.add_typer(scorers.commands, name="scorers")
cli.add_typer(recipes.commands, name="recipes")
cli.add_typer(models.commands, name="models")
