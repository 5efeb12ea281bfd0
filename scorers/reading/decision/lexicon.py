"""The words that choose, deny, doubt or confirm a choice: English, and common ones elsewhere."""

from __future__ import annotations

import re

from harmo.scorers.reading.around.lexicon import vocabulary

AFFIRMED = re.compile(
    r"\bno (?:doubt|question)\b|\bnot (?:only|just)\b|\bwithout (?:a |any )?doubt\b"
)
ALONE = re.compile(
    r"\b(?:nothing|none|no one|nobody|no(?: other)? (?!idea|clue|doubt|way)\w{1,20})"
    r"(?: else)? (?:but|except|other than)\b"
)
"""`No animal other than` says what follows."""
DENYING = vocabulary(
    "not cannot can't won't isn't aren't wasn't don't doesn't didn't couldn't wouldn't shouldn't "
    "haven't hasn't never neither nor without except excluding besides unlike eliminate "
    "eliminates eliminated eliminating exclude excludes excluded reject rejects rejected "
    "rejecting discard discards discarded dismiss dismisses dismissed disagree doubt unable "
    "unsure  undecided between nicht kein keine pas non niet n'est over than avoid against no "
    "hardly barely nobody nothing не não nie niet geen không"
)
DENYING_PHRASES = re.compile(
    r"\b(?:rul(?:e|es|ed|ing) out|cross(?:ed|ing)? out|rather than|instead of|other than"
    r"|wrong to|false that|wrong that|untrue that|(?:apart|aside) from"
    r"|(?:wrong|incorrect|false|tempting) (?:answer|option|choice|one))\b"
    r"|不是|并非|不选|不能选"
)
MAYBE = vocabulary(
    "maybe perhaps possibly might could may conceivably alternatively either or supposedly "
    "allegedly reportedly hypothetically quizás quizá peut-être vielleicht talvez forse"
)
NOUNS = vocabulary(
    "option choice answer letter alternative variant selection response statement options choices "
    "answers letters statements opción opção opzione antwort réponse respuesta вариант ответ "
    "number item key lettre letra lettera antwoord odpowiedź cevap yanıt alternativa"
)
ANSWERING = vocabulary("i we i'd we'd i'll we'll would will must should")
"""Before `answer` they make a verb of it."""
DETERMINERS = vocabulary("the my an a our is: correct right best final only both doğru la el le il")
ARTICLES = vocabulary("la el le il die der das a o")
ARTICLED = vocabulary("es est ist é è c'est")
"""What a Romance or German article may follow, before an option's letter."""
CHOOSES = (
    "choose", "chose", "chosen", "choosing", "chooses", "pick", "picked", "picking", "picks",
    "select", "selected", "selecting", "selects", "go with", "going with", "gone with", "opt for",
    "opting for", "opts for", "vote for", "voting for", "prefer", "say", "guess", "conclude",
    "take", "settle on", "settling on", "answer with", "answering", "mark", "leaving", "leaves",
    "left with", "corresponds to", "correspond to", "points to", "leads to", "lead to",
    "answer", "ans", "выбираю", "wähle", "choisis", "elijo", "escolho", "scelgo", "supports",
    "matches", "we get", "get", "gets", "obtain", "obtains", "odpowiedź",
)  # fmt: skip
CONNECTIVES = vocabulary(
    "so thus hence therefore then consequently finally conclusion but actually rather just only "
    "clearly obviously definitely certainly surely probably likely namely verdict elimination "
    "think believe it's its that's result final alors donc también así luego logo quindi also "
    "wait no yes ok okay well right correct indeed is => \\rightarrow \\to \\therefore "
    "\\implies ⇒ ⟹ →"
)
COPULAS = vocabulary(
    "is are was be being it's that's remains equals est ist es è é är là c'est lautet"
)
ADVERBS = vocabulary(
    "clearly definitely therefore thus probably likely most obviously simply then certainly "
    "indeed  just surely for sure only both actually really still now hence of course undoubtedly "
    "in fact  as follows going to"
)
ANSWERISH = vocabulary(
    "answer answers option options choice choices solution solutions alternative alternatives it "
    "this that which one ones match selection response statement conclusion guess pick correct "
    "right best closest remaining letter only réponse antwort respuesta resposta risposta "
    "it's that's what antwoord odpowiedź cevap án opción opção opzione alternativa correcta "
    "correcto correcte correta corretta lettre letra lettera"
)
ANNOUNCING_MARKS = (":", "=", "→")
ANNOUNCING_CJK = tuple("是为為选選择擇案项項应應故即は는은답")
WRONG = vocabulary(
    "wrong incorrect false impossible invalid implausible unlikely irrelevant ruled eliminated "
    "excluded rejected discarded dismissed too off out not untrue never mistaken contradicted bad "
    "worse nonsense absurd falsch incorrecte faux"
)
BE = vocabulary(
    "is was are were 's be can could must should would has have seems seem appears appear looks "
    "look sounds sound remains remain to been both all each also clearly get gets est ist es "
    "may might"
)
DENIES = vocabulary(
    "isn't aren't wasn't weren't can't cannot couldn't won't wouldn't doesn't didn't don't fails "
    "fail contradicts contradict violates violate lacks lack shouldn't n'est hasn't haven't"
)
DENIES_IN_TWO = vocabulary(
    "does do did should would will could can must has have makes make are is"
)
NO = vocabulary("no not nicht")
RIGHT = vocabulary(
    "correct what right best true answer valid one choice option solution match fit closest likely "
    "appropriate accurate plausible suitable it richtig korrekt correcte correcta correta "
    "corretta bonne better superior preferable likelier"
)
BETTER = vocabulary("better superior preferable likelier")
COMPARED = vocabulary("than answer option choice fit match one here overall")
MODAL = vocabulary("might may could")
BARELY_WRONG = vocabulary("no nope wrong incorrect false ✗ ❌ ✘")
BARELY_RIGHT = vocabulary("yes correct right true ✓ ✔ ✅")
CONFIRMS = vocabulary(
    "remains stands fits fit matches match works work holds hold wins win satisfies satisfy"
)
CLOSING = vocabulary(
    "because since as due not rather instead which although though while whereas but unlike over "
    "given based considering by here then indeed so therefore according option options choice "
    "choices answer again overall finally please alone only non nicht pas too"
)
CLOSING_LOOSELY = vocabulary("and in for on with from or at if when")
FUNCTION = vocabulary("that and but only as then so see find know note while here or yet however")
