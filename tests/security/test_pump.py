"""What a policy writes costs time and memory in proportion to its length, whatever it writes.

The family of texts is in `pump`; `HARMO_PUMP_CHARS=256000` pumps up to the size limit.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from harmo.models.base import Conversations, Fault, ModelScore, ToolCall, Turn
from harmo.models.checkpoint.loader import load
from harmo.models.encoder.embedding import Itemiser
from harmo.models.encoder.similarity import _embedded
from harmo.models.forward.template import Template, mark_for
from harmo.models.forward.tokenise import Tokeniser
from harmo.models.forward.tool_calls import Forms, parsed, shown, strings
from harmo.models.forward.untrusted import Untrusted, absent_mark
from harmo.scorers import registry
from harmo.scorers.aspect.ifeval.check import Checks
from harmo.scorers.aspect.ifeval.ifbench import IFBENCH
from harmo.scorers.aspect.ifeval.instruction import Instruction, read_instructions
from harmo.scorers.aspect.ifeval.mm_ifeval import MM_IFEVAL
from harmo.scorers.aspect.ifeval.rlvr import _RENAMED
from harmo.scorers.model import conversations
from harmo.scorers.registry import bind
from harmo.scorers.types import Group, Message, Sample
from tests.growth import Work
from tests.models import tiny
from tests.models.tiny_encoders import framed_tokenizer
from tests.scorers.length.test_length import NEEDED
from tests.security import pump

registry.load()

ARGUMENTS: dict[str, object] = {
    "divider": "***",
    "end_phrase": "the end.",
    "first_word": "word",
    "forbidden_words": ["a", "word", "n't", ". "],
    "keyword": "a",
    **{f"keyword{n}": word for n, word in enumerate(("a", "word", "x", "a b", "1"), start=1)},
    "keywords": ["a", "word", "-a", "e\u0301", "aa" * 40],
    "language": "en",
    "letter": "a",
    "options": "a/b/c",
    "percentage": 50.0,
    "postscript_marker": "P.S.",
    "prompt_to_repeat": "word " * 20,
    "ranges": [[1, 2]],
    "reference_text": "word word word a b c",
    "section_spliter": "Question",
    "sep": "...",
    "substring": "a",
    "substrings": ["a", "word", "(a+)+$"],
    "word": "a",
    "keyword_list": ["a", "word"],
    "quantifier": "at least",
    "section_splitter": "Question",
    "original_prompt": "word " * 20,
}
"""By name, for those whose value matters; a relation is `at least`, all else is a count."""


def argument(name: str) -> object:
    return ARGUMENTS.get(name, "at least" if name.endswith("relation") else 2)


def check_of(checks: Checks, id_: str) -> Work:
    """The check of an instruction, with some arguments."""
    fields = checks._checks[id_].arguments.model_fields
    names = [field.alias or name for name, field in fields.items()]
    kwargs = {name: argument(name) for name in names}
    if "options" in kwargs and id_ == "detectable_format:constrained_response":
        kwargs["options"] = ["a", "word"]
    return checks.bind(Instruction(id=id_, kwargs=kwargs))


def check_of_function(name: str) -> Work:
    """The check of an RLVR constraint."""
    _, renamed = _RENAMED[name]
    arguments = {theirs: argument(theirs) for theirs in renamed}
    if name == "validate_choice":
        arguments["options"] = ["a", "word"]
    (instruction,) = read_instructions({"func_name": name, **arguments})
    return IFBENCH.bind(instruction)


CHECKS: dict[str, Work] = {
    **{id_: check_of(IFBENCH, id_) for id_ in IFBENCH.ids},
    **{id_: check_of(MM_IFEVAL, id_) for id_ in MM_IFEVAL.ids},
    **{name: check_of_function(name) for name in _RENAMED},
}


@pytest.mark.parametrize("name", CHECKS)
def test_instructions_are_checked_in_linear_time_and_memory(name: str) -> None:
    assert pump.slow(CHECKS[name]) == {}
    assert pump.greedy(CHECKS[name], pump.mixed) is None


def aspect(name: str, constraints: object = None, **params: object) -> Work:
    bound = bind(name, params)

    def score(text: str) -> object:
        sample = Sample(completion=text, constraints=constraints)
        value = bound.spec.fn(sample, **bound.params)
        assert value.value is not None, value
        return value

    return score


INSTRUCTIONS = [
    {
        "instruction_id": "length_constraints:number_sentences",
        "kwargs": {"num_sentences": 2, "relation": "at least"},
    },
    {"instruction_id": "keywords:existence", "kwargs": {"keywords": ["a", "b"]}},
    {
        "instruction_id": "change_case:capital_word_frequency",
        "kwargs": {"capital_frequency": 2, "capital_relation": "at least"},
    },
]
RULES = {
    "judge": {
        "method": "rule_based",
        "verify_funcs": [{"func": "check_number_precision_in_response", "params": [2]}],
    }
}
SCHEMA = {
    "$defs": {"n": {"type": ["object", "array"], "additionalProperties": {"$ref": "#/$defs/n"}}},
    "$ref": "#/$defs/n",
}
ASPECTS: dict[str, Work] = {
    "aspect.citations": aspect("aspect.citations", {"sources": ["a", "1"]}),
    **{
        f"aspect.format {pattern}": aspect("aspect.format", pattern=pattern)
        for pattern in ("think", "think_answer", "boxed", "react", "custom")
    },
    "aspect.ifbench": aspect("aspect.ifbench", INSTRUCTIONS),
    "aspect.ifeval": aspect("aspect.ifeval", INSTRUCTIONS),
    "aspect.ifeval loose": aspect("aspect.ifeval", INSTRUCTIONS, mode="loose"),
    "aspect.json_schema": aspect("aspect.json_schema", {"json_schema": SCHEMA}),
    "aspect.language": aspect("aspect.language", language="en"),
    "aspect.mm_ifeval": aspect("aspect.mm_ifeval", [RULES]),
    "aspect.reasoning_steps": aspect("aspect.reasoning_steps"),
    "aspect.repetition": aspect("aspect.repetition"),
    "aspect.repetition word": aspect("aspect.repetition", unit="word", ngram_size=40),
    "aspect.tag_count": aspect("aspect.tag_count"),
}


@pytest.mark.parametrize("name", ASPECTS)
def test_aspects_are_linear(name: str) -> None:
    assert pump.slow(ASPECTS[name]) == {}
    assert pump.greedy(ASPECTS[name], pump.mixed) is None


OURS = [spec for spec in registry.all_specs() if spec.origin.startswith("harmo.")]
"""Tests of others register scorers of their own."""


def test_every_aspect_is_pumped() -> None:
    named = {spec.name for spec in OURS if spec.name.startswith("aspect.")}
    assert {name.partition(" ")[0] for name in ASPECTS} == named


LENGTHS = sorted(spec.name for spec in OURS if spec.name.startswith("length."))


STATED = {"reference_tokens": 200, "reference_accuracy": 0.5}
SIBLINGS = [Sample(num_tokens=at * 7919 % 1000, metadata=STATED) for at in range(64)]


@pytest.mark.parametrize("name", LENGTHS)
def test_length_terms_are_linear_in_the_siblings(name: str) -> None:
    bound = bind(name, NEEDED.get(name, {}))

    def score(texts: str) -> object:
        samples = tuple(SIBLINGS[at * 37 % len(SIBLINGS)] for at in range(len(texts)))
        right = tuple(at % 3 > 0 for at in range(len(samples)))
        return bound.spec.fn(
            Group(id="g", samples=samples, size=len(samples), correctness=right), **bound.params
        )

    assert pump.grown(score, lambda size: "a" * size) is None
    assert pump.greedy(score, lambda size: "a" * size) is None


QUESTION = (Turn(role="user", parts=("How many?",)),)
END = "<|im_end|>"
TOOLS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments | tojson }}"
    "{% endfor %}<|im_end|>\n{% endfor %}"
)


def template(*, step_token: str | None = None) -> Template:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = TOOLS
    manifest = SimpleNamespace(step_token=step_token, steps=lambda text: text.split("\n\n") or [""])
    return Template(tokenizer, Untrusted(tokenizer), manifest, takes_parts=False)


def writes(chosen: Template, turn: Callable[[str], Turn]) -> Work:
    """What a template makes of a turn that holds the text."""

    def write(text: str) -> str:
        completion = (turn(text),)
        return chosen.written(QUESTION, completion, mark=mark_for((*QUESTION, *completion)))

    return write


def calls(arguments: str, name: str = "f") -> Turn:
    call = ToolCall(name=name, arguments=arguments, id=None)
    return Turn(role="assistant", parts=(), tool_calls=(call,))


UNTRUSTED = Untrusted(tiny.tokenizer())


def token_ids(text: str) -> object:
    mark = absent_mark([text])
    return UNTRUSTED.ids(UNTRUSTED.marked(text, mark) + END, {}, mark=mark)


def extracted(text: str) -> object:
    """A group of three as models read it: text, turns, and turns with a prefix."""
    turns = (Message(role="assistant", parts=(text,)), Message(role="tool", parts=(text,)))
    samples = (
        Sample(completion=text),
        Sample(completion=turns),
        Sample(prefix=text, completion=turns),
    )
    return conversations(Group(id="g", samples=samples, size=3))


class Refuses:
    """A reward model with no output for anything, whose words quote the completion."""

    async def score(self, group: Conversations, **_: object) -> list[ModelScore]:
        why = str(group.completions[0][0].parts[0])[:200]
        return [ModelScore(fault=Fault.UNSUPPORTED_TURNS, detail={"why": why})]


def scored(text: str) -> object:
    group = Group(id="g", samples=(Sample(completion=text),), size=1)
    return asyncio.run(registry.get("model.reward").fn(group, reward_model=Refuses()))


def encoder_items(tokenizer: PreTrainedTokenizerBase) -> Work:
    checkpoint = SimpleNamespace(config=SimpleNamespace())
    return Itemiser(checkpoint, tokenizer, max_tokens=64).text


def embedded_tokenizer() -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(_embedded().path)


PLAIN, STEPWISE = template(), template(step_token="<extra_0>")
FORMS = Forms(objects=True, text=True)
STEPS: dict[str, Work] = {
    "extraction": extracted,
    "an abstention that quotes": scored,
    "absent_mark": lambda text: absent_mark([text, text]),
    "untrusted": token_ids,
    "template": writes(PLAIN, lambda text: Turn(role="assistant", parts=(text, text))),
    "template with steps": writes(STEPWISE, lambda text: Turn(role="assistant", parts=(text,))),
    "template with names": writes(
        PLAIN, lambda text: Turn(role="tool", parts=(text,), name=text, tool_call_id=text)
    ),
    "template with a call": writes(
        PLAIN, lambda text: calls(json.dumps({"a": [text], text: 1}), text)
    ),
    "template with a call of text": writes(PLAIN, calls),
    "tool calls": lambda text: shown(ToolCall(name=text, arguments=text), FORMS, str, "#"),
    "arguments": lambda text: list(strings(parsed(text))),
    "an encoder of bytes": encoder_items(framed_tokenizer()),
    "the embedded encoder": encoder_items(embedded_tokenizer()),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_comes_before_a_model_is_linear(name: str) -> None:
    assert pump.slow(STEPS[name], enough_s=2.5 * pump.ENOUGH_S) == {}
    assert pump.large(STEPS[name]) == {}


@pytest.mark.parametrize("head", ["scalar", "steps"])
def test_tokenising_is_linear(tmp_path: Path, head: str) -> None:
    loaded = load(tiny.checkpoint(tmp_path, head=head), device="cpu")
    tokeniser = Tokeniser(loaded.tokenizer, loaded.manifest, loaded.head)

    def tokenise(text: str) -> object:
        asked = Conversations(
            prompt=QUESTION, completions=((Turn(role="assistant", parts=(text,)),),) * 2
        )
        return tokeniser.tokenise(asked), tokeniser.shown(asked)

    assert pump.slow(tokenise) == {}
    assert pump.large(tokenise) == {}
