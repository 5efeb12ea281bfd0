"""A row for each replayed completion, before and after, as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

from harmo.app.replay.jobs import Job
from harmo.audit.records import KeptGroup
from harmo.rewards.changes import ColumnPair, Compared
from harmo.rewards.signals.samples import Floats
from harmo.scorers.types import Reward

_OWN = {
    "number": "int64",
    "run": "string",
    "step": "int64",
    "split": "string",
    "group": "string",
    "task": "string",
    "completion": "int64",
    "version_before": "string",
    "reward_before": "float64",
    "reward_after": "float64",
    "reason_before": "string",
    "reason_after": "string",
    "advantage_before": "float64",
    "advantage_after": "float64",
    "scaled_advantage_before": "float64",
    "scaled_advantage_after": "float64",
    "sign_changed": "bool",
    "best_before": "bool",
    "best_after": "bool",
}
"""`completion` is its place in its group, from 0."""
_OF_COLUMN = ("score_before", "score_after", "paid_before", "paid_after")


class Completions:
    """Writes them, block by block."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._writer: Any = None
        self._schema: Any = None

    def begin(self, jobs: Sequence[Job]) -> None:
        """Lay the columns out: those of every stored version, together.

        Args:
            jobs: One per stored version.
        """
        arrow, parquet = require_pyarrow()
        names = dict.fromkeys(pair.name for job in jobs for pair in job.all_pairs)
        kinds = {**_OWN, **{f"{n}.{what}": "float64" for n in names for what in _OF_COLUMN}}
        self._schema = arrow.schema([(n, arrow.type_for_alias(kind)) for n, kind in kinds.items()])
        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")

    def take(
        self, kept: Sequence[KeptGroup], rewards: Sequence[Sequence[Reward]], compared: Compared
    ) -> None:
        """Write a block.

        Args:
            kept: Its groups.
            rewards: Theirs under the plan.
            compared: The same, compared.
        """
        arrow, _ = require_pyarrow()
        found = {**_words(kept, rewards), **_numbers(compared), **_of_columns(compared)}
        count = len(compared.pairs.before)
        columns = [
            arrow.array(found[field.name], type=field.type, from_pandas=True)
            if field.name in found
            else arrow.nulls(count, type=field.type)
            for field in self._schema
        ]
        self._writer.write_table(arrow.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """End the file."""
        if self._writer is not None:
            self._writer.close()


def require_pyarrow() -> tuple[Any, Any]:
    """pyarrow, and its parquet; a ValueError that says how to get them."""
    try:
        import pyarrow as arrow  # noqa: PLC0415 - of the extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise ValueError("--parquet needs pyarrow: pip install 'harmo[parquet]'") from None
    return arrow, parquet


def _words(
    kept: Sequence[KeptGroup], rewards: Sequence[Sequence[Reward]]
) -> dict[str, list[object]]:
    def each(said: Callable[[KeptGroup], object]) -> list[object]:
        return [value for group in kept for value in [_plain(said(group))] * len(group.rewards)]

    def reasons(groups: Sequence[Sequence[Reward]]) -> list[object]:
        return [each.reason and each.reason.value for group in groups for each in group]

    return {
        "number": each(lambda g: g.number),
        "run": each(lambda g: g.group.run or ""),
        "step": each(lambda g: g.group.step),
        "split": each(lambda g: g.group.split),
        "group": each(lambda g: g.group.id),
        "task": [_plain(sample.task) for group in kept for sample in group.group.samples],
        "completion": [place for group in kept for place in range(len(group.rewards))],
        "version_before": each(lambda g: g.recipe.version),
        "reason_before": reasons([group.rewards for group in kept]),
        "reason_after": reasons(rewards),
    }


def _numbers(compared: Compared) -> dict[str, object]:
    before, after = compared.before, compared.after
    return {
        "reward_before": compared.pairs.before,
        "reward_after": compared.pairs.after,
        "advantage_before": before.advantages,
        "advantage_after": after.advantages,
        "scaled_advantage_before": before.scaled,
        "scaled_advantage_after": after.scaled,
        "sign_changed": compared.flipped,
        "best_before": before.best,
        "best_after": after.best,
    }


def _of_columns(compared: Compared) -> dict[str, object]:
    return dict(_cells(compared))


def _cells(compared: Compared) -> Iterator[tuple[str, Floats]]:
    pairs = compared.pairs
    tables = (pairs.scores_before, pairs.scores_after, pairs.paid_before, pairs.paid_after)
    for k, pair in enumerate(pairs.columns):
        for what, table in zip(_OF_COLUMN, tables, strict=True):
            if _is_there(pair, what):
                yield f"{pair.name}.{what}", np.ascontiguousarray(table[:, k])


def _is_there(pair: ColumnPair, what: str) -> bool:
    return (pair.before if what.endswith("before") else pair.after) is not None


def _plain(value: object) -> object:
    """As Arrow can keep it: its texts are UTF-8, so that a lone surrogate is replaced."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
