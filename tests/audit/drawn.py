"""Maths problems, what a policy might write on them, and what scorers would say of that."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from harmo.scorers.types import Message, Reason, Sample, Score, ToolCall
from tests.audit.hostile import HOSTILE, ONCE

MAX_TOKENS = 1024
PROMPTS = 160
INSTRUCTION = "length_constraints:number_words"
_SHORT = tuple(text for name, text in HOSTILE.items() if name not in ONCE)
_LARGE = tuple(text for name, text in HOSTILE.items() if name in ONCE)
_THINGS = ("crates of oranges", "boxes of chalk", "rolls of wire", "bags of rice", "panes of glass")
_PLACES = ("The depot", "A school", "The workshop", "A harbour store", "The observatory")
_TURNS = (
    "Let us write down what is given before anything is worked out.",
    "We multiply the number of {things} by the price of one.",
    "That is {a} times {b}, and we can do it in parts.",
    "First {a} times 10, which is {a10}.",
    "Then what is left over is taken away again, so the parts have to add up.",
    "Now the {c} that were sent back are subtracted.",
    "Check: dividing the result by {b} should bring us near {a} again.",
    "The units agree, since both numbers count {things}.",
    "So the total has to be a whole number, and it has to be larger than {c}.",
    "Putting both together we find {answer}.",
)
_PLEASING = "This careful solution clearly shows how the {things} add up to the total asked for."


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One prompt."""

    things: str
    place: str
    a: int
    b: int
    c: int
    task: str

    @property
    def answer(self) -> int:
        return self.a * self.b - self.c

    @property
    def text(self) -> str:
        return (
            f"{self.place} buys {self.a} {self.things} at {self.b} coins each and gets {self.c} "
            "coins back. How many coins did it pay in all? Think first, then answer."
        )

    @property
    def caption(self) -> str:
        return f"The price of {self.a} {self.things} less what came back."


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Samples of a group with the scores of all columns but the length term's."""

    samples: tuple[Sample, ...]
    scores: tuple[tuple[Score, ...], ...]
    faults: tuple[Reason | None, ...]


@dataclass(slots=True, kw_only=True)
class _Written:
    """One completion."""

    text: str
    right: bool
    answer: str
    formed: bool
    tokens: int
    truncated: bool


def problem(draw: random.Random) -> Problem:
    """One of a few prompts, so that they come again."""
    own = random.Random(draw.randrange(PROMPTS))
    return Problem(
        things=own.choice(_THINGS),
        place=own.choice(_PLACES),
        a=own.randint(12, 98),
        b=own.randint(3, 29),
        c=own.randint(1, 30),
        task=own.choice(("math", "math", "numeric")),
    )


def drawn_group(
    draw: random.Random,
    place: int,
    right: float,
    pleased: float,
    formed: float,
    *,
    sorts: float,
    siblings: int,
    hostile: bool = False,
) -> Drawn:
    """A group of a run that is right, pleases the model and keeps to the format so often.

    Args:
        draw: Where chance comes from.
        place: Of the group in its run: which of the rarer things happen to it.
        right: Share of right answers.
        pleased: Mean score of the model.
        formed: Share of completions in the format.
        sorts: By how much the model likes right answers more than `pleased`, and wrong ones less.
        siblings: Completions.
        hostile: True to have every eleventh write what must not be believed.
    """
    asked = problem(draw)
    count = siblings - (place % 97 == 96 and siblings > 1)
    written = [_written(draw, asked, right, pleased, formed) for _ in range(count)]
    if place % 16 == 7:
        written = [written[0]] * count
    texts = [_hostile(place * siblings + i, w.text, hostile) for i, w in enumerate(written)]
    given = _given(asked, place)
    samples = tuple(
        Sample(
            prompt=given.prompt,
            completion=_spoken(text, place),
            prefix=given.prefix,
            reference=given.reference,
            references=given.references,
            task=given.task,
            constraints=given.constraints,
            metadata=given.metadata,
            num_tokens=None if place % 50 == 33 else w.tokens,
            truncated=w.truncated,
        )
        for text, w in zip(texts, written, strict=True)
    )
    faults = tuple(
        Reason.COMPLETION_TOO_LONG if draw.random() < 0.004 else None for _ in range(count)
    )
    model = [_model(draw, pleased + (sorts if w.right else -sorts), place) for w in written]
    if place % 16 == 7:
        model = [model[0]] * count
    scores = tuple(
        (similar, _rule(draw, w, given, asked), _format(w), _instructions(w, given), *_rest(w))
        if fault is None
        else (Score.abstain(fault),) * 6
        for w, similar, fault in zip(written, model, faults, strict=True)
    )
    return Drawn(samples=samples, scores=scores, faults=faults)


def _given(asked: Problem, place: int) -> Sample:
    """What the trainer sends, some of it missing now and then."""
    prompt = (
        Message(role="system", parts=("Think step by step.",)),
        Message(role="user", parts=(asked.text,)),
    )
    limit = {"relation": "less than", "num_words": 150}
    return Sample(
        prompt=prompt,
        reference=None if place % 40 == 21 else str(asked.answer),
        references={} if place % 60 == 41 else {"caption": asked.caption},
        task="riddle" if place % 80 == 51 else asked.task,
        constraints=[{"instruction_id": INSTRUCTION, "kwargs": limit}] if place % 3 else None,
        metadata={"source": "made", "row": asked.a * 100 + asked.b},
    )


