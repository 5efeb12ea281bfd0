"""A tokenizer that marks words, as Llama 2's and Mistral's do."""

from __future__ import annotations

import transformers as tf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def marking_words(word: str = "on", **options) -> tf.PreTrainedTokenizerFast:
    """Words behind a low line, as Llama 2 and Mistral have them."""
    letters = sorted(set("▁abcdefghijklmnopqrstuvwxyz<>/|_.?0123456789\n"))
    vocab = {text: at for at, text in enumerate([*letters, word])}
    core = Tokenizer(models.BPE(vocab=vocab, merges=[tuple(word)]))
    core.pre_tokenizer = pre_tokenizers.Metaspace(**options)
    core.decoder = decoders.Metaspace(**options)
    fast = tf.PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>")
    fast.add_special_tokens(
        {"additional_special_tokens": [tf.AddedToken("<|user|>", rstrip=True, special=True)]}
    )
    fast.chat_template = (
        "<s>{% for m in messages %}{% if m.role == 'user' %}<|user|>\n{{ m.content }}"
        "{% else %} {{ m.content }}</s>{% endif %}{% endfor %}"
    )
    return fast
