"""The one action that a text names, in the formats that agents write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.places.screen.actions import Action
from harmo.scorers.rule.places.screen.formats import actions_said

CLICK = Action("click", place=(10.0, 20.0))
TYPE = Action("type", text="hi there")
DOWN = Action("scroll", direction="down")
COPY = Action("key", keys=frozenset({"ctrl", "c"}))
BACK = Action("key", keys=frozenset({"back"}))


@pytest.mark.parametrize(
    ("text", "action", "why"),
    [
        ('{"action": "click", "point": [10, 20]}', CLICK, "JSON"),
        ('[{"action": "click", "point": [10, 20]}]', CLICK, "GUI-R1"),
        ("[{'action': 'click', 'coordinate': [10, 20]}]", CLICK, "UI-R1"),
        ("{'action': 'click', 'x': 10, 'y': 20}", CLICK, "two names"),
        ('{"action_type": "tap", "position": [[10, 20]]}', CLICK, "another name, two brackets"),
        ('{"action": {"type": "click", "point": [10, 20]}}', CLICK, "an action in an action"),
        ('{"thought": "so", "action": "click(10, 20)"}', CLICK, "a call in a mapping"),
        ("click(x=10, y=20)", CLICK, "a call"),
        ("click(10, 20)", CLICK, "without names"),
        ("pyautogui.click(10, 20)", CLICK, "pyautogui"),
        ("click(10.00000000000000001, 20)", CLICK, "all the digits of a float"),
        ("pyautogui.click(x=10, y=20, button='left')", CLICK, "a button"),
        ("import pyautogui\n# the button\npyautogui.click(10, 20)", CLICK, "a program"),
        ("click(point='<point>10 20</point>')", CLICK, "UI-TARS 1.5"),
        ("click(start_box='<|box_start|>(10,20)<|box_end|>')", CLICK, "UI-TARS"),
        ("CLICK <point>[[10, 20]]</point>", CLICK, "OS-Atlas"),
        ("thoughts:\nI see\nactions:\nCLICK <point>[[10,20]]</point>", CLICK, "with its thoughts"),
        ("Thought: I see it.\nAction: click(10, 20)", CLICK, "behind its marker"),
        ("**Action:** click(10, 20)", CLICK, "in bold"),
        ("<action>click(10, 20)</action>", CLICK, "an element"),
        ("<action>click</action> <point>[10, 20]</point>", CLICK, "two elements"),
        ('<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click",'
         ' "coordinate": [10, 20]}}\n</tool_call>', CLICK, "a tool call"),
        ('{"name": "click", "arguments": {"point": [10, 20]}}', CLICK, "a tool for each action"),
        ("```json\n{\"action\": \"click\", \"point\": [10, 20]}\n```", CLICK, "a block"),
        ("\\boxed{click(10, 20)}", CLICK, "a box"),
        ("click(10, 20)\n", CLICK, "a line's end"),
        ("The answer is click(10, 20).", CLICK, "behind a cue"),
        ('{"action": "answer", "text": "answer: 5"}', Action("answer", text="answer: 5"), "no cue"),
        ("Action: click(10, 20)\nAction: tap(10, 20)", CLICK, "twice the same"),
        ("pyautogui.doubleClick(10, 20)", Action("double_click", (10.0, 20.0)), "twice"),
        ("pyautogui.click(10, 20, button='right')", Action("right_click", (10.0, 20.0)), "right"),
        ("TYPE [hi there]", TYPE, "OS-Atlas types"),
        ("type(content='hi there')", TYPE, "UI-TARS types"),
        ("pyautogui.write('hi there')", TYPE, "pyautogui types"),
        ('{"action": "input_text", "text": "hi there"}', TYPE, "AndroidControl types"),
        ("<action>type</action><text>hi there</text>", TYPE, "in elements"),
        ("<action>type</action><text>say \"hi\"</text>", Action("type", text='say "hi"'), "quotes"),
        ("SCROLL [DOWN]", DOWN, "OS-Atlas scrolls"),
        ("scroll(direction='down')", DOWN, "UI-TARS scrolls"),
        ("pyautogui.scroll(-3)", DOWN, "the wheel"),
        ("{'action': 'scroll', 'point': [-100, -100], 'input_text': 'down'}",
         Action("scroll", (-100.0, -100.0), direction="down"), "GUI-R1 scrolls"),
        ("swipe(start_point=[5, 1], end_point=[5, 9])",
         Action("scroll", (5.0, 1.0), direction="down"), "a swipe's way"),
        ("drag(1, 2, 3, 4)", Action("drag", (1.0, 2.0), (3.0, 4.0)), "a drag"),
        ("pyautogui.hotkey('ctrl', 'c')", COPY, "keys"),
        ("pyautogui.hotkey(['Control', 'C'])", COPY, "keys in a list"),
        ("hotkey(key='ctrl c')", COPY, "keys in a text"),
        ('{"action": "key", "keys": ["c", "ctrl"]}', COPY, "in any order"),
        ("PRESS_BACK", BACK, "a word"),
        ("press_back()", BACK, "a call"),
        ('{"action": "system_button", "button": "Back"}', BACK, "a button's name"),
        ("{'action': 'navigate_back', 'coordinate': [0, 0]}", Action("key", (0.0, 0.0),
         keys=frozenset({"back"})), "UI-R1 goes back"),
        ("type(content='a\\n# b')", Action("type", text="a\n# b"), "a line that begins with #"),
        ("OPEN_APP [Clock]", Action("open", text="Clock"), "an app"),
        ("WAIT", Action("wait"), "waiting"),
        ("finished(content='no input text')", Action("finish"), "GUI-R1's word for no text"),
        ("zoom(factor=2)", Action("zoom"), "what we have no word for"),
    ],
)  # fmt: skip
def test_an_action_is_read(text: str, action: Action, why: str) -> None:
    assert actions_said(text) == (action,), why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("I would click at (10, 20)", "prose"),
        ("click the button", "prose"),
        ("click(10, 20) and then type('x')", "prose round it"),
        ("click(10, 20)\nclick(30, 40)", "two on two lines"),
        ("[{'action': 'click', 'point': [1, 2]}, {'action': 'wait'}]", "two in a list"),
        ("{'action': 'click', 'point': [1, 2], 'coordinate': [3, 4]}", "two places"),
        ("{'action': 'click', 'action': 'wait'}", "a name twice"),
        ("{'action': 'click', 'point': [1, 2], 'end': [3, 4]}", "a click with an end"),
        ("<action>click</action><point>[1, 2]</point><point>[3, 4]</point>", "two points"),
        ("Action: click(10, 20)\nAction: and so on", "one that cannot be read"),
        ("<tool_call>{", "it never closes"),
        ("{'point': [1, 2]}", "no action"),
        ("{'action': 7}", "no name"),
        ("click(point='somewhere')", "no place"),
        ("click(point=[1, 'x'])", "half a place"),
        ("click(point=[1, 2, 3, 4, 5])", "five numbers"),
        ("type(content=['a'])", "no text"),
        ("hotkey(keys=[1])", "no keys"),
        ("TYPE [hi", "a bracket is missing"),
        ("__import__('os').system('x')", "no call of a name"),
        ("click(" * 3_000, "calls without end"),
        ("type('" + "a" * 5_000 + "')", "too long"),
    ],
)
def test_no_action_is_read(text: str, why: str) -> None:
    assert actions_said(text) == (), why


def test_different_actions_are_several() -> None:
    assert len(actions_said("<action>click(1, 2)</action><action>wait()</action>")) == 2
    assert len(actions_said("Action: click(1, 2)\nAction: click(3, 4)")) == 2


PIECES = ["click(", "1", ", ", ")", "[", "]", "{", "}", "'action': ", "'click'", "<action>", "\n"]
PIECES += ["</action>", "Action: ", "<point>", "</point>", "```", "TYPE ", "x=", "\\boxed{", ": "]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_written_is_an_action_or_none(text: str) -> None:
    for action in actions_said(text):
        assert action.kind
