from __future__ import annotations

import hashlib
import math
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer
from harmo.scorers.types import Group, Message, Reason, Reward, Sample, Score
from tests.audit.kept import RECIPES, as_kept, as_numbers, kept_groups, numbered


def kept(*samples: Sample, details: dict[str, object] | None = None, **fields) -> KeptGroup:
    """A group of recipe r1, every reward 1."""
    score = Score(value=1.0, detail=details or {})
    reward = Reward(value=1.0, reason=None, scores=(score,), contributions=(1.0,))
    group = Group(id="g", samples=samples, size=max(1, len(samples)), run="r", step=1)
    return KeptGroup(
        **{
            "recipe": RECIPES[0],
            "scored_at_s": 1.0,
            "group": group,
            "ids": tuple(map(str, range(len(samples)))),
            "faults": (None,) * len(samples),
            "weights": (1.0,),
            "rewards": (reward,) * len(samples),
            "interaction": False,
            **fields,
        }
    )


def stored(folder: Path, *groups: KeptGroup) -> Reader:
    writer = Writer(folder)
    writer.write(groups)
    writer.close()
    return Reader(folder)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(kept_groups(), max_size=4))
def test_whatever_the_wire_lets_in_comes_back_as_it_was(groups: list[KeptGroup]) -> None:
    """By `repr`, which tells -0.0 from 0.0 and 1 from 1.0 and True."""
    with TemporaryDirectory() as name:
        reader = stored(Path(name), *groups)
        back = list(reader.groups(Query(), pictures=True))
        assert [repr(g) for g in back] == [
            repr(g) for g in numbered([as_kept(g) for g in groups], back)
        ]
        bare = list(reader.groups(Query(), texts=False))
        assert [repr(g) for g in bare] == [
            repr(g) for g in numbered([as_numbers(g) for g in groups], bare)
        ]
        reader.close()


def test_numbers_are_given_in_order_and_never_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    assert writer.write([kept(), kept()]) == [1, 2]
    assert writer.write([]) == []
    assert writer.write([kept()]) == [3]


@pytest.mark.parametrize(
    ("completion", "digest"),
    [
        ("42", hashlib.sha256(b"42").hexdigest()),
        ("é", hashlib.sha256("é".encode()).hexdigest()),
        ("\ud83d", hashlib.sha256(b"\xed\xa0\xbd").hexdigest()),
    ],
)
@pytest.mark.parametrize("texts", ["full", "hash"])
def test_a_digest_is_of_the_text_as_it_is(
    tmp_path: Path, completion: str, digest: str, texts: str
) -> None:
    reader = stored(tmp_path, kept(Sample(completion=completion), texts=texts))
    (back,) = reader.groups(Query())
    assert back.digests == (digest,)


def test_conversations_that_differ_have_digests_that_differ(tmp_path: Path) -> None:
    turns = [(Message(role="assistant", parts=(part,)),) for part in ("a", "b", "a")]
    group = kept(*(Sample(completion=each) for each in turns), texts="hash")
    (back,) = stored(tmp_path, group).groups(Query())
    assert back.digests[0] == back.digests[2] != back.digests[1]


SECRETS = ("what was asked", "what was written", "what is right", "what was shown", "a caption")


@pytest.mark.parametrize("texts", ["hash", "none"])
def test_where_texts_are_not_kept_nothing_of_them_is_in_the_files(
    tmp_path: Path, texts: str
) -> None:
    asked, written, right, shown, caption = SECRETS
    sample = Sample(
        prompt=asked,
        completion=written,
        reference=right,
        references={"caption": caption},
        constraints=[right],
        metadata={"note": asked},
        prefix=written,
    )
    reader = stored(tmp_path, kept(sample, details={"answer": shown}, texts=texts))
    (back,) = reader.groups(Query())
    assert not any(secret in repr(back) for secret in SECRETS)
    (row,) = reader._db.execute("SELECT content FROM texts").fetchall()
    assert reader._db.execute("SELECT count(*) FROM blobs").fetchone()[0] == 0
    assert len(row["content"]) < 200


