"""What scorers call: hosted reward models, encoders and the code sandbox, by name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmo.app.sandbox import SandboxFusion
from harmo.app.together import end
from harmo.models.base import (
    Conversations,
    Encoder,
    Load,
    ModelCard,
    ModelScore,
    RewardModel,
    busiest,
)
from harmo.models.ensemble import Ensemble
from harmo.models.room import CLOCK
from harmo.scorers.spec import BoundScorer

TokenCounter = Callable[[str], int]
"""How many tokens a completion has, EOS included."""
EMBEDDED = "embedded"
"""Name of the encoder that ships with the service."""


class MissingResourceError(ValueError):
    """A recipe needs a model or encoder that is not hosted."""


@dataclass(slots=True, kw_only=True)
class Hosting:
    """Everything loaded; filled at start-up, read by every request."""

    models: dict[str, RewardModel] = field(default_factory=dict)
    encoders: dict[str, Encoder] = field(default_factory=dict)
    sandbox: SandboxFusion | None = None
    count_tokens: TokenCounter | None = None
    """Counts a completion's tokens where the trainer sent no count."""

    def cards(self) -> list[ModelCard]:
        """The cards of everything hosted."""
        return [m.card for m in self.models.values()] + [e.card for e in self.encoders.values()]

    def loads(self) -> dict[str, Load]:
        """How busy everything hosted is, by its card's name; callable from any thread."""
        models, encoders = list(self.models.values()), list(self.encoders.values())
        loads = {model.card.name: model.load() for model in models}
        return loads | {encoder.card.name: encoder.load() for encoder in encoders}

    def load(self) -> Load:
        """The longest backlog of everything hosted, and the first fault, cheap to ask."""
        loads = [model.load() for model in self.models.values()]
        return busiest(loads + [encoder.load() for encoder in self.encoders.values()])

    def card(self, bound: BoundScorer) -> ModelCard | None:
        """The card of what a scorer calls; None if it calls no model.

        Args:
            bound: The scorer with its params.

        Raises:
            MissingResourceError: If that model is not hosted.
        """
        match bound.spec.resource:
            case "reward_model":
                return self.model(bound).card
            case "encoder":
                return self.encoder(bound).card
            case _:
                return None

    def model(self, bound: BoundScorer) -> RewardModel:
        """The reward model a scorer calls: the only one, the one its term names, or an ensemble.

        A term names several as `a+b`: they then count as one model with an output per member.
        """
        if bound.resource_name is None:
            if len(self.models) == 1:
                return next(iter(self.models.values()))
            raise _missing("reward model", "--model", bound, self.models)
        names = bound.resource_name.split("+")
        if any(name not in self.models for name in names):
            raise _missing("reward model", "--model", bound, self.models)
        members = [self.models[name] for name in names]
        return members[0] if len(members) == 1 else Ensemble(members)

    def encoder(self, bound: BoundScorer) -> Encoder:
        """The encoder a scorer calls: the one its term names, or the embedded one."""
        name = bound.resource_name or EMBEDDED
        if name not in self.encoders:
            raise _missing("text encoder", "--encoder", bound, self.encoders)
        return self.encoders[name]

    def lease(
        self,
        deadline_s: float,
        *,
        explain: bool = False,
        anew: bool = False,
        owner: Hashable = None,
    ) -> Lease:
        """What the scorers of one group may call until its deadline.

        Args:
            deadline_s: `time.monotonic()` instant.
            explain: True to have models say what they read, in the detail.
            anew: True to have everything worked out, whatever is remembered.
            owner: Whose group it is; owners take turns. None for nobody's but its own.
        """
        owner = object() if owner is None else owner
        return Lease(hosting=self, deadline_s=deadline_s, explain=explain, anew=anew, owner=owner)

    async def close(self) -> None:
        """Let go of models and connections."""
        await asyncio.gather(*(model.close() for model in self.models.values()))
        await asyncio.gather(*(encoder.close() for encoder in self.encoders.values()))
        if self.sandbox is not None:
            await self.sandbox.close()


def _missing(
    what: str, flag: str, bound: BoundScorer, hosted: Mapping[str, object]
) -> MissingResourceError:
    wanted = f"a {what} named {bound.resource_name!r}" if bound.resource_name else f"one {what}"
    known = ", ".join(hosted) or "none"
    return MissingResourceError(
        f"{bound.spec.name} needs {wanted}; hosted: {known}; host it with {flag} NAME=DIR"
    )


@dataclass(slots=True, kw_only=True)
class Lease:
    """The models as one group's scorers see them: deadline attached, each run at most once."""

    hosting: Hosting
    deadline_s: float
    owner: Hashable
    """Whose group it is: where there is a line, owners take turns."""
    explain: bool = False
    anew: bool = False
    """Everything is worked out, whatever is remembered."""
    _models: dict[str, _LeasedModel] = field(default_factory=dict)

    def resource(self, bound: BoundScorer) -> object:
        """What fills the scorer's resource argument; None for a sandbox that is not configured."""
        match bound.spec.resource:
            case "reward_model":
                model = self.hosting.model(bound)
                leased = _LeasedModel(model, self.deadline_s, self.explain)
                return self._models.setdefault(model.card.name, leased)
            case "encoder":
                return _LeasedEncoder(self.hosting.encoder(bound), self.deadline_s)
            case _:
                return self.hosting.sandbox

    async def end(self) -> None:
        """Give up what still runs: the group was scored, or nobody waits for it any more."""
        await end([answer for model in self._models.values() for answer in model.answers.values()])


@dataclass(slots=True)
class _LeasedModel:
    """A reward model that runs once for all the columns of its head."""

    model: RewardModel
    deadline_s: float
    explain: bool
    answers: dict[Conversations, asyncio.Task[list[ModelScore]]] = field(default_factory=dict)

    @property
    def card(self) -> ModelCard:
        return self.model.card

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        if group not in self.answers:
            work = self._score(group, deadline_s or self.deadline_s)
            self.answers[group] = asyncio.create_task(work)
        elif (clock := CLOCK.get()) is not None:
            clock.shared = True
        # A column that gives up must not take the others' run with it.
        return await asyncio.shield(self.answers[group])

    async def _score(self, group: Conversations, deadline_s: float) -> list[ModelScore]:
        scores = await self.model.score(group, deadline_s=deadline_s)
        if not self.explain:
            return scores
        # What cannot be shown, or not in time, must not cost a score.
        patience_s = max(0.0, deadline_s - time.monotonic()) / 2
        work = asyncio.wait_for(self.model.shown(group), patience_s)
        (shown,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(shown, BaseException):
            shown = [{"error": type(shown).__name__}] * len(scores)
        elif len(shown) != len(scores):
            shown = [{"error": "wrong_length"}] * len(scores)
        return [
            replace(score, detail={**score.detail, "input": read}) if read else score
            for score, read in zip(scores, shown, strict=True)
        ]

    def load(self) -> Load:
        return self.model.load()

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        return await self.model.shown(group)

    async def close(self) -> None:
        """Nothing: the hosting owns the model."""


@dataclass(slots=True)
class _LeasedEncoder:
    """An encoder that knows when its work is no longer wanted."""

    encoder: Encoder
    deadline_s: float

    @property
    def card(self) -> ModelCard:
        return self.encoder.card

    async def similarities(
        self, texts: Sequence[str], reference: str | bytes, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        limit_s = deadline_s or self.deadline_s
        return await self.encoder.similarities(texts, reference, deadline_s=limit_s)

    def load(self) -> Load:
        return self.encoder.load()

    async def close(self) -> None:
        """Nothing: the hosting owns the encoder."""
