"""Small parts of the service: sandbox, catalogue, leases."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from harmo.app.catalogue import Catalogue, model_recipes, read
from harmo.app.hosting import Hosting, MissingResourceError
from harmo.app.sandbox import SandboxFusion
from harmo.app.settings import Settings
from harmo.models.base import Conversations, Turn
from harmo.rewards.recipe import RecipeError
from harmo.scorers import registry
from tests.app.fakes import FakeRewardModel


@pytest.fixture(autouse=True, scope="module")
def _registered() -> None:
    registry.load()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status": "Success", "run_result": {"status": "Finished", "stdout": "4\n"}}, "ok"),
        ({"status": "Failed", "run_result": {"status": "Finished", "return_code": 1}}, "failed"),
        ({"status": "Failed", "compile_result": {"status": "Error"}}, "failed"),
        ({"status": "Failed", "run_result": {"status": "TimeLimitExceeded"}}, "timeout"),
        ({"status": "SandboxError", "message": "no disk"}, "unavailable"),
        ({"unexpected": True}, "unavailable"),
        ([], "unavailable"),
    ],
)
async def test_sandbox_failures_are_not_the_programs(answer: Any, status: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    sandbox = SandboxFusion("http://sandbox", transport=transport)
    result = await sandbox.run("print(4)", language="python", stdin="", timeout_s=1.0)
    assert result.status == status
    await sandbox.close()


async def test_a_sandbox_that_is_down_is_unavailable() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    sandbox = SandboxFusion("http://sandbox", transport=httpx.MockTransport(refuse))
    result = await sandbox.run("", language="python", stdin="", timeout_s=1.0)
    assert result.status == "unavailable"


async def test_a_vector_head_runs_once_for_all_its_columns() -> None:
    model = FakeRewardModel("armo", ("help", "truth"))
    lease = Hosting(models={"armo": model}).lease(time.monotonic() + 10)
    bound = registry.bind("model.reward", {"reward_model": "armo", "aspect": "help"})
    turn = Turn(role="user", parts=("?",))
    asked = Conversations(prompt=(turn,), completions=((turn,),))
    leased: Any = lease.resource(bound)
    again: Any = lease.resource(bound)
    await asyncio.gather(leased.score(asked), again.score(asked))
    assert model.runs == 1


def test_model_recipes_have_one_column_per_aspect() -> None:
    cards = [FakeRewardModel("a").card, FakeRewardModel("b", ("help", "truth")).card]
    one, two = model_recipes(cards)
    assert (one.name, [t.name for t in one.model]) == ("model.a", ["model.a"])
    assert (two.name, [t.name for t in two.model]) == ("model.b", ["model.b.help", "model.b.truth"])
    assert model_recipes(cards[:1])[0].name == "model"


def test_a_gated_head_counts_by_its_own_reward_and_shadows_its_attributes() -> None:
    (gated,) = model_recipes([FakeRewardModel("armo", ("help", "truth", "reward")).card])
    assert [term.name for term in gated.model] == ["model.armo.reward"]
    assert [term.name for term in gated.shadow] == ["model.armo.help", "model.armo.truth"]


def test_several_models_named_together_are_an_ensemble() -> None:
    hosting = Hosting(models={name: FakeRewardModel(name) for name in "abc"})
    bound = registry.bind("model.reward", {"reward_model": "a+c", "reduction": "min"})
    assert hosting.model(bound).card.aspects == ("a", "c")


def test_an_output_the_model_does_not_have_is_refused_at_load(tmp_path: Any) -> None:
    file = tmp_path / "rm.yaml"
    file.write_text("name: rm\nmodel: [{scorer: model.reward, params: {aspect: wit}}]")
    hosting = Hosting(models={"a": FakeRewardModel("a", ("help", "truth"))})
    with pytest.raises(RecipeError, match="no output 'wit'; it has help, truth"):
        Catalogue.load((str(file),), hosting)


def test_a_model_that_is_not_hosted_is_named() -> None:
    bound = registry.bind("model.reward", {"reward_model": "x"})
    with pytest.raises(MissingResourceError, match="'x'; hosted: none"):
        Hosting().model(bound)


def test_the_math_recipe_is_always_there_and_the_first_recipe_is_the_default() -> None:
    assert list(Catalogue.load((), Hosting()).plans) == ["math"]
    hosted = Hosting(models={"rm": FakeRewardModel("rm")})
    catalogue = Catalogue.load((), hosted)
    assert set(catalogue.plans) == {"model", "math"}
    assert catalogue.default == "model"


def test_a_hosted_model_alone_may_be_asked_for_by_its_recipes_name() -> None:
    hosted = Hosting(models={name: FakeRewardModel(name) for name in ("a", "b")})
    catalogue = Catalogue.load(("ocr", "model.b"), hosted)
    assert list(catalogue.plans) == ["ocr", "model.b", "model.a", "math"]
    with pytest.raises(RecipeError, match=r"'model.c'.*model\.a, model\.b; host one with --model"):
        Catalogue.load(("model.c",), hosted)


def test_two_recipes_of_one_name_are_refused() -> None:
    with pytest.raises(RecipeError, match="two recipes"):
        Catalogue.load(("math", "math"), Hosting())


def test_a_recipe_that_needs_a_model_says_how_to_host_one(tmp_path: Any) -> None:
    file = tmp_path / "rm.yaml"
    file.write_text("name: rm\nmodel: [{scorer: model.reward}]")
    with pytest.raises(RecipeError, match="--model NAME=DIR"):
        Catalogue.load((str(file),), Hosting())


def test_versions_follow_the_recipe() -> None:
    math = read("math")
    first = Catalogue.load((), Hosting()).plans["math"].version
    changed = math.model_copy(update={"default_task": "numeric"})
    from harmo.app.catalogue import plan_of

    assert plan_of(changed, Hosting()).version != first


def test_settings_come_from_flags_then_environment_then_file(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "harmo.yaml"
    file.write_text("port: 1\nworkers: 3\ndeadline_ms: 5\n")
    monkeypatch.setenv("HARMO_PORT", "2")
    monkeypatch.setenv("HARMO_WORKERS", "4")
    settings = Settings.from_file(file, port=9)
    assert (settings.port, settings.workers, settings.deadline_ms) == (9, 4, 5)
