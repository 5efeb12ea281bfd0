"""`words:start_verb`: what the tagger of the extra says of first words, and that it is an extra."""

import subprocess
import sys

import pytest

from harmo.scorers.aspect.ifeval.tagger import MAX_START_CHARS, installed, starts_with_verb

STARTS = [
    ("Go home now.", True, "an imperative"),
    ("Running is good for you.", True, "a participle"),
    ("Is it true?", True, "an auxiliary"),
    ("*Write* a poem.", False, "the first word is an asterisk, as NLTK's words are"),
    ("The cat sat.", False, "an article"),
    ("Paris is nice.", False, "a name"),
    ("Can you see it?", False, "a modal is tagged MD, as there"),
    ("", False, "nothing"),
]


@pytest.mark.parametrize(("text", "verb", "why"), STARTS)
def test_a_first_word_is_a_verb_or_not(text, verb, why):
    assert (starts_with_verb(text) is None) is verb, why


def test_text_behind_the_start_is_not_tagged():
    assert starts_with_verb("Go home " + "x/y " * MAX_START_CHARS) is None


def test_the_tagger_is_an_extra_that_nothing_imports_before_it_is_asked():
    code = (
        "import sys; import harmo.scorers.aspect.ifeval.ifbench;"
        "sys.exit(bool({'textblob', 'nltk'} & set(sys.modules)))"
    )
    assert installed()
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_extra_the_instruction_abstains_and_says_what_to_install():
    code = (
        "import sys; sys.modules['textblob'] = None;"
        "import importlib.util as u; u.find_spec = lambda name, find=u.find_spec: "
        "None if name == 'textblob' else find(name);"
        "from harmo.scorers.aspect.ifeval.ifbench import ifbench;"
        "from harmo.scorers.types import Sample;"
        "constraints = [{'instruction_id': 'words:start_verb'}];"
        "scores = [ifbench(Sample(completion=t, constraints=constraints)) for t in ('Go.', '')];"
        "print([(s.reason.value, 'harmo[tagger]' in s.detail['why']) for s in scores])"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == str([("unreadable_constraints", True)] * 2)
