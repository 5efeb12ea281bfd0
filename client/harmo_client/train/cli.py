"""The console script harmo-train. torch and trl load only once a config has been read."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from harmo_client.adapters.core import ranks
from harmo_client.train.checkpoints import last_checkpoint
from harmo_client.train.config import ConfigError, TrainConfig, load_config
from harmo_client.train.requirements import require_extra
from harmo_client.train.service import (
    NeverAnsweredError,
    NothingScoredError,
    RewardsLostError,
)
from harmo_client.train.serving.running import ServiceFailedError

USER_MISTAKE, SERVICE_LOST, NOTHING_SCORED, INTERRUPTED = 2, 3, 4, 130

EXIT_CODES = """\
exit codes:
  0    trained to the end; the policy lies in OUTPUT_DIR/policy
  2    a mistake in the config, the dataset or the recipe name, a package that is not
       installed, or a service of service.serve that does not come up; the message says which
  3    rewards stopped coming: the service stayed away longer than service.retry_budget_s,
       changed its recipe, or left a completion unscored under `on_unscored: stop`; a
       checkpoint was saved, and --resume continues from it with the same numbers
  4    service.stop_after_unscored generations in a row (default 2) brought no reward at all;
       the message lists the reasons, and what was learned before was saved
  130  interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of one run: see `harmo-train --help`."""
    arguments = _parse(argv)
    config: TrainConfig | None = None
    try:
        require_extra()
        config = load_config(arguments.config, service=arguments.service, resume=arguments.resume)
        from harmo_client.train.run import train

        train(config)
    except (ConfigError, ServiceFailedError) as error:
        return _fail(str(error), USER_MISTAKE)
    except NeverAnsweredError as error:
        return _fail(str(error), SERVICE_LOST)
    except RewardsLostError as lost:
        return _fail_together(str(lost), SERVICE_LOST)
    except NothingScoredError as stopped:
        return _fail_together(str(stopped), NOTHING_SCORED)
    except KeyboardInterrupt:
        return _fail(_interrupted(config), INTERRUPTED)
    return 0


def _interrupted(config: TrainConfig | None) -> str:
    checkpoint = last_checkpoint(config.output_dir) if config else None
    if checkpoint is None:
        return "interrupted; no checkpoint was saved yet (grpo.save_steps says how often)"
    return f"interrupted; --resume continues from {checkpoint}"


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


def _fail_together(message: str, code: int) -> int:
    _fail(message, code)
    # A launcher ends all ranks when the first leaves: let none leave before it has been said.
    ranks.settle_once(lambda: None, lambda _: None)
    return code


def _fail(message: str, code: int) -> int:
    # Every process of a machine fails alike: one of them speaks.
    if os.environ.get("LOCAL_RANK", "0") == "0":
        print(f"harmo-train: {message}", file=sys.stderr, flush=True)
    return code
