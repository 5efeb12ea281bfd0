"""Rewards for TRL's GRPOTrainer and RLOOTrainer.

    reward = HarmoReward(RewardClient("http://localhost:8000"), recipe="math", run="exp-42")
    trainer = GRPOTrainer(model=..., reward_funcs=reward, args=..., train_dataset=...)
    reward.attach(trainer)
    trainer.train()

One callable returns the reward; the columns are logged beside it. TRL skips a sample whose every
reward function returned None, and counts a None beside a number as 0: so let this be the only
reward function, or use `HarmoReward.columns`, where an unscored sample is None in every column.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from harmo_client.adapters import unscored
from harmo_client.adapters.core import ranks, report
from harmo_client.adapters.core.chat import Prompt
from harmo_client.adapters.core.hub import Batch, Generation, Hub, Watch
from harmo_client.adapters.core.rows import Fields
from harmo_client.client import RewardClient
from harmo_client.connection import Split


class TrainerState(Protocol):
    """What is read of `transformers.TrainerState`."""

    global_step: int


class _Model(Protocol):
    training: bool


class _Arguments(Protocol):
    ddp_timeout: int


class Trainer(Protocol):
    """What is read of `trl.GRPOTrainer`."""

    model: _Model
    args: _Arguments
    num_generations: int
    num_generations_eval: int
    eos_token_ids: list[int]
    processing_class: object


class _Rewarding:
    """What TRL calls: the answer to a generation, fetched and logged at its first asking."""

    __name__: str
    source: HarmoReward

    def __call__(
        self,
        prompts: Sequence[Prompt],
        completions: Sequence[Prompt],
        completion_ids: Sequence[Sequence[int]] | None = None,
        *,
        trainer_state: TrainerState | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        log_extra: Callable[[str, list[object]], None] | None = None,
        **columns: Sequence[object],
    ) -> list[float | None]:
        """One number per row, None where the sample is to be skipped; `columns` is the dataset."""
        generation = self.source.hub.latest(completions)
        if generation is None:
            started_s = time.monotonic()
            step = None if trainer_state is None else trainer_state.global_step
            batch = self.source.batch(prompts, completions, completion_ids, step, columns)
            generation = self.source.hub.score(batch)
            if log_metric is not None:
                log_metric("harmo/seconds", time.monotonic() - started_s)
                for name, value in report.metrics(generation.answer).items():
                    log_metric(name, value)
            if log_extra is not None:
                for name, values in self.table(generation).items():
                    log_extra(name, values)
        return self.read(generation)

    def read(self, generation: Generation) -> list[float | None]:
        """This function's numbers for this process's rows."""
        raise NotImplementedError

    def table(self, generation: Generation) -> dict[str, list[object]]:
        """What stands beside this process's rows in TRL's completions table."""
        asked = self.source.hub.asked(generation)
        return {**asked, **report.table(generation.answer, generation.rewards)}


class HarmoReward(_Rewarding):
    """A reward function for TRL: the served reward, or None where a completion has none.

    Called by every process with its slice of a generation, it brings the slices together, posts
    whole groups once from rank 0 and gives every process its rows, or the same error. The
    client's `retry_for_s` must be below `ddp_timeout`, or the other ranks give up first.

    `num_generations` and `end_token_ids` (EOS and padding ids: a completion that ends otherwise
    was truncated) come from `attach(trainer)` unless they are given here. Only an attached reward
    can tell evaluation from training. `watch` sees every generation with its answer, on rank 0.
    """

    def __init__(
        self,
        client: RewardClient,
        *,
        recipe: str | None = None,
        run: str | None = None,
        num_generations: int | None = None,
        end_token_ids: Collection[int] | None = None,
        reference: str | None = None,
        references: Mapping[str, str] | None = None,
        task: str | None = None,
        constraints: str | None = None,
        prefix: str = "",
        on_unscored: unscored.OnUnscored = "skip",
        unscored_value: float | None = None,
        deadline_s: float | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.__name__ = "harmo"
        self.source = self
        self.num_generations = num_generations
        self.end_token_ids = end_token_ids
        self.unscored = unscored.Unscored(on_unscored=on_unscored, unscored_value=unscored_value)
        self.hub = Hub(
            client,
            recipe=recipe,
            run=run,
            fields=Fields(
                reference=reference,
                references=references or {},
                task=task,
                constraints=constraints,
            ),
            prefix=prefix,
            deadline_s=deadline_s,
            watch=watch,
        )
        self._trainer: Trainer | None = None

    def attach(self, trainer: Trainer) -> None:
        """Read group size, end tokens and train or eval mode from the trainer.

        Raises ValueError if the client would outwait the other ranks, or `num_generations` is not
        the trainer's.
        """
        if self.num_generations not in (None, trainer.num_generations):
            raise ValueError(
                f"num_generations={self.num_generations}, but the trainer's groups have "
                f"{trainer.num_generations}; leave it out"
            )
        retry_for_s, ddp_timeout_s = self.hub.client.retry.for_s, trainer.args.ddp_timeout
        if ranks.world_size() > 1 and retry_for_s >= ddp_timeout_s:
            raise ValueError(
                f"retry_for_s={retry_for_s:g} is not below ddp_timeout={ddp_timeout_s}: the other "
                "ranks would give up first; lower the one or raise the other"
            )
        self._trainer = trainer
        if self.end_token_ids is None:
            processor = trainer.processing_class
            pad: int | None = getattr(
                getattr(processor, "tokenizer", processor), "pad_token_id", None
            )
            ends = {*trainer.eos_token_ids, pad}
            self.end_token_ids = frozenset(token for token in ends if token is not None)

    def columns(self, names: Sequence[str] | None = None) -> list[RewardColumn]:
        """One reward function per column, for `multi_objective_aggregation="normalize_then_sum"`.

        Each returns its contribution to the reward; all of them together sum to it. Standardising
        a column cancels its weight: give the weights again as `GRPOConfig.reward_weights` where
        that is done, and leave them out where it is not.

        Raises NotAdditiveError if the recipe's columns do not sum to its reward, ValueError for
        an unknown column or an `on_unscored` other than `skip` or `stop`.
        """
        if self.unscored.on_unscored not in ("skip", "stop"):
            raise ValueError(
                f"on_unscored={self.unscored.on_unscored!r} replaces a reward, not its columns; "
                "columns mode takes skip or stop"
            )
        client = self.hub.client
        recipe = self.hub.recipe or client.score([]).recipe.name
        page = client.recipe(recipe)
        report.require_additive(recipe, page)
        known = [column.name for column in page.columns if not column.shadow]
        unknown = [name for name in names or () if name not in known]
        if unknown:
            raise ValueError(
                f"recipe {recipe!r} has no column {', '.join(unknown)}; it has {', '.join(known)}"
            )
        return [RewardColumn(self, name) for name in names or known]

    def batch(
        self,
        prompts: Sequence[Prompt],
        completions: Sequence[Prompt],
        completion_ids: Sequence[Sequence[int]] | None,
        step: int | None,
        columns: Mapping[str, Sequence[object]],
    ) -> Batch:
        """TRL's arguments, with what the trainer knows beside them."""
        split, num_generations = self._mode()
        return Batch(
            prompts=prompts,
            completions=completions,
            completion_ids=completion_ids,
            columns=columns,
            step=step,
            split=split,
            num_generations=num_generations,
            end_token_ids=self.end_token_ids,
        )

    def read(self, generation: Generation) -> list[float | None]:
        return unscored.fill(generation.answer, self.unscored)[generation.rows]

    def _mode(self) -> tuple[Split, int]:
        trainer = self._trainer
        if trainer is not None and not trainer.model.training:
            return "eval", trainer.num_generations_eval
        size = self.num_generations or (trainer.num_generations if trainer else None)
        if size is None:
            raise ValueError(
                "how many completions a group has is unknown: "
                "pass num_generations or call reward.attach(trainer)"
            )
        return "train", size


class RewardColumn(_Rewarding):
    """One column of a `HarmoReward` as a reward function; all of them share one request."""

    def __init__(self, source: HarmoReward, name: str) -> None:
        self.__name__ = name
        self.source = source

    def read(self, generation: Generation) -> list[float | None]:
        unscored.fill(generation.answer, self.source.unscored)
        return report.contributions(generation.answer, generation.rewards, self.__name__)

    def table(self, generation: Generation) -> dict[str, list[object]]:
        # TRL shows the columns itself here: they are the reward functions.
        whole = report.table(generation.answer, generation.rewards)
        return {**self.source.hub.asked(generation), "unscored": whole["unscored"]}
