"""The service goes away in the middle of a run: no reward is made up, no number changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harmo_client.train.cli import main

pytestmark = pytest.mark.slow

STEPS, ANSWERS = 6, 3
WriteConfig = Callable[..., Path]


def numbers(folder: Path) -> list[dict[str, float]]:
    """What was logged at each step, without clocks."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    clocks = {"step_time", "harmo/seconds"}
    return [
        {key: value for key, value in json.loads(line).items() if key not in clocks}
        for line in lines
    ]


@pytest.fixture
def undisturbed(write_config: WriteConfig, service, tmp_path: Path) -> list[dict[str, float]]:
    service.start()
    assert main([str(write_config("undisturbed"))]) == 0
    service.stop()
    return numbers(tmp_path / "undisturbed")


def test_a_service_that_comes_back_leaves_the_numbers_as_they_were(
    undisturbed, write_config: WriteConfig, service, tmp_path: Path
) -> None:
    service.start(ANSWERS)
    again = service.start_again_once_dead()
    assert main([str(write_config("interrupted"))]) == 0
    again.join()
    assert numbers(tmp_path / "interrupted") == undisturbed
    assert len({row["reward"] for row in undisturbed}) > 1


def test_a_service_that_stays_away_stops_the_run_and_resume_goes_on_exactly(
    undisturbed, write_config: WriteConfig, service, tmp_path: Path, capsys
) -> None:
    config = str(write_config("stopped", retry_budget_s=0.5))
    stopped = tmp_path / "stopped"
    service.start(ANSWERS)
    assert main([config]) == 3
    message = capsys.readouterr().err
    assert f"checkpoint-{ANSWERS}" in message
    assert "--resume" in message
    assert numbers(stopped) == undisturbed[:ANSWERS]
    assert (stopped / "curves.png").exists()

    assert main([config]) == 2, "a second run must not overwrite the checkpoint"
    capsys.readouterr()
    service.start(version="2")
    assert main([config, "--resume"]) == 2, "other rewards would not be comparable"
    assert "recipe behind 'digits' changed" in capsys.readouterr().err
    service.stop()

    service.start()
    assert main([config, "--resume"]) == 0
    assert numbers(stopped) == undisturbed


def test_no_service_at_all_is_said_before_anything_is_trained(
    write_config: WriteConfig, tmp_path: Path, capsys
) -> None:
    assert main([str(write_config("unserved", retry_budget_s=0.2))]) == 3
    assert "nothing to save" in capsys.readouterr().err
    assert not list((tmp_path / "unserved").glob("checkpoint-*"))


def test_lora_trains_an_adapter(write_config: WriteConfig, service, tmp_path: Path) -> None:
    service.start()
    lora = {"r": 4, "target_modules": "all-linear"}
    assert main([str(write_config("adapter", lora=lora))]) == 0
    assert (tmp_path / "adapter" / "policy" / "adapter_config.json").exists()


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"grpo": {"learning_rat": 1.0}}, "did you mean 'learning_rate'"),
        ({"grpo": {"output_dir": "x"}}, "takes no 'output_dir' here"),
        ({"grpo": {"num_generations": 3}}, "grpo: "),
        ({"lora": {"rank": 4}}, "lora: "),
        ({"model": "nowhere/at-all"}, "cannot load 'nowhere/at-all'"),
        ({"service": {"recipe": "nope"}}, "known: digits"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mistake_gets_a_sentence_and_exit_code_2(
    sections, said: str, write_config: WriteConfig, service, capsys
) -> None:
    service.start()
    if "service" in sections:
        sections = {"service": {**sections["service"], "url": service.url}}
    assert main([str(write_config("mistaken", **sections))]) == 2
    assert said in capsys.readouterr().err
