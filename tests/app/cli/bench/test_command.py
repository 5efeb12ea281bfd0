"""`harmo bench` as it is typed, at a service that runs."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harmo.app.cli.bench.result import read_result
from tests.app.cli.conftest import Typed
from tests.process import HARMO, free_port, heeding_interrupts, run, serving

SMALL = "--requests 4 --warmup-s 0 --groups 2 --members 3 --completion-tokens 60"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--workers", "1", "--recipe", "math", "--log-level", "warning") as port:
        yield f"http://127.0.0.1:{port}"


def test_a_bench_scores_everything_and_saves_it(url: str, typed: Typed, tmp_path: Path) -> None:
    saved = tmp_path / "a.json"
    code, out, err = typed(f"bench {url} {SMALL} --seed 3 --json {saved}")
    assert (code, err) == (0, "")
    done = read_result(saved)
    assert (done.requests, done.groups, done.completions) == (4, 8, 24)
    assert (done.statuses, done.unscored, done.failed) == ({"200": 4}, {}, 0)
    assert done.service.recipe == "math"
    assert done.service.recipe_version.startswith("sha256:")
    for shown in ("200: 4", "completions/s", "closed loop", "seed 3", done.service.version):
        assert shown in out, shown
    metrics = httpx.get(f"{url}/metrics").text
    labelled = [line for line in metrics.splitlines() if line.startswith("harmo_groups_total")]
    assert [('run="bench"' in line, 'split="eval"' in line) for line in labelled] == [(True, True)]


def test_a_mix_of_tasks_gets_a_reward_for_every_completion(url: str, typed: Typed) -> None:
    tasks = "--task math=2 --task count --task choice --task yes_no --task ocr --task bbox"
    code, out, _ = typed(f"bench {url} {SMALL} {tasks} --requests 12 --images 1")
    assert code == 0
    assert "unscored    0%" in out


def test_own_rollouts_are_sent(url: str, typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text('{"prompt": "2+2?", "reference": "4", "completions": ["\\\\boxed{4}", "5"]}\n')
    code, out, _ = typed(f"bench {url} {SMALL} --rollouts {file}")
    assert code == 0
    assert "rollouts of" in out
    assert "the file's 1 groups were sent again and again" in out
    assert "200: 4" in out


def test_where_nothing_gets_a_reward_nothing_was_measured(
    url: str, typed: Typed, tmp_path: Path
) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text('{"prompt": "2+2?", "completions": ["4"]}\n')
    code, out, _ = typed(f"bench {url} {SMALL} --rollouts {file}")
    assert code == 1
    assert "100% (no_reference" in out
    assert "! nothing was scored" in out


def test_a_disk_that_is_full_does_not_cost_the_figures(url: str, typed: Typed) -> None:
    code, out, err = typed(f"bench {url} {SMALL} --json /dev/full")
    assert (code, err) == (2, "harmo: [Errno 28] No space left on device\n")
    assert "200: 4" in out


def test_on_standard_output_json_stands_alone(url: str) -> None:
    done = run(HARMO, "bench", url, *SMALL.split(), "--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["requests"] == 4
    assert "200: 4" in done.stderr


def test_two_saved_benches_are_compared(url: str, typed: Typed, tmp_path: Path) -> None:
    files = [tmp_path / "before.json", tmp_path / "after.json"]
    for file in files:
        assert typed(f"bench {url} {SMALL} --json {file}")[0] == 0
    code, out, _ = typed(f"bench --compare {files[0]} {files[1]}")
    assert code == 0
    assert "before" in out
    assert "too short to tell" in out
    text = json.loads(files[0].read_text())
    files[0].write_text(json.dumps({**text, "service": {**text["service"], "recipe_version": "x"}}))
    assert "differ in recipe_version" in typed(f"bench --compare {files[0]} {files[1]}")[1]


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("--recipe nowhere", "GET /recipes/nowhere answers 404"),
        ("--task poetry", "--task poetry: there are no problems of that kind"),
        ("--task math=much", "--task math=much: a share is a number above 0"),
        ("--task math=nan", "--task math=nan: a share is a number above 0"),
        ("--rollouts nowhere.jsonl", "nowhere.jsonl: No such file"),
        ("--json nowhere/a.json", "nowhere: no such folder"),
        ("--groups 0", "--groups"),
        ("--rate inf", "--rate"),
        ("--concurrency 1000000000", "needs 1000000064 open files, and this shell allows"),
    ],
)
def test_a_mistake_is_one_sentence(url: str, flags: str, why: str, typed: Typed) -> None:
    code, out, err = typed(f"bench {url} {flags} --requests 1 --warmup-s 0")
    assert (code, out) == (2, "")
    assert why in err
    assert "Traceback" not in err


def test_a_service_that_is_not_there_is_a_mistake(typed: Typed) -> None:
    code, _, err = typed(f"bench http://127.0.0.1:{free_port()}")
    assert code == 2
    assert "is the service up?" in err


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_what_there_is_is_kept_when_it_is_ended(
    url: str, tmp_path: Path, ended_by: signal.Signals
) -> None:
    saved = tmp_path / "a.json"
    with heeding_interrupts():
        process = subprocess.Popen(
            [HARMO, "bench", url, "--warmup-s", "0", "--duration-s", "3600", "--json", str(saved)],
            stdout=subprocess.PIPE,
            text=True,
        )
    wait_for_a_group(url)
    process.send_signal(ended_by)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "! interrupted: shorter than it was to be" in out
    assert read_result(saved).completions > 0


def wait_for_a_group(url: str) -> None:
    """Return once the service has scored another group of a bench."""
    counted = re.compile(r'^harmo_groups_total{.*run="bench".*} (\S+)$', re.MULTILINE)

    def groups() -> float:
        return sum(map(float, counted.findall(httpx.get(f"{url}/metrics").text)))

    before, stop = groups(), time.monotonic() + 60
    while groups() == before:
        assert time.monotonic() < stop
        time.sleep(0.1)


def test_a_key_is_asked_for_and_never_printed(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARMO_API_KEYS", "right")
    with serving("--workers", "1", "--log-level", "error") as port:
        asked = f"bench http://127.0.0.1:{port} --requests 1 --warmup-s 0"
        for flags in ("", "--token wrong"):
            code, out, err = typed(f"{asked} {flags}")
            assert (code, out) == (2, "")
            assert "it wants a key: --token, or HARMO_API_KEY in the environment" in err
            assert "wrong" not in err
        monkeypatch.setenv("HARMO_API_KEY", "right")
        assert typed(asked)[0] == 0
