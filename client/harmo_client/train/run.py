"""One training run: put the parts together, train, and stop cleanly when rewards stop coming."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harmo_client import wire
from harmo_client.adapters.trl import HarmoReward
from harmo_client.client import RewardClient
from harmo_client.errors import HarmoError
from harmo_client.train.completions import CompletionsTable
from harmo_client.train.config import ConfigError, TrainConfig
from harmo_client.train.curves import CurvesCallback, panels_of
from harmo_client.train.dataset import load_rows
from harmo_client.train.metrics import MetricsLog
from harmo_client.train.outage import StepBoundary, last_checkpoint, save_checkpoint
from harmo_client.train.policy import grpo_arguments, load_policy, lora_arguments
from harmo_client.train.progress import ProgressBar, accuracy_key
from harmo_client.train.service import RewardsLostError, ask_columns, connect

if TYPE_CHECKING:
    from transformers import TrainerCallback
    from trl import GRPOTrainer


def train(config: TrainConfig, callbacks: Sequence[TrainerCallback] = ()) -> Path:
    """Folder of the trained policy; `callbacks` run beside harmo-train's own.

    Raises ConfigError if the run cannot start as configured, and RewardsLostError if the service
    stayed away: a checkpoint was saved first.
    """
    # TRL sets an argument that transformers has renamed, once a step; nothing a user can change.
    warnings.filterwarnings("ignore", message=".*gradient_checkpointing", category=FutureWarning)
    checkpoint = _starting_point(config)
    arguments = grpo_arguments(config)
    peft_config = lora_arguments(config)
    policy = load_policy(config.model, arguments.model_init_kwargs or {})
    rows = load_rows(config.dataset, chat=policy.has_chat_template)
    console = Console()
    with connect(config) as client:
        columns = ask_columns(client, config)
        boundary = StepBoundary()
        reward = _make_reward(client, config)
        bar = ProgressBar(console, accuracy_key(columns))
        trainer = _make_trainer(
            model=policy.model,
            processing_class=policy.processing,
            reward_funcs=reward,
            args=arguments,
            train_dataset=rows,
            peft_config=peft_config,
            callbacks=[boundary, bar, *_observers(config, columns, console), *callbacks],
        )
        _attach(reward, trainer)
        with closing(bar):
            _train_or_save(trainer, boundary, checkpoint)
    folder = config.output_dir / "policy"
    trainer.save_model(str(folder))
    return folder


def _starting_point(config: TrainConfig) -> Path | None:
    checkpoint = last_checkpoint(config.output_dir)
    if checkpoint and not config.resume:
        raise ConfigError(
            f"{config.output_dir} already holds {checkpoint.name}: continue it with --resume, "
            "or choose another output_dir"
        )
    return checkpoint


def _make_reward(client: RewardClient, config: TrainConfig) -> HarmoReward:
    return HarmoReward(
        client,
        recipe=config.service.recipe,
        run=config.run_name,
        reference=config.dataset.reference,
        references=config.dataset.references,
        task=config.dataset.task,
        constraints=config.dataset.constraints,
        prefix=config.prefix,
        on_unscored=config.service.on_unscored,
    )


def _observers(
    config: TrainConfig, columns: Sequence[wire.Column], console: Console
) -> list[TrainerCallback]:
    out = config.output_dir
    metrics, picture = out / "metrics.jsonl", out / "curves.png"
    every, rows = config.curves_every, config.show_completions
    return [
        MetricsLog(metrics),
        CurvesCallback(metrics, picture, panels_of(columns), every=every),
        CompletionsTable(out / "completions", console, every=every, rows=rows),
    ]


def _make_trainer(**arguments: object) -> GRPOTrainer:
    from transformers.trainer_callback import PrinterCallback
    from trl import GRPOTrainer

    try:
        trainer = GRPOTrainer(**arguments)
    except (TypeError, ValueError, ImportError) as error:
        raise ConfigError(f"TRL refuses this run: {error}") from error
    trainer.remove_callback(PrinterCallback)
    return trainer


def _attach(reward: HarmoReward, trainer: GRPOTrainer) -> None:
    try:
        reward.attach(trainer)
    except ValueError as error:
        raise ConfigError(f"service.retry_budget_s: {error}") from error


def _train_or_save(trainer: GRPOTrainer, boundary: StepBoundary, checkpoint: Path | None) -> None:
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except HarmoError as error:
        saved = save_checkpoint(trainer, boundary)
        # As at a normal end: the bar, the curves and the reporters finish their work.
        trainer.callback_handler.on_train_end(trainer.args, trainer.state, trainer.control)
        # A launcher ends all ranks when the first leaves: let none leave before all have saved.
        trainer.accelerator.wait_for_everyone()
        outcome = f"saved {saved}; --resume continues" if saved else "nothing was trained yet"
        step = trainer.state.global_step
        raise RewardsLostError(f"stopped after step {step}: {error}; {outcome}") from error
