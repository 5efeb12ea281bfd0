"""curves.png: what is drawn, read back from the figure."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from harmo_client import wire
from harmo_client.train.record.curves import draw_curves, panels_of, save_figure
from harmo_client.train.record.panels import OUTAGE, reach, smooth

COLUMNS = [
    wire.Column(name="answer", family="rule"),
    wire.Column(name="brevity", family="length"),
    wire.Column(name="watched", family="rule", shadow=True),
]


def history(steps: int, *, every: int = 0) -> list[dict[str, float | None]]:
    rows: list[dict[str, float | None]] = []
    for step in range(1, steps + 1):
        given = {"answer": step / steps, "brevity": -0.5, "watched": 0.0}
        numbers = {
            "reward": given["answer"] - 0.5,
            "completions/mean_length": 9.0,
            "harmo/unscored": 0.1,
            "harmo/zero_variance": 0.5,
            **{f"columns/{name}": value for name, value in given.items()},
        }
        paid = {f"contributions/{name}": value for name, value in given.items()}
        rows.append({"step": step, **numbers, **paid})
        if every and step % every == 0:
            rows.append({"step": step, **{f"eval_{key}": v for key, v in numbers.items()}})
    return rows


def drawn(metrics: list[dict[str, float | None]], **options: Any) -> dict[str, Any]:
    """The panels by title, and the figure under its own name."""
    figure, _ = draw_curves(metrics, panels_of(COLUMNS), title="exp-42: recipe math", **options)
    return {"figure": figure, **{area.get_title("left"): area for area in figure.axes}}


def test_the_figure_says_run_recipe_and_what_the_axis_is() -> None:
    figure = drawn(history(5))["figure"]
    assert figure.get_suptitle() == "exp-42: recipe math"
    assert figure.get_supxlabel() == "step    (line: each step)"
    many = drawn(history(200, every=50), outages=[3])["figure"].get_supxlabel()
    assert many == (
        "step    (line: mean of 11 steps;  circle: evaluation;  orange: waited for the service)"
    )


@pytest.mark.parametrize(("steps", "each_side"), [(5, 0), (80, 2), (200, 5), (2000, 50)])
def test_the_window_grows_with_the_run(steps: int, each_side: int) -> None:
    assert reach(steps) == each_side


def test_the_mean_takes_what_neighbours_there_are() -> None:
    assert smooth([1.0, 2.0, 6.0]) == [1.0, 2.0, 6.0]
    flat = smooth([float(i % 2) for i in range(400)])
    assert flat[0] == pytest.approx(5 / 11)
    assert flat[200] == pytest.approx(0.5, abs=0.03)


def test_contributions_are_stacked_by_sign_under_their_sum() -> None:
    area = drawn(history(4))["contributions to the reward"]
    labels = [text.get_text() for text in area.get_legend().get_texts()]
    assert labels == ["answer", "brevity"]
    [total] = area.lines
    assert list(total.get_ydata()) == pytest.approx([-0.25, 0.0, 0.25, 0.5])
    low, high = area.get_ylim()
    assert low < -0.5
    assert high > 1.0


def test_many_columns_are_named_by_family() -> None:
    columns = [wire.Column(name=f"c{i}", family="aspect") for i in range(9)]
    metrics = [{"step": s, **{f"contributions/c{i}": 0.1 for i in range(9)}} for s in (1, 2)]
    figure, _ = draw_curves(metrics, panels_of(columns), title="")
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == ["aspect"]


def test_what_a_combiner_adds_is_part_of_the_stack() -> None:
    metrics = [
        {"step": s, "contributions/answer": 1.0, "contributions/combine.interaction": -0.25}
        for s in (1, 2)
    ]
    area = drawn(metrics)["contributions to the reward"]
    assert list(area.lines[0].get_ydata()) == [0.75, 0.75]


def test_shares_have_a_panel_from_nothing_to_all() -> None:
    area = drawn(history(4))["unscored and zero variance"]
    labels = [text.get_text() for text in area.get_legend().get_texts()]
    assert labels == ["unscored", "zero variance"]
    assert area.get_ylim()[1] >= 1.0


def test_outages_are_marked_in_every_panel() -> None:
    panels = drawn(history(9), outages=[4])
    panels.pop("figure")
    for area in filter(lambda area: area.axison, panels.values()):
        [mark] = [line for line in area.lines if line.get_color() == OUTAGE]
        assert list(mark.get_xdata()) == [4, 4]


def test_evaluations_are_circles() -> None:
    area = drawn(history(9, every=3))["rule: answer"]
    [circles] = [line for line in area.lines if line.get_marker() == "o"]
    assert list(circles.get_xdata()) == [3, 6, 9]


@pytest.mark.parametrize(
    ("metrics", "why"),
    [
        (history(1), "one step"),
        ([{"step": 1, "reward": None, "completions/mean_length": 3.0}], "nothing was scored"),
        ([{"step": 0, "eval_reward": 0.5}], "an evaluation before the first step"),
        (history(300, every=10), "many"),
    ],
)
def test_it_can_always_be_drawn(metrics: Any, why: str, tmp_path: Path) -> None:
    columns = [*COLUMNS, wire.Column(name="$x_{" + "long" * 20, family="aspect")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, _ = draw_curves(metrics, panels_of(columns), title="a $run_{ of mine")
        save_figure(figure, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 10_000
