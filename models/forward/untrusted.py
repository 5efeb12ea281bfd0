"""Token ids of a rendered conversation in which only the template may write special tokens.

A special token's string inside a prompt or a completion is marked before the template runs and
tokenised as ordinary text afterwards; clean text gives exactly what the tokenizer alone gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import re2
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from harmo.models.tokens import encoded, tokenize_where_called

_MARKS = (
    range(0xE000, 0xF900),
    range(0xF0000, 0xFFFFE),
    range(0x100000, 0x10FFFE),
    range(0x40000, 0xE0000),
)
"""Characters that mean nothing, more of them than a completion has: private use, unassigned."""

PieceCache = dict[tuple[bool, str], list[int]]
"""Ids of the pieces between special tokens: a group's prompt is tokenised once."""


class Untrusted:
    """Tokenises rendered text cut at the template's special tokens; safe in several threads."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, reserved: Iterable[str] = ()) -> None:
        """Prepare.

        Args:
            tokenizer: A fast tokenizer.
            reserved: Further strings, one token each, that only templates may mean.

        Raises:
            ValueError: If the tokenizer is a slow one, or a string is too short to be told apart.
        """
        if not getattr(tokenizer, "is_fast", False):
            raise ValueError(
                f"{type(tokenizer).__name__} is a slow tokenizer; save the model with a fast one"
            )
        added = tokenizer.added_tokens_decoder
        self.special = {token.content: at for at, token in added.items() if token.special}
        """Strings that only templates may turn into their token, with its id."""
        self.special |= {text: tokenizer.convert_tokens_to_ids(text) for text in reserved}
        if short := [text for text in self.special if len(text) < 2]:
            raise ValueError(
                f"special token {short[0]!r} is a single character: in a completion it could not"
                " be told from the template's; name a longer one"
            )
        self._strips = {
            token.content: (token.lstrip, token.rstrip)
            for token in added.values()
            if token.content in self.special and (token.lstrip or token.rstrip)
        }
        longest_first = sorted(self.special, key=len, reverse=True)
        # RE2, whose time does not depend on how many begin alike: some tokenizers have thousands.
        self._cut = re2.compile("|".join(map(re2.escape, longest_first)) or r"[^\s\S]")
        tokenize_where_called()
        state = json.loads(tokenizer.backend_tokenizer.to_str())
        self._first = _plain(state, self.special, first=True)
        self._rest = _plain(state, self.special, first=False)

    def marked(self, text: str, mark: str) -> str:
        """`text` with `mark` inside every special string, so that a template shows them apart."""
        return self._cut.sub(lambda match: match[0][0] + mark + match[0][1:], text)

    def ids(
        self,
        rendered: str,
        cache: PieceCache,
        *,
        mark: str = "",
        expansions: Mapping[str, Iterator[Sequence[int]]] | None = None,
        watched: str | None = None,
    ) -> tuple[list[int], list[int]]:
        """Token ids of a rendered conversation.

        Args:
            rendered: What the template wrote.
            cache: Shared by the calls for one group.
            mark: What `marked` put in; it is taken out.
            expansions: Per special string, what successive occurrences become.
            watched: A special string.

        Returns:
            The ids, no special tokens added; and where the template wrote `watched`.

        Raises:
            ValueError: If there are fewer expansions than occurrences.
        """
        ids: list[int] = []
        places: list[int] = []
        start, after = 0, False
        for special in self._cut.finditer(rendered):
            before, after_this = self._strips.get(special[0], (False, False))
            text = _stripped(rendered[start : special.start()], left=after, right=before)
            ids += self._text_ids(text.replace(mark, ""), cache, first=start == 0)
            if special[0] == watched:
                places.append(len(ids))
            ids += self._special_ids(special[0], expansions or {})
            start, after = special.end(), after_this
        text = _stripped(rendered[start:], left=after, right=False)
        ids += self._text_ids(text.replace(mark, ""), cache, first=start == 0)
        return ids, places

    def _special_ids(
        self, special: str, expansions: Mapping[str, Iterator[Sequence[int]]]
    ) -> Sequence[int]:
        if special not in expansions:
            return (self.special[special],)
        expansion = next(expansions[special], None)
        if expansion is None:
            raise ValueError(f"the template writes {special!r} more often than was asked")
        return expansion

    def _text_ids(self, text: str, cache: PieceCache, *, first: bool) -> Sequence[int]:
        if not text:
            return ()
        ids = cache.get((first, text))
        if ids is None:
            ids = cache[first, text] = encoded(self._first if first else self._rest, text)
        return ids


def _stripped(text: str, *, left: bool, right: bool) -> str:
    """The text without the white space that special tokens beside it swallow."""
    text = text.lstrip() if left else text
    return text.rstrip() if right else text


def absent_mark(texts: Iterable[str]) -> str:
    """A character that means nothing and stands in none of the texts.

    Raises ValueError if they hold every one there is.
    """
    held: set[str] = set().union(*texts)
    mark = next((each for each in map(chr, chain(*_MARKS)) if each not in held), None)
    if mark is None:
        raise ValueError("the texts hold every character that means nothing")
    return mark


def _plain(state: Mapping[str, Any], special: Iterable[str], *, first: bool) -> Tokenizer:
    """A tokenizer to which the special strings are text; `first` if at the start of the whole."""
    state = json.loads(json.dumps(state))
    for token in state["added_tokens"]:
        token["special"] = token["content"] in special
    if not first:
        _never_prepend(state.get("pre_tokenizer"))
    plain = Tokenizer.from_str(json.dumps(state))
    plain.no_truncation()
    plain.no_padding()
    plain.encode_special_tokens = True
    return plain


def _never_prepend(step: dict[str, Any] | None) -> None:
    if step is not None:
        if step.get("prepend_scheme") == "first":
            step["prepend_scheme"] = "never"
        for inner in step.get("pretokenizers", ()):
            _never_prepend(inner)
