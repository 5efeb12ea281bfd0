"""The `harmo` command. `main` imports the rest: workers that re-import the script pay nothing."""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; a user's mistake is one sentence and exit code 2, never a traceback."""
    import click

    from harmo.app.cli.commands import cli
    from harmo.scorers import registry

    try:
        registry.load()
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except (ValueError, OSError) as error:
        print(f"harmo: {error}", file=sys.stderr)  # noqa: T201 - this is the terminal
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
