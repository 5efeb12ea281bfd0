"""A fit as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harmo.app.cli.fit.fitted import Fitted
from harmo.app.cli.fit.result import Result
from harmo.app.cli.top import words
from harmo.rewards.fit.agreement import FOLDS, Agreement, Interval, comparable

_LABEL, _WARN, _BAD = "dim", "yellow", "red"


def report(result: Result) -> RenderableType:
    """Weights, agreement and every doubt; the recipe is printed after it."""
    return Group(
        Text(_asked(result), style=_LABEL),
        Text(),
        _weights(result),
        Text(_scale(result), style=_LABEL),
        Text(),
        _agreement(result),
        Text(_compared(result), style=_LABEL),
        *_notes(result),
    )


def _asked(result: Result) -> str:
    judged, pairs = result.judged, result.pairs
    ties = int((pairs.towards == 0.5).sum())
    said = f"pairs: {len(pairs.groups)}, groups: {pairs.count}"
    if ties:
        said += f", ties: {ties}"
    return f"recipe {words.plain(judged.kept.name)} {judged.kept.version[:19]}\n{said}"


def _weights(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_LABEL)
    table.add_column("column", overflow="fold")
    table.add_column("family", no_wrap=True)
    for heading in ("now", "fitted", "95% of redraws", "differs in", "0 in redraws"):
        table.add_column(heading, justify="right", no_wrap=True)
    for k, column in enumerate(result.judged.columns):
        zero = result.scaled.at_zero[k]
        table.add_row(
            Text(words.plain(column.name)),
            f"{column.key}, shadow" if column.shadow else column.key,
            words.number(column.now),
            words.number(result.scaled.weights[k]),
            "no upper end" if result.fit.unbounded[k] else _between(result.scaled.intervals[k]),
            f"{result.pairs.differing[k]}",
            words.percent(zero),
        )
    return table


def _between(within: Interval) -> str:
    return words.NOTHING if within is None else " to ".join(words.number(end) for end in within)


def _scale(result: Result) -> str:
    return (
        "Pairs fix how weights compare, not how large they are: these make siblings' rewards "
        f"differ as much as now ({words.number(result.scaled.spread)} from their group's mean, as "
        "a root mean square)."
    )


def _agreement(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_LABEL)
    table.add_column("agrees with", overflow="fold")
    for heading in ("pairs", "95% of redraws", "no order", "fitted is ahead by"):
        table.add_column(heading, justify="right", no_wrap=True)
    names = {"fitted": "fitted, held out", "present": "the present recipe"}
    for each in result.agreements:
        within = each.interval
        table.add_row(
            Text(words.plain(names.get(each.name, each.name))),
            f"{each.share:.1%}",
            f"{within[0]:.1%} to {within[1]:.1%}" if within else words.NOTHING,
            words.percent(each.undecided),
            _lead(each),
        )
    return table


def _lead(each: Agreement) -> str:
    if each.lead is None:
        return ""
    within = each.lead_interval
    return f"{each.lead:+.1%}" + (f" ({within[0]:+.1%} to {within[1]:+.1%})" if within else "")


def _compared(result: Result) -> str:
    groups, ties = result.pairs.count, result.pairs.towards == 0.5
    unpaid = int((~(ties | comparable(result.pairs))).sum())
    left_out = f"; nor do {unpaid} pairs of which one side had no reward" if unpaid else ""
    asked = f"groups that they were not fitted to ({min(FOLDS, groups)} folds)"
    if groups == 1:
        asked = "no other group, as there is none: held out, they order nothing"
    return (
        f"Fitted weights are asked about {asked}. A "
        f"pair that a reward gives no order counts half; ties do not count{left_out}."
    )


def _notes(result: Result) -> Iterator[Text]:
    for note in _left_out(result):
        yield Text(f"! {note}", style=_WARN)
    for doubt in result.doubts:
        yield Text(f"! {words_of(doubt.message)}", style=_WARN)


def words_of(message: str) -> str:
    """A message with someone else's names in it, harmless on a terminal."""
    return "".join(char if char.isprintable() else "·" for char in message)


def _left_out(result: Result) -> Iterator[str]:
    judged, said = result.judged, result.judged.settled
    if judged.unknown.lines:
        yield f"{judged.unknown.lines} lines name what is not in the store, and do not count:"
        yield from (words_of(message) for message in judged.unknown.messages)
    if said.repeated:
        yield f"{said.repeated} lines say again what was said: a pair counts once"
    if said.contradicted:
        yield f"lines disagree about {said.contradicted} pairs: each order counts by its share"
    if said.circles:
        yield f"{said.circles} groups prefer in a circle: no reward agrees with all of it"
    if judged.both:
        yield f"{judged.both} completions were labelled right and wrong, and do not count"
    for name, count in judged.others.items():
        yield f"{count} groups were scored by recipe {words.plain(name)}, and do not count"
    if judged.versions > 1:
        yield (
            f"{judged.versions} versions of the recipe or its scorers scored these groups: their "
            "columns are taken for the same"
        )


def verdict(made: Fitted) -> RenderableType:
    """What there is to know of the recipe before it is used."""
    lines = []
    for field, value in made.left_behind.items():
        said = f"the present recipe has {field} {value!r}; the fitted one is a plain weighted sum"
        lines.append(Text(f"! {said}", style=_WARN))
    if made.unchecked:
        lines.append(Text(f"! not checked here: {words_of(made.unchecked)}", style=_WARN))
    for finding in made.findings:
        bad = finding.level == "refuse" or finding.code == "inversion"
        text = f"{finding.level} {finding.code}: {words_of(finding.message)}"
        lines.append(Text(text, style=_BAD if bad else _WARN))
    if made.lost_rules:
        names = ", ".join(map(words.plain, made.lost_rules))
        said = f"no rule pays any more ({names}): a wrong completion is paid like a right one"
        lines.append(Text(f"! {said}", style=_BAD))
    if not made.findings and not made.unchecked:
        lines.append(Text(f"{made.recipe.name}: nothing to object to", style=_LABEL))
    if made.inverts:
        lines.append(
            Text(
                "It has allow_inversion: true, or no service would load it. Raise the rule's "
                "weight, or take combine: gate, if that is not what you mean.",
                style=_BAD,
            )
        )
    return Group(*lines)
