"""What is not installed is said before anything large is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harmo_client.train.cli import main
from harmo_client.train.config import ConfigError
from harmo_client.train.requirements import EXTRA, require_reporters

WHOLE = "model: m\noutput_dir: out\ndataset: {path: rows.jsonl}\n"


@pytest.mark.parametrize("missing", sorted(EXTRA))
def test_a_missing_package_is_named_with_the_command_that_brings_it(
    missing: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE)
    script = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from harmo_client.train.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script]
    run = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 2, run.stderr
    assert run.stderr == (
        f"harmo-train: not installed: {EXTRA[missing]}; "
        "pip install 'harmo-client[train]' brings what harmo-train needs\n"
    )
    helped = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False)
    assert helped.returncode == 0


@pytest.mark.parametrize(
    ("report_to", "said"),
    [
        ("wandb", "'wandb' is not installed: pip install wandb"),
        (["trackio"], "'trackio' is not installed: pip install trackio"),
        (["none", "comet_ml"], "'comet_ml' is not installed: pip install comet-ml"),
        ("wanbd", "no reporter 'wanbd'; did you mean 'wandb'?"),
        ("qqq", "no reporter 'qqq'; known: .*tensorboard"),
    ],
)
def test_a_missing_or_unknown_reporter_is_a_plain_message(
    report_to: str | list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.integrations import integration_utils

    monkeypatch.setattr(integration_utils, "get_available_reporting_integrations", list)
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        require_reporters(report_to)


@pytest.mark.parametrize("report_to", [None, "none", "all", [], ["none"]])
def test_no_reporter_is_no_mistake(report_to: str | list[str] | None) -> None:
    require_reporters(report_to)


def test_a_missing_reporter_stops_the_run_before_policy_and_service(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE + "grpo: {report_to: wanbd, use_cpu: true}\n")
    assert main([str(path)]) == 2
    assert capfd.readouterr().err.endswith("did you mean 'wandb'?\n")


def test_evaluation_without_rows_to_evaluate_on_is_a_mistake(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE + "grpo: {eval_strategy: steps, use_cpu: true}\n")
    assert main([str(path)]) == 2
    assert "name dataset.eval_path or dataset.eval_split" in capfd.readouterr().err
