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
from harmo.app.cli.top.words import NOTHING, decimal, plain
from harmo.audit.records import KeptGroup
from harmo.rewards.advantages import advantages
from harmo.rewards.plan import INTERACTION
from harmo.scorers.types import ImageRef, Message, Reward, Sample

MAX_LINES = 40
"""Of one text: a million short lines are no easier to read than one long one."""
_DETAIL_CHARS = 400


def group_report(kept: KeptGroup, *, chars: int) -> Iterator[RenderableType]:
    """The group: where it stands, a row a completion, then the texts.

    Args:
        kept: With its texts.
        chars: Of each text that are shown; 0 leaves the texts out.
    """
    yield _place(kept)
    yield Text()
    yield _numbers(kept)
    if chars:
        yield from _texts(kept, chars)


def _place(kept: KeptGroup) -> Text:
    group = kept.group
    step = "" if group.step is None else f" step {group.step}"
    task = "" if not group.samples or not group.samples[0].task else f", task {group.samples[0].task}"
    return Text(
        plain(
            f"group {kept.number}: run {named_run(group.run or '')}{step}, {group.split}, "
            f"id {group.id}{task}, recipe {kept.recipe.name}"
        )
    )


def _numbers(kept: KeptGroup) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        caption="score, below it what it paid; advantage as GRPO has it, by the group's std",
        caption_justify="left",
    )
    table.add_column("id", style="bold", overflow="fold")
    for name in ("reward", "advantage"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("right")
    table.add_column("tokens", justify="right", no_wrap=True)
    for column in kept.recipe.columns:
        name = plain(column.name.removeprefix(f"{column.family}."))
        table.add_column(f"{column.family}\n{name}", justify="right", overflow="fold")
    if kept.interaction:
        table.add_column(INTERACTION.replace(".", "\n"), justify="right")
    correctness = kept.group.correctness or (None,) * len(kept.group.samples)
    scaled = advantages([reward.value for reward in kept.rewards], scaled=True)
    for name, sample, right, reward, advantage in zip(
        kept.ids, kept.group.samples, correctness, kept.rewards, scaled, strict=True
    ):
        table.add_row(
            plain(name),
            _reward(reward),
            decimal(advantage),
            {True: "yes", False: "no", None: NOTHING}[right],
            f"{NOTHING if sample.num_tokens is None else sample.num_tokens}"
            f"{' cut' if sample.truncated else ''}",
            *_cells(reward, interaction=kept.interaction),
        )
    return table


def _reward(reward: Reward) -> Text:
    if reward.value is None:
        return Text(f"none\n{reward.reason or ''}", style="yellow")
    return Text(decimal(reward.value), style="bold")


def _cells(reward: Reward, *, interaction: bool) -> Iterator[Text]:
    for score, paid in zip(reward.scores, reward.contributions, strict=False):
        first = Text(decimal(score.value)) if score.reason is None else Text(score.reason)
        if score.reason is not None:
            first.stylize("yellow")
        yield first.append("\n").append(decimal(paid), style="dim")
    if interaction:
        yield Text(decimal(reward.contributions[-1]))


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


def _completion(
    kept: KeptGroup, i: int, sample: Sample, chars: int
) -> Iterator[RenderableType]:
    reward = kept.rewards[i]
    paid = decimal(reward.value) if reward.value is not None else f"none, {reward.reason}"
    yield Rule(Text(f"{plain(kept.ids[i])}  reward {paid}"), align="left", style="dim")
    text = written(_said(sample.completion), chars)
    yield Text(plain(sample.prefix), style="dim").append_text(text) if sample.prefix else text
    for column, score in zip(kept.recipe.columns, reward.scores, strict=True):
        if score.detail:
            told = written(_detail(score.detail), _DETAIL_CHARS)
            yield Text(f"{plain(column.name)}  ", style="cyan").append_text(told)


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
    lines, rest = [], text[:chars]
    while rest and len(lines) < MAX_LINES:
        line, _, rest = rest.partition("\n")
        lines.append(harmless(line))
    left = len(text) - min(chars, len(text)) + len(rest)
    shown = Text("\n".join(lines))
    return shown.append(f" … {left:,} characters more", style="dim") if left else shown


def harmless(line: str) -> str:
    """One line whatever its length, each piece as `plain` makes it; tabs are spaces."""
    line = line.replace("\t", "    ").removesuffix("\r")
    pieces = (line[at : at + 256] for at in range(0, len(line), 256))
    return "".join(map(plain, pieces))
