"""A run's figures in one line, and the sentence that matters where reward and answers part."""

from __future__ import annotations

from nicegui import ui

from harmo.console.model.overview import Figure, Overview
from harmo.console.view.numbers import count, points, share, three
from harmo.console.view.text import part

_MUCH_UNSCORED = 0.01


def strip(seen: Overview, to_wrong: str) -> None:
    """Place the figures.

    Args:
        seen: What they are.
        to_wrong: The list of groups in which a wrong completion was paid more; a path of ours.
    """
    with ui.element("dl").classes("strip"):
        _figure("reward", three(seen.reward.now), _moved(seen.reward))
        _figure("right answers", share(seen.correct.now), _points(seen.correct))
        _figure("without signal", share(seen.flat.now), _points(seen.flat))
        alarm = (seen.unscored.now or 0.0) > _MUCH_UNSCORED
        _figure("without reward", share(seen.unscored.now), _points(seen.unscored), alarm=alarm)
        _figure("tokens", three(seen.tokens.now), _moved(seen.tokens))
        _figure("cut at the limit", share(seen.truncated.now), _points(seen.truncated))
        _figure("groups", count(seen.groups))
        _figure("completions", count(seen.completions))
    _finding(seen, to_wrong)


def _finding(seen: Overview, to_wrong: str) -> None:
    parting = seen.parting
    if parting is not None:
        with ui.element("p").classes("finding"):
            part("b", f"Since step {parting.step} ")
            part("span", "right answers fell from ")
            part("b", f"{share(parting.right_then)} to {share(parting.right_now)}", "alarm")
            part("span", " while the reward went from ")
            part("b", f"{three(parting.reward_then)} to {three(parting.reward_now)}")
            part("span", ".")
    if seen.paid_wrong:
        with ui.element("p").classes("finding"):
            groups = "group" if seen.paid_wrong == 1 else "groups"
            part("span", f"In {count(seen.paid_wrong)} {groups} a wrong answer was paid more than ")
            part("span", "its siblings' mean, and training pushed towards it: ")
            ui.link("see what it was paid for", to_wrong)


def _figure(name: str, value: str, change: str = "", *, alarm: bool = False) -> None:
    with ui.element("div"):
        part("dt", name)
        with part("dd", value, "alarm" if alarm else ""):
            if change:
                part("small", change).props('title="last tenth of the groups against the first"')


def _moved(figure: Figure) -> str:
    return "" if figure.change is None else three(figure.change, sign=True)


def _points(figure: Figure) -> str:
    return "" if figure.change is None else points(figure.change)
