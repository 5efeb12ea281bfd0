"""harmo-train's config: every mistake is named before torch is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from harmo_client.train.cli import main
from harmo_client.train.config import ConfigError, load_config

WHOLE = "model: m\noutput_dir: out\ndataset: {path: rows.jsonl}\n"
EXAMPLES = sorted((Path(__file__).parents[3] / "client/examples").glob("*.yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no mapping"),
        ("- model", "holds no mapping"),
        ("model: [", "is not YAML"),
        ("\tmodel: m", "is not YAML"),
        ("output_dir: out\ndataset: {path: rows.jsonl}", "model: is missing"),
        (WHOLE + "modell: m", "modell: there is no such field"),
        (WHOLE + "service: {urll: x}", "service.urll: there is no such field"),
        (
            WHOLE + "service: {retry_budget_s: 0}",
            "service.retry_budget_s: must be greater than 0, got 0",
        ),
        (WHOLE + "service: {url: localhost:8000}", "service.url: String should match"),
        (WHOLE + "service: {on_unscored: zero}", "service.on_unscored: must be"),
        (WHOLE + "service: {serve: {recip: x}}", "service.serve.recip: there is no such field"),
        (WHOLE + "service: {serve: {workers: 0}}", "service.serve.workers: must be greater than 0"),
        (
            WHOLE + "service: {serve: {}, url: 'http://x:1'}",
            "service: url names a service and serve starts one: leave one of them out",
        ),
        (WHOLE + "service: {api_key: secret}", "service.api_key: there is no such field"),
    ],
)
def test_a_mistake_is_named_with_its_field(text: str, said: str, tmp_path: Path, capsys) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert said in str(caught.value)
    assert main([str(path)]) == 2
    assert said in capsys.readouterr().err


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE + "service: {recipe: math}")
    config = load_config(path, service="http://elsewhere:1", resume=True)
    assert (config.service.url, config.service.recipe) == ("http://elsewhere:1", "math")
    assert config.resume
    with pytest.raises(ConfigError, match=r"service\.url"):
        load_config(path, service="elsewhere")


@pytest.mark.parametrize(
    ("written", "recipes"),
    [("math", ["math"]), ("[math, mine.yaml]", ["math", "mine.yaml"]), ("[]", [])],
)
def test_a_service_of_the_runs_own_takes_one_recipe_or_several(
    written: str, recipes: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE + f"service: {{serve: {{recipe: {written}}}}}")
    serve = load_config(path).service.serve
    assert serve is not None
    assert (serve.recipe, serve.model, serve.audit) == (recipes, [], True)


def test_a_service_that_is_named_on_the_command_line_is_not_started(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE + "service: {serve: {recipe: math}, recipe: math}")
    service = load_config(path, service="http://elsewhere:1").service
    assert (service.url, service.serve, service.recipe) == ("http://elsewhere:1", None, "math")


def test_a_missing_file_is_a_sentence(tmp_path: Path, capsys) -> None:
    assert main([str(tmp_path / "none.yaml")]) == 2
    assert "cannot read" in capsys.readouterr().err


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    assert load_config(path).grpo["num_generations"] == 8


def test_the_examples_were_found() -> None:
    assert len(EXAMPLES) >= 2


def test_help_needs_neither_torch_nor_trl() -> None:
    script = (
        "import sys\n"
        "from harmo_client.train.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'trl', 'transformers', 'datasets'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
