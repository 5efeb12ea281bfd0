"""Groups to begin with: one click, and there is a table to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harmo.console.model.playground.form import Form, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One group with what it shows."""

    name: str
    title: str
    shows: str
    recipe: str
    """That it is written for; another scores it, too."""
    form: Form


def _written(*texts: tuple[str, int] | tuple[str, int, bool]) -> tuple[Written, ...]:
    return tuple(
        Written(text=text, tokens=tokens, truncated=bool(cut and cut[0]))
        for text, tokens, *cut in texts
    )


EXAMPLES = (
    Example(
        name="maths",
        title="A maths group",
        shows="forms of one number, a near miss, two answers, none at all, and one cut short",
        recipe="math",
        form=Form(
            prompt="A recipe needs 3/4 cup of sugar for 12 biscuits. How many cups for 20?",
            reference="5/4",
            task="math",
            completions=_written(
                (r"3/4 / 12 = 1/16 cup each, and 20/16 = 5/4. So \boxed{\frac{5}{4}}", 34),
                (r"Each biscuit takes 0.0625 cups; for 20 that is \boxed{1.25}", 27),
                (r"\boxed{1 \tfrac{1}{4}} cups", 12),
                (r"Scale by 20/12 = 5/3 and 3/4 * 5/3 = 15/12, about \boxed{1.2}", 31),
                (r"Either \boxed{5/4} or \boxed{4/5}", 15),
                ("The answer is 5/4.", 8),
                ("Let us think about what one biscuit needs. One biscuit needs", 4096, True),
            ),
        ),
    ),
    Example(
        name="choice",
        title="A multiple-choice group",
        shows="letters, words for a letter, and a completion that hedges",
        recipe="math",
        form=Form(
            prompt="Which gas do plants take up to grow?\n(A) oxygen\n(B) carbon dioxide\n"
            "(C) nitrogen\n(D) helium",
            reference="B",
            task="choice",
            completions=_written(
                ("Photosynthesis uses carbon dioxide, so the answer is (B).", 14),
                (r"\boxed{B}", 5),
                ("carbon dioxide", 3),
                ("It could be A or B.", 9),
                (r"Plants breathe oxygen: \boxed{A}", 10),
            ),
        ),
    ),
    Example(
        name="instructions",
        title="Instructions to follow",
        shows="which of three instructions each completion breaks",
        recipe="instruction",
        form=Form(
            prompt="Describe a harbour at dawn in fewer than 30 words, without commas, and end "
            "with the words: that is all.",
            constraints=json.dumps(
                [
                    {
                        "instruction_id": "length_constraints:number_words",
                        "kwargs": {"relation": "less than", "num_words": 30},
                    },
                    {"instruction_id": "punctuation:no_comma", "kwargs": {}},
                    {
                        "instruction_id": "startend:end_checker",
                        "kwargs": {"end_phrase": "that is all."},
                    },
                ]
            ),
            completions=_written(
                ("Boats rock under a pale sky while gulls wake one by one and that is all.", 17),
                ("Pale light, still water, gulls; that is all.", 11),
                ("The harbour sleeps and the boats rock softly under a pale pink sky.", 15),
                (
                    "At dawn the harbour is quiet and the boats rock on the water while the "
                    "gulls wake and the first light runs along the ropes and masts and the old "
                    "stones and that is all.",
                    40,
                ),
            ),
        ),
    ),
    Example(
        name="thinking",
        title="Thinking and answer apart",
        shows="where the answer stands: behind the thinking, inside it, or nowhere",
        recipe="math",
        form=Form(
            prompt="What is 17 * 6?",
            reference="102",
            task="math",
            prefix="<think>\n",
            completions=_written(
                (r"17 * 6 = 60 + 42 = 102</think>\boxed{102}", 22),
                (r"10 * 6 + 7 * 6</think><answer>102</answer>", 20),
                (r"so it is \boxed{102}", 10),
                (r"17 * 6 is 112</think>\boxed{112}", 16),
            ),
        ),
    ),
)
"""In the order in which the page offers them."""


def example(name: str) -> Example | None:
    """The example of that name."""
    return next((each for each in EXAMPLES if each.name == name), None)
