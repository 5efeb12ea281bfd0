"""`harmo init`: what it writes is code that imports, and what it prints can be pasted."""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from harmo.app.cli.init.command import ALSO, SETUPS
from harmo.app.cli.init.setup import Choice, Setup
from tests.app.cli.conftest import Typed

ROOT = Path(__file__).parents[3]
ALONE = Choice(
    url="http://reward-host:8000", recipe="math", run="exp-42", group_size=8, siblings=False
)
TOGETHER = Choice(
    url="http://reward-host:8000", recipe="math", run="exp-42", group_size=8, siblings=True
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("trainer", SETUPS)
def test_every_trainer_has_flags_a_page_and_a_file_that_is_python(trainer: str) -> None:
    setup = SETUPS[trainer](TOGETHER)
    assert (ROOT / "docs" / "trainers" / f"{setup.page}.md").is_file()
    assert bool(setup.file) is bool(setup.code)
    ast.parse(setup.code)
    told = setup.flags + setup.code
    for said in ("http://reward-host:8000", "math", "exp-42"):
        assert said in told, f"{trainer} does not hear of {said}"


@pytest.mark.parametrize("trainer", SETUPS)
def test_the_page_of_a_trainer_shows_what_is_printed(trainer: str) -> None:
    # LLaMA-Factory brings no references: its page shows the recipe that needs none.
    setup = SETUPS[trainer](replace(ALONE, recipe="model") if trainer == "llamafactory" else ALONE)
    page = (ROOT / "docs" / "trainers" / f"{setup.page}.md").read_text(encoding="utf-8")
    assert setup.flags in page
    assert setup.code.strip() in page


@pytest.mark.parametrize("trainer", ["openrlhf", "slime", "llamafactory", "axolotl", "json"])
def test_a_url_names_the_group_only_where_siblings_are_compared(trainer: str) -> None:
    def query(setup: Setup) -> dict[str, list[str]]:
        [url] = re.findall(r"http://[^\s\"']+", setup.flags)
        return parse_qs(urlsplit(url).query)

    asked = {"recipe": ["math"], "run": ["exp-42"]}
    assert query(SETUPS[trainer](ALONE)) == asked
    assert query(SETUPS[trainer](TOGETHER)) == asked | {"group_size": ["8"]}


def test_flags_are_read_by_what_reads_them() -> None:
    assert shlex.split(SETUPS["openrlhf"](ALONE).flags)[0] == "--reward.remote_url"
    assert yaml.safe_load(SETUPS["llamafactory"](ALONE).flags)["reward_model_type"] == "api"
    assert yaml.safe_load(SETUPS["rlinf"](ALONE).flags)["reward"]["harmo"]["group_size"] == 8
    kwargs = shlex.split(SETUPS["easyr1"](ALONE).flags)[-1].partition("=")[2]
    assert yaml.safe_load(kwargs)["url"] == "http://reward-host:8000"


def test_columns_and_data_needs_stand_in_the_file_and_on_the_screen(
    typed: Typed, tmp_path: Path
) -> None:
    code, out, error = typed("init trl --recipe visual-math")
    assert (code, error) == (0, "")
    written = (tmp_path / "harmo_trl.py").read_text(encoding="utf-8")
    for said in (out, written):
        assert "Columns: model.similarity, answer, aspect.format, length.cosine." in said
        assert "references.solution" in said
        assert "a column of ground truths" in said
    assert "wrote harmo_trl.py" in out


def test_where_no_file_is_needed_none_is_written(typed: Typed, tmp_path: Path) -> None:
    code, out, error = typed("init OpenRLHF --recipe model")
    assert (code, error) == (0, "")
    assert "no file is needed" in out
    assert "get_reward?recipe=model" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "served"),
    [
        ("init trl", "harmo serve"),
        ("init trl --recipe gdpo-columns", "harmo serve --recipe gdpo-columns"),
        ("init trl --recipe mine.yaml", "harmo serve --recipe mine.yaml"),
        ("init trl --recipe model", "harmo serve --model DIR"),
        ("init trl --recipe model.judge", "harmo serve --model judge=DIR"),
        ("init LLaMA-Factory", "harmo serve --model DIR"),
        ("init lmm-r1", "harmo serve"),
        ("init NeMo_Gym", "harmo serve"),
    ],
)
def test_it_says_how_the_service_comes_to_have_the_recipe(
    typed: Typed, tmp_path: Path, line: str, served: str
) -> None:
    (tmp_path / "mine.yaml").write_text("name: own\nrule: [{scorer: rule.math}]\n")
    code, out, error = typed(line)
    assert (code, error) == (0, "")
    assert f"Start the service first: {served}\n" in out


def test_the_trainer_that_brings_no_references_gets_a_recipe_without(typed: Typed) -> None:
    assert "recipe=model&" in typed("init llamafactory")[1]
    assert "recipe=math&" in typed("init llamafactory --recipe math")[1]


def test_a_file_that_is_there_is_replaced_on_request_only(typed: Typed, tmp_path: Path) -> None:
    mine = tmp_path / "harmo_swift.py"
    mine.write_text("mine", encoding="utf-8")
    code, out, error = typed("init swift")
    assert (code, out) == (2, "")
    assert error == "harmo: harmo_swift.py is there already; --force replaces it\n"
    assert mine.read_text(encoding="utf-8") == "mine"
    assert typed("init swift --force")[0] == 0
    assert "swift.register" in mine.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("init verk", "no trainer 'verk'; there are "),
        ("init trl --recipe nope", "shipped:"),
        ("init trl --url localhost:8000", "--url: 'localhost:8000'"),
        ("init trl --url http://h/'", "--url: "),
        ("init trl --run a'b", "--run: "),
        ("init trl --group-size 0", "--group-size"),
        ("init trl --recipe model.a'b", "--recipe: "),
        ("init llamafactory --recipe harmo", "LLaMA-Factory does not say which those are"),
        ("init easyr1 --recipe harmo", "EasyR1 does not say which those are"),
        ("init", "TRAINER"),
    ],
)
def test_a_mistake_is_one_sentence(typed: Typed, line: str, named: str) -> None:
    code, out, error = typed(line)
    assert (code, out) == (2, "")
    assert named in error
    assert error.count("\n") == 1


def test_help_lists_the_trainers(typed: Typed) -> None:
    code, out, _ = typed("init --help")
    assert code == 0
    assert all(trainer in out for trainer in SETUPS)
    assert set(ALSO.values()) <= set(SETUPS)
