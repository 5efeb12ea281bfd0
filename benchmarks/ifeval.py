"""aspect.ifeval: milliseconds a response, and linear in its length, beside lm-eval's checkers.

    python -m benchmarks.ifeval

500 seeded responses of 400 words, each with three instructions, all 25 kinds in turn; strict and
loose. The same responses then at 1, 2, 4 and 8 times their length. lm-eval is timed on the same
rows where it can be imported (`pip install --no-deps lm-eval==0.4.13 immutabledict nltk` will do);
its NLTK data is not needed: an untrained Punkt model stands in, which agrees on these sentences.
"""

from __future__ import annotations

import importlib
import random
import sys
import time
import types
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harmo.scorers.aspect.ifeval.ifeval_checks import IFEVAL
from harmo.scorers.aspect.ifeval.scoring import Mode, score_instructions
from harmo.scorers.aspect.language import detect
from harmo.scorers.types import Sample

RESPONSES, WORDS, INSTRUCTIONS = 500, 400, 3
SEED = 0
MODES: tuple[Mode, ...] = ("strict", "loose")
LENGTHS = (1, 2, 4, 8)
SENTENCES = (
    "The weather is nice today and we walk to the park with our friends.",
    "Dr. Smith said that NASA would publish the results, but nobody knew when!",
    "Is it true that 3.5 is more than 3, or is that a matter of taste?",
    "A *good* answer has a [name], a [date] and no more words than it needs.",
    "Nothing else matters... at least not on a day like this one.",
    "- First, we look at the data",
    "* Then, we look at it again",
)
ARGUMENTS: dict[str, dict[str, object]] = {
    "keywords:existence": {"keywords": ["weather", "park"]},
    "keywords:frequency": {"keyword": "look", "frequency": 3, "relation": "at least"},
    "keywords:forbidden_words": {"forbidden_words": ["rain", "storm"]},
    "keywords:letter_frequency": {"letter": "q", "let_frequency": 6, "let_relation": "less than"},
    "language:response_language": {"language": "en"},
    "length_constraints:number_words": {"num_words": 300, "relation": "at least"},
    "length_constraints:number_sentences": {"num_sentences": 20, "relation": "at least"},
    "length_constraints:number_paragraphs": {"num_paragraphs": 1},
    "length_constraints:nth_paragraph_first_word": {
        "num_paragraphs": 3,
        "nth_paragraph": 1,
        "first_word": "the",
    },
    "detectable_content:number_placeholders": {"num_placeholders": 3},
    "detectable_content:postscript": {"postscript_marker": "P.S."},
    "detectable_format:number_bullet_lists": {"num_bullets": 3},
    "detectable_format:number_highlighted_sections": {"num_highlights": 3},
    "detectable_format:multiple_sections": {"section_spliter": "Section", "num_sections": 2},
    "combination:repeat_prompt": {"prompt_to_repeat": "The weather"},
    "startend:end_checker": {"end_phrase": "That is all."},
    "change_case:capital_word_frequency": {
        "capital_frequency": 4,
        "capital_relation": "at least",
    },
}

Row = tuple[str, list[str], list[dict[str, object]]]
"""A response, its instruction ids and their kwargs."""


def main() -> None:
    rows = generated()
    detect("warm up")
    ours = {mode: timed(lambda row, mode=mode: check(row, mode), rows) for mode in MODES}
    console = Console()
    table = Table("milliseconds a response", *MODES)
    table.add_row("aspect.ifeval", *(f"{ours[mode][0]:.2f}" for mode in MODES))
    peer = lm_eval()
    if peer is None:
        console.print("lm-eval cannot be imported here, so its times are left out.")
    else:
        theirs = {mode: timed(lambda row, mode=mode: peer(row, mode), rows) for mode in MODES}
        table.add_row("lm-eval 0.4.13", *(f"{theirs[mode][0]:.2f}" for mode in MODES))
        table.add_row("ratio", *(f"{theirs[mode][0] / ours[mode][0]:.2f}" for mode in MODES))
        same = [agreement(ours[mode][1], theirs[mode][1]) for mode in MODES]
        table.add_row("verdicts that agree", *same)
    console.print(table)
    console.print(lengths(rows[:100]))


