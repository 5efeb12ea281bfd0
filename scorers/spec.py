"""What a scorer is: the function, how it wants to run, and what others must know of it.

Recipes, their checks and the engine read of a scorer what stands here, and no more: a plugin that
declares the same is treated the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

from harmo.models.base import Meaning
from harmo.scorers.types import Family, Part, Reason, Sample, Score, ThinkTags

ScorerFn: TypeAlias = Callable[..., object]
"""(sample, *, params) -> Score, (group, *, params) -> list[Score], or `async def` of either."""
Takes = Literal["sample", "group"]
Resource = Literal["reward_model", "encoder", "sandbox"]
"""What `app` hands to a scorer that calls a service: a hosted model, an encoder, a code sandbox."""
Flag: TypeAlias = bool | Callable[..., bool]
"""True or False, or a function of the term's params that says which."""
SelfAnswer = Literal["sentence", "boxed", "bare", "never"]
"""The furthest form in which a reference is a right answer to itself: in a sentence, in a box, bare
or in tags, or in none (it is a pattern, or tests)."""
Bounds: TypeAlias = tuple[float, float] | None
"""Least and greatest value; None if unbounded."""


class Tries(NamedTuple):
    """What a probe may give a scorer as an answer to one reference."""

    right: tuple[str, ...]
    """Texts that are right in full; none where nobody can write one down."""
    wrong: Mapping[str, str] = MappingProxyType({})
    """Texts that are wrong, by what is wrong with them."""


ROUNDING = 1e-6
"""A value so close outside its bounds is rounding; it is taken as the bound."""


def within(score: Score, bounds: Bounds) -> Score:
    """The score, or an abstention of ours where its value would break what was declared."""
    if bounds is None or score.value is None:
        return score
    least, greatest = bounds
    if least <= score.value <= greatest:
        return score
    nearest = min(max(score.value, least), greatest)
    if abs(score.value - nearest) <= ROUNDING:
        return replace(score, value=nearest)
    detail = {**score.detail, "value": score.value, "bounds": [least, greatest]}
    return Score(reason=Reason.OUT_OF_BOUNDS, confidence=0.0, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a scorer's values mean."""

    bounds: Bounds
    p_correct: bool = False
    """Each is a fitted P(correct), which accuracy modes may mix with verdicts."""

    @classmethod
    def of_model(cls, meaning: Meaning | None) -> Output:
        """What a hosted model's output is, left as it is; None where no model is known yet."""
        bounds = (0.0, 1.0) if meaning in ("unit", "p_correct") else None
        return cls(bounds=bounds, p_correct=meaning == "p_correct")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerSpec:
    """A registered function, how it wants to run, and what others must know of it."""

    name: str
    family: Family
    fn: ScorerFn
    takes: Takes
    isolate: bool
    """Runs in a worker process that is killed at `timeout_s`."""
    timeout_s: float
    reads: Part
    """The part of the completion it reads unless the term says otherwise."""
    bounds: Bounds | Callable[..., Bounds]
    """Range of its values, or a function of the params where they move it."""
    output_of: Callable[..., Output] | None
    """What its values mean, from the hosted model's meaning (None: not known yet) and the params;
    in place of `bounds`."""
    compares_siblings: Flag
    """Abstains unless the whole group is here."""
    scores_wrong: Flag
    """Gives wrong completions values that differ: a length term then counts for them too."""
    resource: Resource | None
    """Keyword argument that `app` fills; the term's param of this name picks which one."""
    inline: Callable[..., Score | None] | None
    """Tried first in-process, microseconds; None from it means: ask the worker."""
    reference_fault: Callable[[object], Reason | None] | None
    """Says in a worker why a reference cannot be read; None where it can."""
    on_loop: bool
    """Linear in its text: where a group is small it runs on the event loop, else in a thread."""
    checks: Callable[..., int] | None
    """How often it goes over a sample's text, given the sample and the params; None for once."""
    by_text: bool
    """Siblings whose text is the same get one verdict, worked out once."""
    carries: tuple[str, ...] | None
    """Of prompt, images, references, constraints and metadata those that it reads; None: all. The
    others do not travel to its worker; with `image_sizes` images do without their bytes."""
    think_tags: Callable[..., ThinkTags | None] | None
    """What stands round the think part, as the term's params say it; None from it: they do not."""
    self_answer: SelfAnswer | Callable[..., SelfAnswer]
    """How a completion may give the reference itself and be right, or a function of the term's
    params that says so: `harmo probe` tries it."""
    tries: Callable[..., Tries | None] | None
    """Given a sample and the params: what a probe tries in place of a reference that is no answer
    as it stands, be it a list or an action; None from it: the reference itself."""
    near_enough: Flag
    """Pays in full for what is only near the reference: there is a tolerance."""
    dispatches: bool
    """`fn` returns the `BoundScorer` to run on this sample, or the score itself."""
    origin: str
    """Module that registered it."""

    @property
    def may_ask_workers(self) -> bool:
        """True if samples of it may go to workers; who picks another may pick one whose do."""
        return self.isolate or self.dispatches

    @property
    def limit_s(self) -> float | None:
        """Seconds it may take for a sample; None if only the request's deadline ends it.

        What runs on the event loop cannot be stopped; what asks a resource waits for its turn.
        """
        if not self.isolate and (self.on_loop or self.resource is not None):
            return None
        return self.timeout_s

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return (inspect.getdoc(self.fn) or "").partition("\n")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundScorer:
    """A scorer with its params, validated once at recipe load."""

    spec: ScorerSpec
    params: Mapping[str, object] = field(default_factory=dict)
    resource_name: str | None = None
    """Which hosted model (or sandbox) to use; None for the only or embedded one."""

    def output(self, meaning: Meaning | None = None) -> Output:
        """What its values mean, given what the output of the model it calls means."""
        if self.spec.output_of is not None:
            return self.spec.output_of(meaning, **self.params)
        bounds = self.spec.bounds
        return Output(bounds=bounds(**self.params) if callable(bounds) else bounds)

    @property
    def bounds(self) -> Bounds:
        """Range of its values, whatever model it calls; None if unbounded."""
        return self.output().bounds

    @property
    def compares_siblings(self) -> bool:
        """True if it abstains unless the whole group is here."""
        return self._holds(self.spec.compares_siblings)

    @property
    def scores_wrong(self) -> bool:
        """True if it gives wrong completions values that differ."""
        return self._holds(self.spec.scores_wrong)

    @property
    def self_answer(self) -> SelfAnswer:
        """The furthest form in which a reference is a right answer to itself."""
        said = self.spec.self_answer
        return said(**self.params) if callable(said) else said

    def tries(self, sample: Sample) -> Tries | None:
        """What a probe tries on a sample in place of its reference; None for the reference."""
        return None if self.spec.tries is None else self.spec.tries(sample, **self.params)

    @property
    def near_enough(self) -> bool:
        """True if it pays in full for what is only near the reference."""
        return self._holds(self.spec.near_enough)

    @property
    def think_tags(self) -> ThinkTags | None:
        """What it says stands round the think part; None where it says nothing."""
        return None if self.spec.think_tags is None else self.spec.think_tags(**self.params)

    def _holds(self, flag: Flag) -> bool:
        return flag(**self.params) if callable(flag) else flag
