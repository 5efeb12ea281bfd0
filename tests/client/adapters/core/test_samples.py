from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from harmo_client.adapters.core import samples
from harmo_client.adapters.core.samples import Sample, layout, plain
from harmo_client.adapters.core.settings import Settings


def chosen(**given: Any) -> Settings:
    return Settings.model_validate({"url": "http://service", "run": "exp-42", **given})


def sizes(laid: samples.Layout) -> list[tuple[int | None, int]]:
    return [(group.size, len(group.completions)) for group in laid.groups]


def test_siblings_are_put_together_however_they_are_ordered() -> None:
    given = [Sample(prompt=p, completion=p + n, group=p) for n in "12" for p in "abc"]
    laid = layout(given, chosen())
    assert [group.prompt for group in laid.groups] == ["a", "b", "c"]
    texts = [[c.text for c in group.completions] for group in laid.groups]
    assert texts == [["a1", "a2"], ["b1", "b2"], ["c1", "c2"]]
    assert [texts[at][member] for at, member in laid.places] == [s.completion for s in given]
    assert laid.wait_for_group_ms == 0


def test_samples_that_nothing_puts_together_are_alone() -> None:
    laid = layout(
        [Sample(prompt="a", completion="1"), Sample(prompt="a", completion="2")], chosen()
    )
    assert sizes(laid) == [(1, 1), (1, 1)]
    assert len({group.id for group in laid.groups}) == 2


def test_a_part_of_a_group_waits_and_is_known_by_what_was_asked() -> None:
    def part(**given: Any) -> Any:
        sample = Sample(**{"prompt": "a", "completion": "1", "reference": "2", **given})
        return layout([sample], chosen(group_size=4, wait_for_group_ms=7))

    laid, other = part(), part(completion="other")
    assert sizes(laid) == [(4, 1)]
    assert laid.wait_for_group_ms == 7
    assert laid.groups[0].id == other.groups[0].id
    assert laid.groups[0].completions[0].id != other.groups[0].completions[0].id
    red, blue = (part(images=[Image.new("RGB", (2, 2), c)]).groups[0].id for c in ("red", "blue"))
    ids = {laid.groups[0].id, part(prompt="b").groups[0].id, part(reference="3").groups[0].id}
    assert len({*ids, red, blue}) == 5


def test_a_part_that_waits_for_nobody_needs_no_run() -> None:
    laid = layout(
        [Sample(completion="1", group="7")], chosen(group_size=4, wait_for_group_ms=0, run=None)
    )
    assert sizes(laid) == [(4, 1)]
    assert laid.wait_for_group_ms == 0


def test_a_prompt_that_came_twice_makes_two_groups() -> None:
    given = [Sample(prompt="a", completion=str(i), group="7") for i in range(4)]
    laid = layout(given, chosen(group_size=2))
    assert sizes(laid) == [(2, 2), (2, 2)]
    assert len({group.id for group in laid.groups}) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([{"completion": "1"}], "nothing tells which completions are siblings"),
        ([{"completion": "1", "group": "7"}], "HARMO_RUN"),
        ([{"completion": "1", "group": "7", "prompt": p} for p in "ab"], "different prompt"),
        ([{"completion": "1", "group": "7", "reference": r} for r in "ab"], "different reference"),
    ],
)
def test_groups_that_cannot_be_say_why(given: list[dict[str, Any]], said: str) -> None:
    run = None if "RUN" in said else "exp-42"
    with pytest.raises(ValueError, match=said):
        layout([Sample(**one) for one in given], chosen(group_size=4, run=run))


def test_the_datasets_columns_are_read_by_the_settings_names() -> None:
    columns = {
        "solution": np.array(["2", "two"]),
        "kind": np.str_("count"),
        "caption_en": "two red squares",
        "references": {"other": None},
        "picture": Image.new("L", (1, 1)),
    }
    named = {"reference": "solution", "task": "kind", "references": {"caption": "caption_en"}}
    [group] = layout([Sample(completion="", columns=columns)], chosen(**named)).groups
    assert group.reference == ["2", "two"]
    assert group.task == "count"
    assert group.references == {"caption": "two red squares"}
    with pytest.raises(ValueError, match="no column 'answer'"):
        layout([Sample(completion="", columns=columns)], chosen(reference="answer"))


def test_the_trainers_own_ground_truth_counts_where_no_column_is_named() -> None:
    [group] = layout([Sample(completion="", reference=np.int64(2))], chosen()).groups
    assert group.reference == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),  # an empty cell of pandas
        (np.float32(0.5), 0.5),
        (np.array([[1, 2]]), [[1, 2]]),
        ({1: (True, None)}, {"1": [True, None]}),
        ("\ud800", "\ufffd"),  # JSON cannot carry it
        (b"x", "b'x'"),
    ],
)
def test_any_cell_becomes_what_json_has(value: Any, expected: Any) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("num_tokens", "said", "truncated"),
    [(8, None, True), (7, None, False), (None, None, False), (8, False, False), (2, True, True)],
)
def test_max_tokens_tells_what_was_truncated_where_the_trainer_does_not(
    num_tokens: int | None, said: bool | None, truncated: bool
) -> None:
    sample = Sample(completion="x", num_tokens=num_tokens, truncated=said)
    [group] = layout([sample], chosen(max_tokens=8)).groups
    assert group.completions[0].truncated is truncated


def test_two_samples_with_one_id_are_still_two() -> None:
    given = [Sample(completion="x", group="7", id="0")] * 2
    [group] = layout(given, chosen()).groups
    assert len({completion.id for completion in group.completions}) == 2


def test_equal_questions_are_siblings_and_equal_words_about_other_things_are_not() -> None:
    def asked(colour: str, answer: str) -> Sample:
        content = [{"type": "image", "image": Image.new("RGB", (2, 2), colour)}]
        prompt = [{"role": "user", "content": content}]
        columns = {"solution": answer}
        return Sample(prompt=prompt, completion="", columns=columns, group="p0", asked_alike=True)

    given = [asked(*row) for row in (("red", "1"), ("red", "1"), ("blue", "1"), ("red", "2"))]
    laid = layout(given, chosen(reference="solution"))
    assert sizes(laid) == [(2, 2), (1, 1), (1, 1)]
    assert all(group.id.startswith("p0.") for group in laid.groups)
