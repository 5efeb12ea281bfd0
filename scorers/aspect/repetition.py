"""`aspect.repetition`: how much of a completion repeats itself."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from harmo.scorers.registry import scorer
from harmo.scorers.types import Sample, Score

# A word, or one character of a script that writes no spaces, or one mark: never backtracks.
_TOKEN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
    r"|[^\w\s]"
)


@scorer("aspect.repetition", bounds=(-1.0, 0.0), on_loop=True)
def repetition(
    sample: Sample,
    *,
    ngram_size: Annotated[int, Field(ge=1, le=64)] = 3,
    max_penalty: Annotated[float, Field(ge=-1, le=0)] = -1.0,
    unit: Literal["token", "word"] = "token",
) -> Score:
    """Repetition penalty in [max_penalty, 0]: (1 - unique n-grams / n-grams) * max_penalty.

    arXiv 2502.03373, C.2, as TRL's `get_repetition_penalty_reward`, there over the policy's token
    ids, which the service does not see. 0 is best; fewer than `ngram_size` units are 0. It is a
    penalty, so unlike the other aspects it is never above 0, and it never abstains. With
    `ngram_size=2`, "a b c d" is 0.0 and "a a a a a" is -0.75.

    Args:
        sample: Read whole, think part and prefix included.
        ngram_size: Units in an n-gram; the paper uses 40 tokens.
        max_penalty: What endless repetition tends to; -1 at the least.
        unit: `token`: lower-cased words, single characters of scripts without spaces, and marks;
            `word`: lower-cased runs between whitespace (open-r1).

    Returns:
        A score whose detail counts the n-grams and the unique ones.
    """
    text = sample.text.lower()
    units = _TOKEN.findall(text) if unit == "token" else text.split()
    total = len(units) - ngram_size + 1
    if total < 1:
        return Score(value=0.0, detail={"ngrams": 0})
    unique = len(set(zip(*(units[start:] for start in range(ngram_size)), strict=False)))
    # max() keeps -0.0 out of the answer.
    share = 1 - unique / total
    return Score(
        value=share * max_penalty if share else 0.0, detail={"ngrams": total, "unique": unique}
    )
