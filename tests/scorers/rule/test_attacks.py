"""The attacks on parsers that are known from elsewhere: wrong for every rule, in either process."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Image, Sample

IMAGE = Image(content=b"", media_type="image/png", width=640, height=480)
ATTACKS = {
    "an import for sympify": "__import__('os').system('echo PWNED')",
    "an object's insides": "().__class__.__base__.__subclasses__()",
    "a power tower": "9**9**9",
    "powers in brackets": "((9**9)**9999)**9999",
    "a factorial that is written out": "factorial(10**7)",
    "512 GB in SymPy": "sin((7**(exp(exp(exp(10*E)))))+1)",
    "a tower in LaTeX": "10^{5^{5^{5^{5}}}}",
    "20,000 parentheses": "(" * 20_000 + "6" + ")" * 20_000,
    "3,000 unary minus": "-" * 3_000 + "4",
    "a fraction with a huge exponent": "1e10000000",
    "the same, as a call": "Fraction('1e10000000')",
    "20,000 think tags": "<think>" * 20_000,
    "20,000 boxes": "\\boxed{" * 20_000,
    "a long text that repeats": "ab " * 130_000,
    "what grows eighteen times under NFKC": "\ufdfa" * 100_000,
    "an integer of 10,000 digits": "9" * 10_000,
    "the formula that took 125 s": "H111" * 13 + "H11?",
    "a formula of the longest": "H1*" * 130_000 + "?",
}
RULES = [
    ("rule.math", "5"),
    ("rule.math", "5 cm"),
    ("rule.math", "(1, 2)"),
    ("rule.math", "x > 3"),
    ("rule.math", "NH_4^+"),
    ("rule.numeric", "5"),
    ("rule.count", "5"),
    ("rule.chart_relaxed", "5"),
    ("rule.exact", "Paris"),
    ("rule.contains", "red fox"),
    ("rule.token_f1", "red fox"),
    ("rule.choice", "B. blue"),
    ("rule.yes_no", "yes"),
    ("rule.anls", "coca cola"),
    ("rule.vqa", ["red", "red", "blue"]),
    ("rule.regex", "^z+$"),
    ("rule.bbox_iou", [10, 20, 110, 220]),
    ("rule.bbox_set", [[10, 20, 110, 220]]),
    ("rule.point_in_box", [10, 20, 110, 220]),
    ("rule.temporal_iou", [12.5, 17]),
    ("rule.detection", [{"bbox_2d": [10, 20, 110, 220], "label": "dog"}]),
    ("rule.polygon_iou", [[10, 20], [110, 20], [60, 220]]),
    ("rule.polygon_iou", {"size": [9, 9], "counts": [9, 72]}),
    ("rule.keypoints", {"keypoints": [[10 * n, 20] for n in range(17)], "area": 900}),
    ("rule.json_schema", {"a": 1}),
    ("rule.table", "|red|fox|\n|-|-|\n|1|2|"),
    ("rule.order", ["red", "fox", "owl"]),
    ("rule.labels", ["red", "fox"]),
    ("rule.gui_action", {"action": "click", "box": [10, 20, 110, 220]}),
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("wrapper", ["{}", "\\boxed{{{}}}", "<answer>{}</answer>"])
def test_a_known_attack_is_wrong_for_every_rule(attack: str, wrapper: str) -> None:
    for name, reference in RULES:
        bound = registry.bind(name, {})
        sample = Sample(
            completion=wrapper.format(ATTACKS[attack]),
            reference=reference,
            metadata={"frame": "pixels"},
            images=(IMAGE,),
        )
        read = view(sample, part=bound.spec.reads, reference=None)
        quick = bound.spec.inline and bound.spec.inline(read)
        said = [quick, bound.spec.fn(read)] if quick else [bound.spec.fn(read)]
        assert [score.value for score in said] == [0.0] * len(said), (name, reference, said)


def test_what_reads_a_whole_transcript_gives_an_attack_next_to_nothing() -> None:
    for name, reference in (("rule.ocr", "the quick fox"), ("rule.formula", "z_0 = q + w_k")):
        bound = registry.bind(name, {})
        for attack in ATTACKS.values():
            assert bound.spec.fn(Sample(completion=attack, reference=reference)).value < 0.3
