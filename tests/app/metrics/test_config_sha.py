"""The digest of what is loaded: who scores alike agrees on it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.app.catalogue import Catalogue
from harmo.app.hosting import Hosting
from harmo.app.settings import Settings
from harmo.app.startup import build
from harmo.scorers import registry
from tests.app.fakes import FakeRewardModel
from tests.app.metrics.scraped import Scraped

RECIPE = "name: mine\nrule: [{scorer: rule.math}]\n"
MODELS = Hosting(models={"fake": FakeRewardModel("fake")})


def sha(folder: Path, recipe: str = RECIPE, hosting: Hosting | None = None, more: str = "") -> str:
    registry.load()
    folder.mkdir()
    (folder / "a.yaml").write_text(recipe)
    (folder / "b.yaml").write_text("name: other\nrule: [{scorer: rule.exact}]\n" + more)
    sources = [str(folder / "a.yaml"), str(folder / "b.yaml")]
    return Catalogue.load(sources, hosting or Hosting()).config_sha


def test_the_same_configuration_has_the_same_digest_wherever_it_lies(tmp_path: Path) -> None:
    first = sha(tmp_path / "one")
    assert sha(tmp_path / "two", RECIPE + "# a comment changes nothing\n") == first
    shutil.copytree(tmp_path / "one", tmp_path / "three")
    elsewhere = [str(tmp_path / "three" / name) for name in ("a.yaml", "b.yaml")]
    assert Catalogue.load(elsewhere, Hosting()).config_sha == first


def test_the_device_and_the_rung_a_machine_chose_are_no_part_of_it(tmp_path: Path) -> None:
    model = FakeRewardModel("fake")
    on_cpu = sha(tmp_path / "cpu", hosting=Hosting(models={"fake": model}))
    model.card = replace(model.card, device="cuda:0", rung="tree")
    assert sha(tmp_path / "cuda", hosting=Hosting(models={"fake": model})) == on_cpu


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"recipe": RECIPE + "on_truncated: wrong\n"}, "a recipe says something else"),
        ({"recipe": RECIPE.replace("mine", "yours")}, "it has another name"),
        ({"more": "on_truncated: wrong\n"}, "be it not the default"),
        ({"hosting": MODELS}, "a model is there that the others lack"),
    ],
)
def test_replicas_that_would_score_otherwise_differ(
    changed: dict[str, object], why: str, tmp_path: Path
) -> None:
    assert sha(tmp_path / "one") != sha(tmp_path / "two", **changed), why  # type: ignore[arg-type]


def test_another_default_is_another_configuration(tmp_path: Path) -> None:
    first = sha(tmp_path / "one")
    turned = [str(tmp_path / "one" / name) for name in ("b.yaml", "a.yaml")]
    assert Catalogue.load(turned, Hosting()).config_sha != first


def test_before_anything_is_loaded_the_build_says_so() -> None:
    (labels,) = Scraped(build(Settings(workers=1)).metrics.expose().decode()).labels(
        "harmo_build_info"
    )
    assert labels["config_sha"] == ""
