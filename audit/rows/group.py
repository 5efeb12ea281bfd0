"""A kept group as rows of the tables, and back."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.audit.rows import numbers, texts
from harmo.audit.rows.texts import Said, Shared
from harmo.scorers.types import Group, Sample

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One group, encoded."""

    group: tuple[object, ...]
    """Of table `groups`, from `run` to `digests`."""
    shared: Sequence[Shared]
    content: bytes
    """Of table `texts`."""
    bytes: int
    """What it takes in the tables, but for what it shares."""


def encoded(kept: KeptGroup) -> Rows:
    """The rows of a group."""
    group, how = kept.group, kept.texts
    if how != "none" and not kept.digests:
        kept = replace(kept, digests=tuple(texts.digest(s.completion) for s in group.samples))
    said = Said(kept, how)
    written = said.told()
    if max([len(written), *(len(each.content) for each in said.shared)]) > texts.MAX_BYTES:
        # What could not be read again is not written.
        how = "hash"
        said = Said(kept, how)
        written = said.told()
    content = texts.shrunk(written)
    rows, reasons = numbers.packed(kept), numbers.reasons(kept)
    row = (
        text(group.run or ""),
        day(kept),
        group.step,
        text(group.split),
        kept.scored_at_s,
        text(group.id),
        None if (task := _task(group)) is None else text(task),
        group.size,
        len(group.samples),
        kept.interaction,
        how,
        numbers.packed_weights(kept),
        rows,
        reasons,
        digests := numbers.packed_digests(kept),
    )
    size = len(rows) + len(reasons) + len(digests) + len(content)
    return Rows(group=row, shared=said.shared, content=content, bytes=size)


def day(kept: KeptGroup) -> int:
    """The UTC day of a group without a run; 0 for one with a run, which is pruned with it."""
    return 0 if kept.group.run else int(kept.scored_at_s // DAY_S)


def text(value: str) -> str | bytes:
    """As SQLite can keep it: bytes, where a lone surrogate stands in it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


def told(value: str | bytes) -> str:
    """What `text` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def _task(group: Group) -> str | None:
    return group.samples[0].task if group.samples else None


def decoded(
    row: sqlite3.Row,
    recipe: KeptRecipe,
    *,
    content: bytes | None = None,
    shared: Sequence[bytes | None] = (),
) -> KeptGroup:
    """The group of a row of `groups`.

    Args:
        row: By column name.
        recipe: What scored it.
        content: Of `texts`; None to leave out what was written.
        shared: Prompts and pictures by place; None for those that are not asked for.
    """
    count, task = row["samples"], row["task"]
    widths = numbers.Widths(columns=len(recipe.columns), interaction=bool(row["interaction"]))
    table = numbers.unpacked([row["numbers"]], widths.row)
    if len(table) != count:
        raise ValueError(f"group {row['number']}: {count} samples, {len(table)} rows of numbers")
    reasons = {(i, k): reason for i, k, reason in numbers.abstentions(row["reasons"])}
    said: Mapping[str, Any] = {"given": [{} if task is None else {"task": told(task)}]}
    if content is not None:
        said = texts.loaded(texts.grown(content))
    details = {(i, k): detail for i, k, detail in said.get("details", ())}
    samples = texts.samples(said, _counted(table), shared)
    group = Group(
        id=told(row["group_id"]),
        samples=tuple(samples),
        size=row["size"],
        run=told(row["run"]) or None,
        step=row["step"],
        split=told(row["split"]),
        correctness=_correctness(table),
    )
    return KeptGroup(
        recipe=recipe,
        scored_at_s=row["scored_at_s"],
        group=group,
        ids=tuple(said.get("ids") or map(str, range(count))),
        faults=tuple(reasons.get((i, numbers.OF_FAULT)) for i in range(count)),
        weights=tuple(numbers.unpacked([row["weights"]], widths.paid)[0].tolist()),
        rewards=tuple(numbers.rewards(table, widths, reasons, details)),
        interaction=widths.interaction,
        texts=row["texts"],
        digests=() if content is None else _digests(row["texts"], said, samples),
        number=row["number"],
    )


def _digests(kept: str, said: Mapping[str, Any], samples: Sequence[Sample]) -> tuple[str, ...]:
    if kept == "hash":
        return tuple(said["digests"])
    return tuple(texts.digest(s.completion) for s in samples) if kept == "full" else ()


def _counted(table: numbers.Floats) -> list[texts.Counted]:
    own = table[:, (numbers.TOKENS, numbers.TRUNCATED)].tolist()
    return [(None if math.isnan(tokens) else int(tokens), bool(cut)) for tokens, cut in own]


def _correctness(table: numbers.Floats) -> tuple[bool | None, ...]:
    right = table[:, numbers.CORRECT].tolist()
    if any(map(math.isnan, right)):
        return ()
    return tuple(None if each < 0 else bool(each) for each in right)