def generated() -> list[Row]:
    rng = random.Random(SEED)
    ids = list(IFEVAL.ids)
    rows: list[Row] = []
    for number in range(RESPONSES):
        # Eight apart, so that no two contradict each other.
        chosen = [ids[(number + 8 * i) % len(ids)] for i in range(INSTRUCTIONS)]
        rows.append((response(rng, WORDS), chosen, [ARGUMENTS.get(id_, {}) for id_ in chosen]))
    return rows


def response(rng: random.Random, words: int) -> str:
    parts: list[str] = []
    count = 0
    while count < words:
        sentence = rng.choice(SENTENCES)
        count += len(sentence.split())
        parts += [sentence, "\n" if sentence[0] in "-*" else rng.choice((" ", " ", "\n\n"))]
    return "".join(parts).strip()


def check(row: Row, mode: Mode) -> list[bool]:
    text, ids, kwargs = row
    sample = Sample(completion=text, constraints={"instruction_id_list": ids, "kwargs": kwargs})
    score = score_instructions(sample, IFEVAL, mode=mode, credit="mean", weights=None)
    return [item["followed"] for item in score.detail["instructions"]]


def timed(
    judge: Callable[[Row], list[bool]], rows: Sequence[Row]
) -> tuple[float, list[list[bool]]]:
    """CPU milliseconds a row, and the verdicts."""
    start_s = time.process_time()
    verdicts = [judge(row) for row in rows]
    return 1000 * (time.process_time() - start_s) / len(rows), verdicts


def agreement(ours: Sequence[list[bool]], theirs: Sequence[list[bool]]) -> str:
    pairs = [
        pair
        for one, other in zip(ours, theirs, strict=True)
        for pair in zip(one, other, strict=True)
    ]
    return f"{sum(one == other for one, other in pairs)}/{len(pairs)}"


def lengths(rows: Sequence[Row]) -> Table:
    table = Table("length", *MODES, title="milliseconds a response by length")
    for factor in LENGTHS:
        longer = [("\n".join([text] * factor), ids, kwargs) for text, ids, kwargs in rows]
        times = [
            min(timed(lambda row, mode=mode: check(row, mode), longer)[0] for _ in range(3))
            for mode in MODES
        ]
        table.add_row(f"{factor}x", *(f"{ms:.2f}" for ms in times))
    return table


def lm_eval() -> Callable[[Row, Mode], list[bool]] | None:
    """lm-eval's checkers without the rest of it and without NLTK's data; None if not installed."""
    spec = find_spec("lm_eval")
    if spec is None or spec.origin is None or find_spec("nltk") is None:
        return None
    nltk = importlib.import_module("nltk")
    # lm_eval's own __init__ pulls in what --no-deps left out, so its folder is imported alone.
    for name in ("lm_eval", "lm_eval.tasks", "lm_eval.tasks.ifeval"):
        package = types.ModuleType(name)
        package.__path__ = [str(Path(spec.origin).parent.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    punkt = importlib.import_module("nltk.tokenize.punkt").PunktSentenceTokenizer()
    treebank = importlib.import_module("nltk.tokenize.destructive").NLTKWordTokenizer()
    importlib.import_module("langdetect").DetectorFactory.seed = 0
    nltk.download = lambda *_, **__: True
    nltk.data.find = lambda *_, **__: True
    nltk.data.load = lambda *_, **__: punkt
    nltk.word_tokenize = lambda text: [
        word for sentence in punkt.tokenize(text) for word in treebank.tokenize(sentence)
    ]
    utils = importlib.import_module("lm_eval.tasks.ifeval.utils")
    judges = {
        "strict": utils.test_instruction_following_strict,
        "loose": utils.test_instruction_following_loose,
    }

    def judge(row: Row, mode: Mode) -> list[bool]:
        text, ids, kwargs = row
        example = utils.InputExample(key=0, instruction_id_list=ids, prompt="", kwargs=kwargs)
        return list(judges[mode](example, text).follow_instruction_list)

    return judge


if __name__ == "__main__":
    main()
