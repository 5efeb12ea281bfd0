"""Why a score or a reward is missing, in one sentence each."""

from __future__ import annotations

from harmo.scorers.types import Cause, Reason

_WORDS = {
    Reason.NO_REFERENCE: "the request brought no reference to compare with",
    Reason.UNREADABLE_REFERENCE: "the reference cannot be read by this scorer",
    Reason.NO_CONSTRAINTS: "the request brought no instructions to check",
    Reason.UNREADABLE_CONSTRAINTS: "the instructions cannot be read, or contradict each other",
    Reason.NO_TASK: "the group has no task, and the recipe no default",
    Reason.UNKNOWN_TASK: "the recipe has no rule for this task",
    Reason.NO_TOKEN_COUNT: "nobody counted the tokens",
    Reason.UNREADABLE_IMAGE: "a picture cannot be read",
    Reason.UNSUPPORTED_IMAGES: "the model takes no pictures",
    Reason.PROMPT_TOO_LONG: "the prompt is too long for the model",
    Reason.PARTIAL_GROUP: "siblings of the group did not arrive",
    Reason.UNKNOWN_CORRECTNESS: "nothing says whether the completion is right",
    Reason.NO_SCORER: "no scorer is there for this column",
    Reason.UNSUPPORTED_LANGUAGE: "the scorer does not read this language",
    Reason.UNSUPPORTED_TURNS: "the model's template has no place for these turns",
    Reason.COMPLETION_TOO_LONG: "the completion is too long for the model",
    Reason.COMPLETION_BROKEN: "the completion cannot be read",
    Reason.TRUNCATED: "generation stopped at the token limit, and the recipe leaves that unscored",
    Reason.DEADLINE: "time ran out before it was scored",
    Reason.OVERLOADED: "the service had no room",
    Reason.WORKER_CRASHED: "the worker that scored it died",
    Reason.OUT_OF_MEMORY: "memory ran out",
    Reason.SCORER_ERROR: "the scorer failed",
    Reason.WRONG_LENGTH: "the scorer gave another number of scores than asked",
    Reason.NON_FINITE: "the number is not finite",
    Reason.OUT_OF_BOUNDS: "the scorer left the range it declares",
    Reason.SANDBOX_UNAVAILABLE: "the sandbox for code did not answer",
    Reason.UPSTREAM_ERROR: "a service that the scorer asks failed",
}
_BY_NAME = {reason.value: reason for reason in Reason}
_WHOSE = {
    Cause.REQUEST: "mend the request",
    Cause.COMPLETION: "the policy's doing",
    Cause.SERVICE: "the service's fault",
}


def because(reason: str) -> str:
    """A reason in a sentence; one that a newer service made up is its own word."""
    known = _known(reason)
    return reason.replace("_", " ") if known is None else _WORDS[known]


def whose(reason: str) -> str:
    """Whose matter a reason is; "" of one that is not known."""
    known = _known(reason)
    return "" if known is None else _WHOSE[known.cause]


def short(reason: str) -> str:
    """A reason as a cell shows it."""
    return reason.replace("_", " ")


def _known(reason: str) -> Reason | None:
    return _BY_NAME.get(reason)
