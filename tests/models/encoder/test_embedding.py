"""Texts to chunks of tokens, and chunks to unit vectors however they are batched."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import transformers as tf

from harmo.models.checkpoint.files import open_checkpoint
from harmo.models.encoder.embedding import Embedder, Item, Itemiser
from tests.models import tiny, tiny_encoders
from tests.models.tiny_encoders import END, MAX_TOKENS, START, framed

ROOM = MAX_TOKENS - 2


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    return tiny_encoders.sentence_encoder(tmp_path_factory.mktemp("embedding"))


@pytest.fixture(scope="module")
def itemiser(directory: Path) -> Itemiser:
    tokenizer = tf.AutoTokenizer.from_pretrained(directory)
    return Itemiser(open_checkpoint(directory), tokenizer, max_tokens=MAX_TOKENS)


@pytest.mark.parametrize(
    ("length", "chunks", "why"),
    [
        (0, [0], "an empty text is its frame"),
        (ROOM, [ROOM], "as long as may be"),
        (ROOM + 1, [32, 31], "one token more: two of like length"),
        (3 * ROOM, [ROOM] * 3, "several full ones"),
    ],
)
def test_a_long_text_is_cut_into_chunks_of_like_length(itemiser, length, chunks, why) -> None:
    item = itemiser.text("a" * length)
    assert [len(chunk) - 2 for chunk in item.chunks] == chunks, why
    assert all((chunk[0], chunk[-1]) == (START, END) for chunk in item.chunks)
    assert item.tokens == length + 2 * len(chunks)


def test_items_are_alike_where_their_texts_are(itemiser) -> None:
    assert itemiser.text("abc") == itemiser.text("abc")
    assert itemiser.text("abc").key != itemiser.text("abd").key


def test_an_image_for_a_text_encoder_is_an_error(itemiser) -> None:
    with pytest.raises(ValueError, match="takes no images"):
        itemiser.image(b"")


@pytest.mark.parametrize("max_batch_tokens", [1, 20, 8192])
def test_vectors_have_length_one_and_do_not_depend_on_their_batch(max_batch_tokens: int) -> None:
    embedder = Embedder(
        tiny.backbone("qwen3"),
        pooling="mean",
        pad_token_id=tiny.PAD,
        device=torch.device("cpu"),
        max_batch_tokens=max_batch_tokens,
    )
    texts = ["a", "a longer text", "mid"]
    items = [Item(key=text.encode(), chunks=(tuple(framed(text)),)) for text in texts]
    together = embedder.embed(items)
    for vector, item in zip(together, items, strict=True):
        assert float(vector.norm()) == pytest.approx(1.0)
        torch.testing.assert_close(vector, embedder.embed([item])[0], atol=1e-6, rtol=0)
