"""Reading examples and scores from model cards; the models themselves need a hub (`make real`)."""

from __future__ import annotations

import pytest

from harmo.models.base import ModelScore
from tests.models.real_models import MODELS, literals

SKYWORK, PRM, ARMO = MODELS
CARDS = {
    SKYWORK.repository: """
# A card
```bash
prompt = "not Python"
```
```python
rm = load("x")
prompt = "How many?"
response1 = "Three."
response2 = "Four."
# Score for response 1: 23.0
# Score for response 2: -3.5
```
```python
prompt = "another"
# Score for response 1: 99.0
```
""",
    PRM.repository: """
```python
data = {"system": "Think.", "query": "How many?", "response": ["One.", "Two."]}
print(step_reward)  # [[1.0, 0.19, 0.97, 1.0]]
```
""",
    ARMO.repository: """
```python
prompt = 'How many?'
response = "Three."
print(pred)
# [2.78125   2.859375  3.484375  1.3847656 1.296875 ]
```
""",
}


@pytest.mark.parametrize(
    ("published", "turns", "answers", "expected"),
    [
        (SKYWORK, ["How many?"], ["Three.", "Four."], [23.0, -3.5]),
        (PRM, ["Think.", "How many?"], ["One.\n\nTwo."], [0.19]),
        (ARMO, ["How many?"], ["Three."], [2.78125, 2.859375, 3.484375, 1.3847656, 1.296875]),
    ],
    ids=lambda value: getattr(value, "repository", None),
)
def test_a_card_gives_the_example_and_its_scores(published, turns, answers, expected):
    card = CARDS[published.repository]
    asked = published.conversations(literals(card))
    assert [turn.parts[0] for turn in asked.prompt] == turns
    assert [completion[0].parts[0] for completion in asked.completions] == answers
    assert published.scores(card) == expected


def test_attributes_are_compared_on_their_own_scale():
    score = ModelScore(values=(0.1, 0.7, 0.6, 0.8, 0.3, 0.2, *[0.0] * 14))
    assert ARMO.ours([score]) == pytest.approx([3.0, 2.5, 3.5, 1.0, 0.5])


def test_a_card_is_read_and_never_run():
    assert literals("```python\nx = __import__('os')\ny = 1\n```") == {"y": 1}
    assert literals("```python\nnot python at all\n```") == {}
