"""The screen: it fits, says what it left out, and no label can do anything to it."""

from __future__ import annotations

import io
import json
import time

import httpx
import pytest
from rich.cells import cell_len
from rich.console import Console

from harmo.app.cli.top.board import Board, as_json, board
from harmo.app.cli.top.look import Look
from harmo.app.cli.top.screen import screen
from harmo.app.cli.top.watched import Trends, Watched
from tests.app.cli.top.exposed import exposition, scrape


def watched(*texts: str, url: str = "http://box:8000") -> Watched:
    """An address after these looks, two seconds apart."""
    seen = Watched(httpx.URL(url), 2.0)
    for n, text in enumerate(texts):
        seen.add(Look(state="ready", scrape=scrape(2.0 * n, text)))
    return seen


def lost(url: str = "http://gone:8000") -> Watched:
    seen = watched(exposition(1), exposition(2), url=url)
    seen.add(Look(state="down", why="nobody answers there; is it started?"))
    return seen


def drawn(shown: Board, width: int, height: int | None) -> list[str]:
    file = io.StringIO()
    Console(width=width, height=height or 100, file=file).print(
        screen(shown, width=width, height=height, hint="last 2 s")
    )
    return file.getvalue().splitlines()


BUSY = [exposition(100), exposition(125)]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 21), (200, 60), (80, 21)])
@pytest.mark.parametrize("addresses", [1, 3])
def test_it_fits_the_terminal(width: int, height: int, addresses: int) -> None:
    several = [watched(*BUSY), watched(*BUSY), lost()][:addresses]
    lines = drawn(board(several, Trends()), width, height)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width


def test_what_matters_is_there_at_80_by_24() -> None:
    lines = drawn(board([watched(*BUSY)], Trends()), 80, 24)
    text = "\n".join(lines)
    for shown in (
        *("http://box:8000", "harmo 0.1.0", "ready", "latency p99", "128 of 16.4k", "480 of 512"),
        *("shed for overloaded", "tree cuda:0", "40%", "visual-math exp-42", "length rho 0.71"),
        *("no_reference", "79%", "ocr ocr-7b", "idle", "columns more", "last 2 s"),
    ):
        assert shown in text, shown


def test_of_columns_that_go_with_length_only_the_whole_reward_is_named() -> None:
    (line,) = [each for each in drawn(board([watched(*BUSY)], Trends()), 120, 40) if "!" in each]
    assert line.strip() == "! 31% duplicates, length rho 0.71, model.similarity AUC 0.42"


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    (line,) = [each for each in drawn(board([watched(*BUSY)], Trends()), 66, 40) if "12.5" in each]
    assert line.startswith("ocr ocr-7b-sft-then…")
    assert line.endswith("unreada…")


def test_it_uses_the_room_that_there_is() -> None:
    tall = "\n".join(drawn(board([watched(*BUSY)], Trends()), 120, 40))
    assert "more" not in tall
    assert tall.count("length.cosine") == 3


def test_without_a_terminal_nothing_is_left_out() -> None:
    assert "more" not in "\n".join(drawn(board([watched(*BUSY)], Trends()), 80, None))


def test_labels_are_text_whatever_they_hold() -> None:
    hostile = "\\u001b[2J\x1b[31mred\r\u202e[bold]漢字" + "e\u0301" * 90
    texts = [text.replace("exp-42", hostile).replace("tree", hostile) for text in BUSY]
    lines = drawn(board([watched(*texts)], Trends()), 80, 24)
    assert not any(char in "".join(lines) for char in "\x1b\r\u202e")
    assert max(map(cell_len, lines)) <= 80
    assert len(lines) <= 24


def test_an_address_that_is_gone_says_so_and_the_others_go_on() -> None:
    lines = drawn(board([watched(*BUSY), lost()], Trends()), 80, 40)
    text = "\n".join(lines)
    assert "http://gone:8000: nobody answers there; is it started?" in text
    assert "1 of 2 together" in text
    assert "visual-math exp-42" in text


def test_how_long_it_runs_is_shown_where_it_says_so() -> None:
    seen = watched(*BUSY, f"{BUSY[1]}process_start_time_seconds {time.time() - 7300}\n")
    assert "up 2 h 1 min" in "\n".join(drawn(board([seen], Trends()), 80, 24))


def test_a_service_that_was_restarted_says_so() -> None:
    shown = board([watched(exposition(100), exposition(3))], Trends())
    assert "restarted" in "\n".join(drawn(shown, 80, 24))
    assert shown.service is not None
    assert shown.service.requests_per_s == pytest.approx(1.01 * 3 / 2)


def test_the_window_holds_thirty_seconds() -> None:
    shown = board([watched(*(exposition(100 + n) for n in range(60)))], Trends())
    assert shown.window_s == 30.0
    assert shown.service is not None
    assert shown.service.requests_per_s == pytest.approx(1.01 / 2)


def test_a_trend_has_a_point_a_look_however_often_it_is_drawn() -> None:
    trends, seen = Trends(), watched(*BUSY)
    for _ in range(5):
        board([seen], trends)
    assert {len(points) for points in trends.points.values()} == {1}


def test_a_run_that_the_service_forgot_takes_its_trend_with_it() -> None:
    trends, seen = Trends(), watched(exposition(100))
    for n in (1, 2, 3):
        seen.add(Look(state="ready", scrape=scrape(2.0 * n, exposition(100 + n))))
        board([seen], trends)
    assert len(trends.points["ocr", "ocr-7b-sft-then-grpo", "train"]) == 3
    without = [line for line in exposition(104).splitlines() if "ocr-7b" not in line]
    seen.add(Look(state="ready", scrape=scrape(8.0, "\n".join(without))))
    board([seen], trends)
    assert [key[0] for key in trends.points] == ["visual-math"]


def test_as_json_every_figure_has_its_unit_and_nothing_is_nan() -> None:
    shown = json.loads(as_json(board([watched(*BUSY), lost()], Trends())))
    assert [row["state"] for row in shown["services"]] == ["ready", "down"]
    assert shown["services"][1]["figures"] is None
    assert shown["all"]["p50_s"] == pytest.approx(0.042)
    assert shown["all"]["completions"] == {"taken": 128.0, "limit": 16384.0}
    assert shown["runs"][0]["columns"][1]["signals"] == {"reward_share": 0.79}
