"""Several processes, one request. Free of torch: it is used only where the trainer loaded it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Generic, TypeVar

from harmo_client.errors import HarmoError, RankError

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


def rank() -> int:
    """This process's place among those that train together; 0 where it is alone."""
    dist = _distributed()
    return int(dist.get_rank()) if dist else 0


def world_size() -> int:
    """How many processes train together."""
    dist = _distributed()
    return int(dist.get_world_size()) if dist else 1


def settle_once(bring: Callable[[], T], settle: Callable[[list[T]], R]) -> R:
    """What `settle` makes of what every rank brings: worked out on rank 0, the same on every rank.

    Where any `bring` or `settle` itself raises, every rank raises: a rank that left early would
    keep the others waiting until `ddp_timeout`.
    """
    dist = _distributed()
    if dist is None:
        return settle([bring()])
    mine = _attempt(bring)
    outcomes: list[_Outcome[T]] = [mine] * dist.get_world_size()
    first = dist.get_rank() == 0
    dist.gather_object(mine, outcomes if first else None, dst=0)
    whole: _Outcome[R] = _Outcome()
    if first:
        whole = _attempt(lambda: settle([outcome.result() for outcome in outcomes]))
    box = [whole]
    dist.broadcast_object_list(box, src=0)
    return box[0].result()


def _attempt(step: Callable[[], T]) -> _Outcome[T]:
    try:
        return _Outcome(value=(step(),))
    except Exception as error:  # noqa: BLE001 - every rank is to raise it, not this one alone
        return _Outcome(error=_as_sent(error))


def _as_sent(error: Exception) -> HarmoError:
    if isinstance(error, HarmoError):
        return error
    logger.error("rank %d failed", rank(), exc_info=error)
    # Another library's error may not survive pickling.
    return RankError(f"rank {rank()}: {type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome(Generic[T]):
    """What a step came to, in a form that travels: one value, or an error kept for later."""

    value: tuple[T] | None = None
    error: HarmoError | None = None

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        if self.value is None:
            raise RankError("a rank sent neither a value nor an error")
        return self.value[0]


def _distributed() -> ModuleType | None:
    dist = sys.modules.get("torch.distributed")
    if dist is None or not dist.is_available() or not dist.is_initialized():
        return None
    return dist if dist.get_world_size() > 1 else None
