"""Bars and warnings of libraries that a user of harmo-train can do nothing about."""

from __future__ import annotations

import logging
import sys
import warnings


def quieten() -> None:
    """Silence what repeats every step, and bars where there is no terminal to draw them in."""
    import datasets
    from transformers.utils import logging as transformers_logging

    # TRL sets an argument that transformers has renamed, once a step.
    warnings.filterwarnings("ignore", message=".*gradient_checkpointing", category=FutureWarning)
    # It prints the whole row with every generation that has an unscored completion; the hub says
    # each reason once, and the summary all of them.
    logging.getLogger("trl.trainer.grpo_trainer").addFilter(_is_not_about_unscored)
    datasets.disable_progress_bars()
    if not sys.stderr.isatty():
        transformers_logging.disable_progress_bar()


def quieten_checkpoints() -> None:
    """No bar of its own for every checkpoint: it would break the bar of the run."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()


def _is_not_about_unscored(record: logging.LogRecord) -> bool:
    return "All reward functions returned None" not in record.getMessage()
