"""One group for people at a terminal: its numbers as a table, then what was asked and written.

What a policy wrote reaches the terminal without anything that moves a cursor, colours, hides or
turns round: see `written`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from harmo.app.cli.audit.asked import named_run
from harmo.app.cli.top.words import NOTHING, decimal, number, plain
from harmo.audit.records import KeptGroup
from harmo.rewards.advantages import advantages
from harmo.rewards.plan import INTERACTION
from harmo.scorers.types import ImageRef, Message, Reward, Sample

MAX_LINES = 40
"""Of one text: a million short lines are no easier to read than one long one."""
_DETAIL_CHARS = 400
_CELL = 7
"""Cells that a completion takes in a line."""


def group_report(kept: KeptGroup, *, width: int, chars: int) -> Iterator[RenderableType]:
    """The group: where it stands, its numbers, then the texts.

    Args:
        kept: With its texts.
        width: Cells of a line.
        chars: Of each text that are shown; 0 leaves the texts out.
    """
    yield _place(kept)
    yield Text()
    yield from _numbers(kept, width)
    yield Text("a score, below it what it paid; advantage as GRPO has it, by the std", style="dim")
    if chars:
        yield from _texts(kept, chars)


def _place(kept: KeptGroup) -> Text:
    group = kept.group
    step = "" if group.step is None else f" step {group.step}"
    named = group.samples[0].task if group.samples else None
    task = f", task {named}" if named else ""
    return Text(
        plain(
            f"group {kept.number}: run {named_run(group.run or '')}{step}, {group.split}, "
            f"id {group.id}{task}, recipe {kept.recipe.name}"
        )
    )


def _numbers(kept: KeptGroup, width: int) -> Iterator[Table]:
    """A line a column, a place for each completion; as many tables as the width makes of it."""
    names = [plain(column.name) for column in kept.recipe.columns]
    names += [INTERACTION] if kept.interaction else []
    label = min(max(map(len, [*names, "at its limit"])), max(width // 3, 12)) + 1
    fitting = max((width - label) // _CELL, 1)
    scaled = advantages([reward.value for reward in kept.rewards], scaled=True)
    for at in range(0, len(kept.rewards), fitting):
        shown = range(at, min(at + fitting, len(kept.rewards)))
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
        table.add_column("", width=label, overflow="ellipsis", no_wrap=True)
        for i in shown:
            table.add_column(plain(kept.ids[i])[: _CELL - 1], justify="right", width=_CELL - 1)
        rewards = [Text(decimal(kept.rewards[i].value), style="bold") for i in shown]
        table.add_row(Text("reward", style="bold"), *rewards)
        table.add_row("advantage", *(decimal(scaled[i]) for i in shown))
        table.add_row("right", *(_right(kept, i) for i in shown))
        table.add_row("tokens", *(_tokens(kept.group.samples[i]) for i in shown))
        if any(sample.truncated for sample in kept.group.samples):
            cut = ("cut" if kept.group.samples[i].truncated else "" for i in shown)
            table.add_row("at its limit", *cut)
        table.add_section()
        for c, name in enumerate(names):
            table.add_row(name, *(_cell(kept.rewards[i], c) for i in shown))
        yield table


def _right(kept: KeptGroup, i: int) -> str:
    correctness = kept.group.correctness
    return {True: "yes", False: "no", None: NOTHING}[correctness[i] if correctness else None]


def _tokens(sample: Sample) -> str:
    return NOTHING if sample.num_tokens is None else number(sample.num_tokens)


def _cell(reward: Reward, c: int) -> Text:
    """A score, and below it what it paid."""
    cell = Text()
    if c < len(reward.scores):
        missing = reward.scores[c].reason is not None
        cell.append(decimal(reward.scores[c].value), style="yellow" if missing else "")
    return cell.append("\n").append(decimal(reward.contributions[c]), style="dim")


def _texts(kept: KeptGroup, chars: int) -> Iterator[RenderableType]:
    if kept.texts != "full" or not kept.group.samples:
        yield Text()
        yield Text(f"no texts: this store keeps them as {kept.texts!r}", style="dim")
        return
    first = kept.group.samples[0]
    yield Rule("prompt", align="left", style="dim")
    yield written(_said(first.prompt), chars)
    if first.reference is not None:
        yield Text("reference  ", style="dim").append_text(written(_dumped(first.reference), chars))
    for name, reference in first.references.items():
        label = Text(f"reference {plain(name)}  ", style="dim")
        yield label.append_text(written(_dumped(reference), chars))
    for i, sample in enumerate(kept.group.samples):
        yield from _completion(kept, i, sample, chars)


def _completion(kept: KeptGroup, i: int, sample: Sample, chars: int) -> Iterator[RenderableType]:
    reward = kept.rewards[i]
    paid = decimal(reward.value) if reward.value is not None else f"none, {reward.reason}"
    yield Rule(Text(f"{plain(kept.ids[i])}  reward {paid}"), align="left", style="dim")
    text = written(_said(sample.completion), chars)
    yield Text(plain(sample.prefix), style="dim").append_text(text) if sample.prefix else text
    for column, score in zip(kept.recipe.columns, reward.scores, strict=True):
        if score.detail or score.reason is not None:
            label = Text(f"{plain(column.name)}  ", style="cyan")
            label.append(f"{score.reason}  " if score.reason else "", style="yellow")
            yield label.append_text(written(_detail(score.detail), _DETAIL_CHARS))


def _said(text: str | tuple[Message, ...]) -> str:
    if isinstance(text, str):
        return text
    return "\n".join(f"{turn.role}: {_turn(turn)}" for turn in text)


def _turn(turn: Message) -> str:
    parts = [f"<picture {p.index + 1}>" if isinstance(p, ImageRef) else p for p in turn.parts]
    calls = [f"{call.name}({call.arguments})" for call in turn.tool_calls]
    return " ".join([*parts, *calls])


def _detail(detail: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {_dumped(value)}" for name, value in detail.items())


def _dumped(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def written(text: str, chars: int) -> Text:
    """Someone else's text, harmless on a terminal, cut where it is long and saying so.

    Args:
        text: Of any length; no more of it is read than is shown.
        chars: Of it that may be shown.
    """
    lines: list[str] = []
    rest = text[:chars]
    while rest and len(lines) < MAX_LINES:
        line, _, rest = rest.partition("\n")
        lines.append(harmless(line))
    left = len(text) - min(chars, len(text)) + len(rest)
    shown = Text("\n".join(lines))
    return shown.append(f" … {left:,} characters more", style="dim") if left else shown


def harmless(line: str) -> str:
    """One line whatever its length, as `plain` makes it; tabs are spaces."""
    return plain(line.replace("\t", "    ").removesuffix("\r"), len(line) * 4)
