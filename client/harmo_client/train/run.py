"""One training run: put the parts together, train, and stop cleanly when rewards stop coming."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from harmo_client.adapters.trl import HarmoReward
from harmo_client.client import RewardClient
from harmo_client.errors import HarmoError
from harmo_client.train.checkpoints import STATE_FILE, last_checkpoint
from harmo_client.train.config import ConfigError, TrainConfig
from harmo_client.train.dataset import read_rows, shape_rows
from harmo_client.train.outage import StepBoundary, save_checkpoint
from harmo_client.train.policy import grpo_arguments, load_policy, lora_arguments
from harmo_client.train.quiet import quieten, quieten_checkpoints
from harmo_client.train.record.completions import TrainingTablesOnly
from harmo_client.train.record.record import Record
from harmo_client.train.service import (
    NothingScoredError,
    RewardsLostError,
    ask_recipe,
    connect,
    serving,
    tell_where_kept,
)

if TYPE_CHECKING:
    from transformers import TrainerCallback
    from trl import GRPOConfig, GRPOTrainer


def train(config: TrainConfig, callbacks: Sequence[TrainerCallback] = ()) -> Path:
    """Folder of the trained policy; `callbacks` run beside harmo-train's own.

    Raises ConfigError if the run cannot start as configured and NeverAnsweredError if it finds no
    service; and on every rank alike, with what was learned saved as a checkpoint, RewardsLostError
    if the service stayed away and NothingScoredError if no completion got a reward.
    """
    quieten()
    checkpoint = _starting_point(config)
    arguments = grpo_arguments(config, resumed=checkpoint is not None)
    if checkpoint:
        _require_steps_left(checkpoint, arguments)
    peft_config = lora_arguments(config)
    # Dataset and service come before the policy: what is wrong with them is said at once.
    datasets = {"train_dataset": config.dataset, "eval_dataset": config.dataset.held_out}
    rows = {name: (read_rows(d), d) for name, d in datasets.items() if d}
    with serving(config) as url, connect(config, url) as client:
        page = ask_recipe(client, config, url)
        policy = load_policy(config.model, arguments.model_init_kwargs or {})
        quieten_checkpoints()
        chat = policy.has_chat_template
        boundary = StepBoundary()
        resumed = checkpoint is not None
        record = Record(config, page, rollouts=arguments.log_completions, resumed=resumed)
        reward = _make_reward(client, config, record)
        trainer = _make_trainer(
            model=policy.model,
            processing_class=policy.processing,
            reward_funcs=reward,
            args=arguments,
            **{name: shape_rows(*read, chat=chat) for name, read in rows.items()},
            peft_config=peft_config,
            callbacks=[boundary, *record.callbacks(), *callbacks],
        )
        _attach(reward, trainer)
        with closing(record):
            _train_or_save(trainer, boundary, record, checkpoint)
    folder = config.output_dir / "policy"
    trainer.save_model(str(folder))
    record.summarise()
    tell_where_kept(config)
    return folder


def _starting_point(config: TrainConfig) -> Path | None:
    checkpoint = last_checkpoint(config.output_dir)
    if checkpoint and not config.resume:
        raise ConfigError(
            f"{config.output_dir} already holds {checkpoint.name}: continue it with --resume, "
            "or choose another output_dir"
        )
    return checkpoint


def _require_steps_left(checkpoint: Path, arguments: GRPOConfig) -> None:
    """Refuse a run that is over: the trainer would take a step beyond its end."""
    state = json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    if arguments.max_steps > 0:
        over = state["global_step"] >= arguments.max_steps
    else:
        longer = arguments.num_train_epochs > state["num_train_epochs"]
        over = state["global_step"] >= state["max_steps"] and not longer
    if over:
        raise ConfigError(
            f"this run is over: {checkpoint} is its last step. To train on, raise grpo.max_steps "
            "or grpo.num_train_epochs"
        )


def _make_reward(client: RewardClient, config: TrainConfig, record: Record) -> HarmoReward:
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
        watch=record.watch,
    )


def _make_trainer(**arguments: object) -> GRPOTrainer:
    from transformers.trainer_callback import PrinterCallback
    from trl import GRPOTrainer

    try:
        trainer = GRPOTrainer(**arguments)
    except (TypeError, ValueError, ImportError) as error:
        raise ConfigError(f"TRL refuses this run: {error}") from error
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(TrainingTablesOnly(trainer))
    return trainer


def _attach(reward: HarmoReward, trainer: GRPOTrainer) -> None:
    try:
        reward.attach(trainer)
    except ValueError as error:
        raise ConfigError(f"service.retry_budget_s: {error}") from error


def _train_or_save(
    trainer: GRPOTrainer, boundary: StepBoundary, record: Record, checkpoint: Path | None
) -> None:
    ended = False
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        ended = True
        record.tally.require_scored()
    except HarmoError as error:
        barren = isinstance(error, NothingScoredError) and not error.learned
        saved = None if barren else save_checkpoint(trainer, boundary)
        if not ended:
            # As at a normal end: the bar, the curves and the reporters finish their work.
            trainer.callback_handler.on_train_end(trainer.args, trainer.state, trainer.control)
        record.summarise()
        step = trainer.state.global_step
        raise _stopped(
            error, step, saved or last_checkpoint(Path(trainer.args.output_dir))
        ) from error


def _stopped(error: HarmoError, step: int, saved: Path | None) -> Exception:
    """The error that ends the run, with what lies where and how to go on."""
    on = f"{saved} holds what was learned; --resume continues from it"
    outcome = on if saved else "nothing was learned yet, so there is no checkpoint"
    if isinstance(error, NothingScoredError):
        return NothingScoredError(f"stopped after step {step}: {error}\n{outcome}")
    return RewardsLostError(f"stopped after step {step}: {error}; {outcome}")
