"""Name -> scorer. In-tree modules and `harmo.scorers` entry points both land here."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from harmo.models.documents import said
from harmo.scorers.plugin import BrokenPlugin
from harmo.scorers.spec import (
    Bounds,
    BoundScorer,
    Flag,
    Output,
    Resource,
    ScorerFn,
    ScorerSpec,
    SelfAnswer,
    Tries,
)
from harmo.scorers.types import Family, Group, Part, Reason, Score, ThinkTags

ENTRY_POINT_GROUP = "harmo.scorers"
BUILT_IN = tuple(f"harmo.scorers.{what}" for what in ("rule", "aspect", "length", "model"))

_BOUNDS: Mapping[Family, Bounds] = {
    Family.MODEL: None,
    Family.RULE: (0.0, 1.0),
    Family.ASPECT: (0.0, 1.0),
    Family.LENGTH: (-1.0, 0.0),
}
_READS: Mapping[Family, Part] = {
    Family.MODEL: "full",
    Family.RULE: "answer",
    Family.ASPECT: "full",
    Family.LENGTH: "full",
}


class UnknownScorerError(ValueError):
    """No scorer is registered under this name."""


class ScorerParamsError(ValueError):
    """A recipe's params do not fit the scorer's keyword-only arguments."""


_SPECS: dict[str, ScorerSpec] = {}
_BROKEN: dict[EntryPoint, BrokenPlugin] = {}


def scorer(
    name: str,
    *,
    isolate: bool = False,
    timeout_s: float = 5.0,
    reads: Part | None = None,
    bounds: Bounds | Callable[..., Bounds] | Literal["family"] = "family",
    output_of: Callable[..., Output] | None = None,
    compares_siblings: Flag = False,
    scores_wrong: Flag = False,
    resource: Resource | None = None,
    inline: Callable[..., Score | None] | None = None,
    reference_fault: Callable[[object], Reason | None] | None = None,
    on_loop: bool = False,
    checks: Callable[..., int] | None = None,
    by_text: bool = False,
    carries: tuple[str, ...] | None = None,
    think_tags: Callable[..., ThinkTags | None] | None = None,
    self_answer: SelfAnswer | Callable[..., SelfAnswer] = "sentence",
    tries: Callable[..., Tries | None] | None = None,
    near_enough: Flag = False,
    dispatches: bool = False,
) -> Callable[[ScorerFn], ScorerFn]:
    """Register a function as the scorer `name`, written `family.what`.

    The first argument's annotation or name decides what it is given: `group` gets the `Group` and
    returns a list, anything else gets one `Sample`. Keyword-only arguments are the recipe's params.

    Args:
        name: Unique name; recipes, columns and metrics use it.
        isolate: Run in a worker process, killed at `timeout_s`. For SymPy and regular expressions.
        timeout_s: Seconds per sample, a group's times its samples, before it abstains; on the event
            loop and with a resource the request's deadline alone counts.
        reads: Part of the completion in `sample.text`; default by family (rules read the answer).
        bounds: Range of the values, None if unbounded, or a function of the params; else by family.
        output_of: In place of `bounds` where the values mean what a hosted model's do: called with
            that meaning and the params.
        compares_siblings: It needs the whole group, always or under certain params.
        scores_wrong: It gives wrong completions values that differ, always or under certain params.
        resource: Keyword argument filled by the service, for an `async def` that calls a model.
        inline: Quick in-process attempt; returns None to leave the sample to the worker.
        reference_fault: Run in a worker to tell an unreadable reference from a slow completion.
        on_loop: The function, or its `inline` attempt, takes microseconds for a short text and
            linear time for a longer one: it may run on the event loop.
        checks: Called with sample and params: how often it goes over a text; many leave the loop.
        by_text: The score depends on the text and on what siblings share, on nothing else.
        carries: What an isolated scorer reads besides text and reference; all, unless it says so.
        think_tags: Called with the params: the tags round the think part of the whole recipe.
        self_answer: The furthest form in which a reference is a right answer to itself.
        tries: What a probe tries where a reference is no answer.
        near_enough: It pays in full for what is only near.
        dispatches: The function picks another bound scorer for each sample.

    Returns:
        A decorator that returns the function as it is.

    Raises:
        ValueError: If `name` is taken, malformed or of no known family, or if there are both
            `bounds` and `output_of`.
    """
    family = _family(name)
    if output_of is not None and bounds != "family":
        raise ValueError(f"scorer {name!r}: output_of says the bounds too; leave out bounds")

    def register(fn: ScorerFn) -> ScorerFn:
        origin = fn.__module__
        if name in _SPECS and _SPECS[name].origin != origin:
            raise ValueError(f"scorer {name!r} is already registered by {_SPECS[name].origin}")
        first = next(iter(inspect.signature(fn).parameters.values()))
        _SPECS[name] = ScorerSpec(
            name=name,
            family=family,
            fn=fn,
            takes="group"
            if first.name == "group" or first.annotation in (Group, "Group")
            else "sample",
            isolate=isolate,
            timeout_s=timeout_s,
            reads=reads or _READS[family],
            bounds=_BOUNDS[family] if bounds == "family" else bounds,
            output_of=output_of,
            compares_siblings=compares_siblings,
            scores_wrong=scores_wrong,
            resource=resource,
            inline=inline,
            reference_fault=reference_fault,
            on_loop=on_loop,
            checks=checks,
            by_text=by_text,
            carries=carries,
            think_tags=think_tags,
            self_answer=self_answer,
            tries=tries,
            near_enough=near_enough,
            dispatches=dispatches,
            origin=origin,
        )
        return fn

    return register


def _family(name: str) -> Family:
    family, _, what = name.partition(".")
    if family not in tuple(Family) or not what:
        raise ValueError(
            f"scorer name {name!r} must be family.what with family one of {', '.join(Family)}"
        )
    return Family(family)


def get(name: str) -> ScorerSpec:
    """The spec registered under `name`; an `UnknownScorerError` lists the known names."""
    try:
        return _SPECS[name]
    except KeyError:
        raise UnknownScorerError(f"scorer {name!r} is not registered; {_instead(name)}") from None


def _instead(name: str) -> str:
    """What may have been meant, or why it may be missing."""
    plugins = ", ".join(plugin.distribution for plugin in broken())
    missing = f"not imported: the scorers of {plugins}; " if plugins else ""
    if near := get_close_matches(name, _SPECS, n=3):
        return f"{missing}did you mean {' or '.join(near)}?"
    return f"{missing}known: {', '.join(sorted(_SPECS))}"


def all_specs() -> list[ScorerSpec]:
    """Every registered scorer, by name."""
    return [_SPECS[name] for name in sorted(_SPECS)]


def load() -> None:
    """Import the built-in scorers and every module advertised under `harmo.scorers`.

    A plugin that cannot be imported leaves nothing behind but its entry in `broken`.
    """
    for module in BUILT_IN:
        import_module(module)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        # What a second import of half a package would do is anybody's guess.
        if point not in _BROKEN:
            _load_plugin(point)


def _load_plugin(point: EntryPoint) -> None:
    before = dict(_SPECS)
    try:
        point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - an import runs somebody else's code
        _SPECS.clear()
        _SPECS.update(before)
        _BROKEN[point] = BrokenPlugin.of(point, error)


def broken() -> list[BrokenPlugin]:
    """The plugins that could not be imported, in the order tried."""
    return list(_BROKEN.values())


def bind(name: str, params: Mapping[str, object]) -> BoundScorer:
    """Check a term's params against the scorer's keyword-only arguments.

    Args:
        name: The scorer.
        params: As the recipe gives them.

    Returns:
        The scorer with defaults filled in and its resource's name set apart.

    Raises:
        UnknownScorerError: If the scorer does not exist.
        ScorerParamsError: If a param is unknown, missing or of the wrong type; names it.
    """
    spec = get(name)
    given = dict(params)
    resource_name = given.pop(spec.resource, None) if spec.resource else None
    if resource_name is not None and not isinstance(resource_name, str):
        raise ScorerParamsError(
            f"{name}: {spec.resource} must be the name of one, got {resource_name!r}"
        )
    try:
        checked = _params_model(spec).model_validate(given)
    except ValidationError as error:
        wrong = said(error, given)
        raise ScorerParamsError(f"{name}: {wrong}; it takes {_takes(spec)}") from None
    values = {field.removesuffix("_"): value for field, value in checked}
    return BoundScorer(spec=spec, params=values, resource_name=resource_name)


@cache
def rule(name: str) -> BoundScorer:
    """`rule_with` no params, bound once: for scorers that hand work on to it."""
    return rule_with(name, {})


def rule_with(name: str, params: Mapping[str, object]) -> BoundScorer:
    """The same with params of its own; not remembered.

    Args:
        name: As registered.
        params: As a recipe gives them.

    Raises:
        UnknownScorerError: If it is not registered.
        ScorerParamsError: If a param is unknown, missing or of the wrong type.
        ValueError: If it is no rule, or dispatches itself.
    """
    bound = bind(name, params)
    if bound.spec.family is not Family.RULE or bound.spec.dispatches:
        raise ValueError(f"{name!r} cannot judge by itself; name a rule, such as rule.exact")
    return bound


def params_of(spec: ScorerSpec) -> dict[str, inspect.Parameter]:
    """The keyword-only arguments that a recipe may set, by name."""
    parameters = inspect.signature(spec.fn).parameters
    return {
        key: value
        for key, value in parameters.items()
        if value.kind is inspect.Parameter.KEYWORD_ONLY and key != spec.resource
    }


def _params_model(spec: ScorerSpec) -> type[BaseModel]:
    hints = typing.get_type_hints(spec.fn, include_extras=True)
    # A param such as `schema` would shadow what every pydantic model has.
    fields: dict[str, tuple[object, object]] = {
        f"{key}_" if hasattr(BaseModel, key) else key: (
            hints.get(key, object),
            Field(... if p.default is inspect.Parameter.empty else p.default, alias=key),
        )
        for key, p in params_of(spec).items()
    }
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)
    return create_model(spec.name, __config__=config, **fields)  # type: ignore[call-overload, no-any-return]


def _takes(spec: ScorerSpec) -> str:
    return ", ".join(params_of(spec)) or "no params"
