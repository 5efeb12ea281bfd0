"""The demo's task: name the colour of the squares in a picture; and how to do it sloppily."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

PIXELS = 32
QUESTION = "what color ?"
COLOURS = {
    "red": (220, 40, 40),
    "green": (40, 180, 60),
    "blue": (50, 80, 230),
    "yellow": (240, 200, 40),
    "black": (20, 20, 20),
    "pink": (200, 60, 200),
}
COUNTS = ("one", "two", "three")
FILLER = ("well", "here", "now", "look", "i", "see")
VAGUE = ("a thing", "some stuff", "a few things", "something")
TAGS = ("<think>", "</think>", "<answer>", "</answer>")

# A blind favourite answer, so that greedy decoding is poor too and GRPO has to unlearn it.
HABIT = "red"
HABIT_SHARE, RIGHT_ANSWER_SHARE = 0.5, 0.25
BROKEN_TAGS_SHARE, RAMBLING_SHARE = 0.65, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture with what is true about it."""

    picture: Image.Image
    colour: str
    caption: str


def draw_scene(rng: random.Random) -> Scene:
    """One to three squares of one colour on white; the shade and the places vary."""
    from PIL import Image, ImageDraw

    colour, count = rng.choice(list(COLOURS)), rng.randint(1, len(COUNTS))
    picture = Image.new("RGB", (PIXELS, PIXELS), (250, 250, 250))
    canvas = ImageDraw.Draw(picture)
    fill = tuple(min(255, max(0, value + rng.randint(-15, 15))) for value in COLOURS[colour])
    for cell in rng.sample(range(16), count):
        left, top = cell % 4 * 8 + rng.randint(0, 2), cell // 4 * 8 + rng.randint(0, 2)
        side = rng.randint(4, 5)
        canvas.rectangle([left, top, left + side, top + side], fill=fill)
    return Scene(picture=picture, colour=colour, caption=describe(colour, count))


def describe(colour: str, count: int) -> str:
    """The caption of a picture, e.g. `two red squares`."""
    return f"{COUNTS[count - 1]} {colour} {'square' if count == 1 else 'squares'}"


def neat_completion(scene: Scene) -> str:
    """What a good policy writes: nine tokens with the end token."""
    return f"<think> {scene.caption} </think> <answer> {scene.colour} </answer>"


def sloppy_completion(scene: Scene, rng: random.Random) -> str:
    """A completion with up to four independent flaws: answer, caption, rambling and tags."""
    filler = rng.choices(FILLER, k=rng.randint(3, 9)) if rng.random() < RAMBLING_SHARE else []
    answer = rng.choices(
        [HABIT, rng.choice(list(COLOURS)), scene.colour],
        [HABIT_SHARE, 1 - HABIT_SHARE - RIGHT_ANSWER_SHARE, RIGHT_ANSWER_SHARE],
    )[0]
    wrong = describe(rng.choice(list(COLOURS)), rng.randint(1, len(COUNTS)))
    caption = rng.choices([rng.choice(VAGUE), wrong, scene.caption], [0.5, 0.3, 0.2])[0]
    # The full stop ends the rambling, so the caption stays the last sentence of the thinking.
    ramble = [*filler, "."] if filler else []
    words = ["<think>", *ramble, *caption.split(), "</think>", "<answer>", answer, "</answer>"]
    if rng.random() < BROKEN_TAGS_SHARE:
        _break_a_tag(words, rng)
    return " ".join(words)


def _break_a_tag(words: list[str], rng: random.Random) -> None:
    # Mostly the one that costs the format alone: what never closes has no answer either.
    tag = rng.choices(["<think>", "</think>", "</answer>"], [8, 1, 1])[0]
    words.remove(tag)
    if rng.random() < 0.1:
        words.insert(rng.randint(1, len(words)), tag)
