"""Token ids of a text, made on the caller's own thread and without holding up the others."""

from __future__ import annotations

import os

from tokenizers import Tokenizer


def tokenize_where_called() -> None:
    """Have tokenizers work on the thread that calls them, unless the environment says otherwise.

    Their own threads are shared: one text that hangs would hold up every other.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def encoded(tokenizer: Tokenizer, text: str) -> list[int]:
    """Token ids of a text, no special tokens added."""
    # A batch of one: a lone text is encoded under the GIL, a second of it for 400,000 characters.
    (encoding,) = tokenizer.encode_batch_fast([text], add_special_tokens=False)
    return list(encoding.ids)