def test_a_prompt_is_stored_once_however_often_it_comes(tmp_path: Path) -> None:
    prompt = "".join(map(chr, range(200, 9000)))
    groups = [kept(Sample(prompt=prompt, completion=str(i))) for i in range(20)]
    reader = stored(tmp_path, *groups)
    assert reader._db.execute("SELECT count(*) FROM blobs").fetchone()[0] == 1
    assert all(g.group.samples[0].prompt == prompt for g in reader.groups(Query()))


def test_a_text_and_a_picture_of_the_same_bytes_are_two_things(tmp_path: Path) -> None:
    from harmo.scorers.types import Image

    picture = Image(content=b'"same"', media_type="image/png", width=1, height=1)
    reader = stored(tmp_path, kept(Sample(prompt="same", images=(picture,))))
    (back,) = reader.groups(Query(), pictures=True)
    assert back.group.samples[0].prompt == "same"
    assert back.group.samples[0].images[0].content == b'"same"'


def test_pictures_come_only_where_they_are_asked_for(tmp_path: Path) -> None:
    from harmo.scorers.types import Image

    picture = Image(content=b"png", media_type="image/png", width=3, height=2)
    reader = stored(tmp_path, kept(Sample(images=(picture,))))
    for asked, content in ((True, b"png"), (False, b"")):
        (back,) = reader.groups(Query(), pictures=asked)
        (image,) = back.group.samples[0].images
        assert (image.content, image.width, image.height) == (content, 3, 2)
    found = reader.group(1)
    assert found is not None
    assert found.group.samples[0].images[0].content == b"png"
    assert reader.group(2) is None


def deep(levels: int) -> object:
    value: object = "end"
    for _ in range(levels):
        value = [value]
    return value


UNKEEPABLE = {
    "deeper than JSON": deep(100_000),
    "more digits than Python reads": 10**5000,
    "not JSON": object(),
}


@pytest.mark.parametrize("value", UNKEEPABLE.values(), ids=UNKEEPABLE.keys())
def test_a_reference_that_no_service_lets_in_does_not_end_a_batch(
    tmp_path: Path, value: object
) -> None:
    good = kept(Sample(reference="3", completion="kept"))
    bad = kept(Sample(reference=value, prompt="asked", completion="kept"))
    back = list(stored(tmp_path, good, bad, good).groups(Query()))
    assert [g.group.samples[0].completion for g in back] == ["kept"] * 3
    assert back[1].group.samples[0].prompt == "asked"
    assert back[0].group.samples[0].reference == "3"


def test_a_group_too_large_to_be_read_again_keeps_its_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmo.audit.rows.texts.MAX_BYTES", 1000)
    reader = stored(tmp_path, kept(Sample(completion="x" * 2000)), kept(Sample(completion="y")))
    large, small = reader.groups(Query())
    assert (large.texts, large.group.samples[0].completion) == ("hash", "")
    assert large.digests == (hashlib.sha256(b"x" * 2000).hexdigest(),)
    assert small.group.samples[0].completion == "y"


def test_rewards_of_another_recipe_are_refused(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    with pytest.raises(ValueError, match="'g' has 10 numbers and 1 weights for 1 samples of 1"):
        writer.write(
            [
                kept(
                    Sample(),
                    rewards=(
                        Reward(
                            value=None,
                            reason=Reason.DEADLINE,
                            scores=(Score(value=1.0),) * 2,
                            contributions=(0.0,) * 2,
                        ),
                    ),
                )
            ]
        )
    assert writer.write([kept(Sample())]) == [1]


@pytest.mark.parametrize(
    "values", [(1e308, 1e308), (-1e308, -1e308), (1e308, -1e308), (5e-324,) * 2]
)
def test_rewards_that_overflow_when_they_are_summed_up_are_kept(
    tmp_path: Path, values: tuple[float, ...]
) -> None:
    one = kept(*(Sample(completion="x") for _ in values))
    rewards = tuple(replace(one.rewards[0], value=value) for value in values)
    extreme = replace(one, rewards=rewards)
    writer = Writer(tmp_path)
    writer.write([extreme, extreme])
    writer.write([extreme])
    writer.close()
    with closing(Reader(tmp_path)) as reader:
        assert [r.value for g in reader.groups(Query()) for r in g.rewards] == [*values] * 3
        (run,) = reader.runs()
    assert run.mean is not None
    assert math.isfinite(run.mean)