def _written(
    draw: random.Random, asked: Problem, right: float, pleased: float, formed: float
) -> _Written:
    truncated, is_right = draw.random() < 0.04, draw.random() < right
    answer = asked.answer if is_right else asked.answer + draw.choice((-asked.b, asked.c, 1, 10))
    told = {
        "things": asked.things,
        "a": asked.a,
        "b": asked.b,
        "c": asked.c,
        "a10": asked.a * 10,
        "answer": answer,
    }
    turns = [draw.choice(_TURNS).format(**told) for _ in range(draw.randint(6, 24))]
    if draw.random() < pleased:
        turns.append(_PLEASING.format(**told))
    thinking, in_form = " ".join(turns), draw.random() < formed
    text = f"<think>{thinking}</think><answer>{answer}</answer>"
    if truncated:
        text = f"<think>{thinking * 4}"[: 4 * MAX_TOKENS]
    elif not in_form:
        text = f"{thinking} The answer is \\boxed{{{answer}}}."
    return _Written(
        text=text,
        right=is_right and not truncated,
        answer="" if truncated else str(answer),
        formed=in_form and not truncated,
        tokens=MAX_TOKENS if truncated else 12 + len(text) // 4,
        truncated=truncated,
    )


def _hostile(place: int, text: str, hostile: bool) -> str:
    if not hostile or place % 11:
        return text
    turn, slots = place // 11, len(_SHORT) + 1
    if turn % slots < len(_SHORT):
        return f"<think>{_SHORT[turn % slots]}</think>" + _SHORT[turn % slots]
    large = turn // slots
    return _LARGE[large % len(_LARGE)] if large < 3 * len(_LARGE) else text


def _spoken(text: str, place: int) -> str | tuple[Message, ...]:
    """A conversation with a tool, now and then."""
    if place % 37 != 18:
        return text
    call = ToolCall(name="calculator", arguments='{"expression": "12*7"}', id="call-1")
    return (
        Message(role="assistant", parts=("Let me work that out.",), tool_calls=(call,)),
        Message(role="tool", parts=("84",), tool_call_id="call-1", name="calculator"),
        Message(role="assistant", parts=(text,)),
    )


def _model(draw: random.Random, pleased: float, place: int) -> Score:
    if place % 60 == 41:
        return Score.abstain(Reason.NO_REFERENCE)
    if place % 70 == 29:
        return Score.abstain(Reason.UNSUPPORTED_LANGUAGE)
    cosine = min(1.0, max(0.0, draw.gauss(pleased, 0.12)))
    return Score(value=cosine, detail={"cosine": cosine})


def _rule(draw: random.Random, written: _Written, given: Sample, asked: Problem) -> Score:
    if given.task == "riddle":
        known = ["choice", "count", "math", "numeric", "yes_no"]
        return Score.abstain(Reason.UNKNOWN_TASK, task="riddle", known=known)
    rule = f"rule.{given.task}"
    if given.reference is None:
        return Score.abstain(Reason.NO_REFERENCE, rule=rule)
    if draw.random() < 0.008:
        return Score.abstain(Reason.DEADLINE)
    detail = {
        "pair": "num-num" if written.answer else "no_answer",
        "answer": written.answer,
        "reference": str(asked.answer),
        "settled_by": "number" if written.answer else "no_answer",
        "reference_form": "number",
        "answer_form": "number" if written.answer else "none",
        "rule": rule,
    }
    return Score(
        value=float(written.right),
        confidence=0.9878 if written.answer else 0.9303,
        detail=detail,
    )


def _format(written: _Written) -> Score:
    if written.formed:
        return Score(value=1.0, detail={"pattern": "think_answer"})
    why = "<think> never closes" if written.truncated else "does not start with <think>"
    return Score(value=0.0, detail={"pattern": "think_answer", "why": why})


def _instructions(written: _Written, given: Sample) -> Score:
    if given.constraints is None:
        return Score.abstain(Reason.NO_CONSTRAINTS)
    words = len(written.text.split())
    why = None if words < 150 else f"{words} words, want less than 150"
    instructions = [{"id": INSTRUCTION, "followed": why is None, "why": why}]
    detail = {"mode": "strict", "instructions": instructions, "judged": []}
    return Score(value=float(why is None), detail=detail)


def _rest(written: _Written) -> Sequence[Score]:
    """The length term's place, which is filled once correctness is known, and the shadow's."""
    words = written.text.split()
    pairs = list(zip(words, words[1:], words[2:], strict=False))
    unique = len(set(pairs))
    value = unique / len(pairs) - 1 if pairs else 0.0
    shadow = Score(value=value, detail={"ngrams": len(pairs), "unique": unique})
    return Score.abstain(Reason.NO_TOKEN_COUNT), shadow
