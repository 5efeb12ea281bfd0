"""The console script harmo-train. torch and trl load only once a config has been read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from harmo_client.train.config import ConfigError, load_config
from harmo_client.train.service import RewardsLostError

USER_MISTAKE, SERVICE_LOST, INTERRUPTED = 2, 3, 130

EXIT_CODES = """\
exit codes:
  0    trained to the end; the policy lies in OUTPUT_DIR/policy
  2    a mistake in the config, the dataset or the recipe name; the message says which
  3    rewards stopped coming: the service stayed away longer than service.retry_budget_s,
       changed its recipe, or left a completion unscored under `on_unscored: stop`; a
       checkpoint was saved, and --resume continues from it with the same numbers
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of one run: see `harmo-train --help`."""
    arguments = _parse(argv)
    try:
        config = load_config(arguments.config, service=arguments.service, resume=arguments.resume)
        from harmo_client.train.run import train

        train(config)
    except ConfigError as error:
        return _fail(str(error), USER_MISTAKE)
    except RewardsLostError as lost:
        return _fail(str(lost), SERVICE_LOST)
    except KeyboardInterrupt:
        return _fail("interrupted; --resume continues from the last checkpoint", INTERRUPTED)
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="harmo-train",
        description="Train a text or vision-language policy by GRPO on rewards from a service.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # The version of the distribution that it comes with.
    shown = f"harmo-train {version('harmo-client')}"
    parser.add_argument("--version", action="version", version=shown)
    parser.add_argument("config", type=Path, metavar="CONFIG.yaml")
    parser.add_argument("--service", metavar="URL", help="address of the Harmo service")
    parser.add_argument("--resume", action="store_true", help="continue from the last checkpoint")
    return parser.parse_args(argv)


def _fail(message: str, code: int) -> int:
    print(f"harmo-train: {message}", file=sys.stderr)
    return code
