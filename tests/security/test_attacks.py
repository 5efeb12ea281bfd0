"""The attacks by number, and the tests that try each: the list of SECURITY.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = ("security/test_text.py::test_hostile_text_is_wrong_cheap_and_never_run",)
MATHS = (*TEXT, "scorers/rule/math/test_hostile.py::test_hostile_text_is_wrong")
JSON = ("security/test_json.py::test_what_is_not_plain_json_is_refused_cheaply",)
URLS = (
    "security/test_urls.py::test_a_picture_by_address_is_refused_and_nobody_is_called",
    "security/test_urls.py::test_text_that_holds_an_address_is_text",
)
IMAGES = "security/test_images.py::test_what_is_no_picture_of_ours_leaves_its_group_unscored"

ATTACKS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("a shell through sympify", TEXT),
    2: ("a way from an object to every class", TEXT),
    3: ("a tower of powers", MATHS),
    4: ("a factorial, a sine of something huge", MATHS),
    5: ("a number that cannot be printed", MATHS),
    6: ("20,000 parentheses, 3,000 signs", MATHS),
    7: ("a fraction with an exponent of ten million", MATHS),
    8: ("20,000 thoughts begun", TEXT),
    9: ("20,000 boxes begun", TEXT),
    10: ("long repetitive text to a diff", TEXT),
    11: ("characters that grow under NFKC", TEXT),
    12: ("NaN, 1e999, true and text as numbers", JSON),
    13: ("names twice, NUL, half a surrogate pair",
         (*JSON, "security/test_json.py::test_what_is_plain_is_taken")),
    14: ("200,000 levels, 10,000 digits", JSON),
    15: ("a packed body, a slow one, one in chunks of a byte", (
        "security/test_http.py::test_a_packed_body_is_not_unpacked",
        "security/test_http.py::test_a_slow_body_gets_408_and_no_more_time",
        "security/test_http.py::test_a_body_in_chunks_of_one_byte_costs_in_proportion",
        "security/test_http.py::test_what_is_refused_is_not_read_on",
    )),
    16: ("a huge header", (
        "security/test_http.py::test_a_huge_header_is_refused_cheaply",
        "security/test_http.py::test_a_header_without_end_is_not_kept",
    )),
    17: ("a million of anything, a count of a billion", (
        "security/test_http.py::test_a_million_of_anything_is_settled_cheaply",
        "security/test_http.py::test_a_count_is_believed_within_bounds_only",
    )),
    18: ("lists out of step, a completion of 5 MB", (
        "security/test_http.py::test_lists_that_do_not_go_together_are_refused",
        "security/test_http.py::"
        "test_a_completion_of_five_megabytes_is_unscored_and_its_siblings_are_not",
    )),
    19: ("addresses of the host itself and of its cloud", URLS),
    20: ("a redirect inwards",
         (*URLS, "security/test_urls.py::test_the_sandbox_is_not_left_by_a_redirect")),
    21: ("a name that resolves differently the second time",
         (*URLS, "security/test_urls.py::test_no_name_is_ever_looked_up")),
    22: ("an address that parsers read differently", URLS),
    23: ("paths, devices, pipes, links", (
        "security/test_files.py::test_a_path_is_no_recipe",
        "security/test_files.py::test_no_route_leads_to_a_file",
        "security/test_files.py::test_a_path_anywhere_else_is_text",
        "security/test_files.py::test_a_model_folder_holds_ordinary_files_only",
    )),
    24: ("a picture without end or of another size than it says",
         (IMAGES, "security/test_images.py::test_what_is_no_base64_likewise")),
    25: ("12,000 and 60,000 pixels squared", (
        IMAGES,
        "security/test_images.py::test_pictures_that_take_for_ever_end_with_their_deadline",
    )),
    26: ("one pixel, none, half a file",
         (IMAGES, "security/test_images.py::test_a_picture_of_one_pixel_is_a_picture")),
    27: ("601 frames, EPS, FITS, JPEG 2000", (IMAGES,)),
    28: ("what is said of a broken picture", (IMAGES,)),
    29: ("pickles and code in a model's folder", (
        "security/test_models.py::test_a_pickle_is_never_opened",
        "security/test_models.py::test_code_in_a_model_folder_is_never_run",
        "models/checkpoint/test_files.py::test_refused",
        "models/checkpoint/test_loader.py::test_refused",
    )),
    30: ("a chat template from a request",
         ("security/test_models.py::test_a_request_brings_no_template",)),
    31: ("special tokens in a completion", (
        "security/test_models.py::test_special_tokens_of_a_policy_are_text",
        "models/forward/test_tokenise.py"
        "::test_special_strings_in_completions_and_prompts_stay_text",
        "models/forward/test_template.py::test_no_special_string_in_a_call_becomes_special",
    )),
    32: ("bait for a judge", (
        "security/test_judges.py::test_no_rule_takes_bait",
        "security/test_judges.py::test_no_bait_is_nearer_to_a_caption_than_the_caption",
    )),
    33: ("no key, a wrong one, part of one", (
        "security/test_keys.py::test_every_route_is_open_on_purpose_or_needs_a_key",
        "security/test_keys.py::test_no_spelling_of_a_path_or_method_gets_past_the_key",
        "security/test_keys.py::test_every_key_is_compared_in_constant_time",
        "security/test_keys.py::test_no_part_of_a_bad_key_is_printed",
    )),
    34: ("a Host header that poisons the path", (
        "security/test_hosts.py::test_no_host_or_path_gets_past_the_key",
        "security/test_hosts.py::test_no_request_hides_in_another",
        "app/test_pages.py::test_a_host_header_that_is_none_is_shown_nowhere",
    )),
    35: ("line ends and colours in logs, formulas in tables, scripts on pages", (
        "security/test_output.py::test_no_field_forges_a_line_of_the_log",
        "security/test_output.py::test_a_run_is_one_label_whatever_it_is_called",
        "security/test_output.py::test_nothing_of_ours_writes_csv",
        "app/test_pages.py::test_text_of_a_recipe_is_text",
        "client/train/record/test_record.py"
        "::test_what_a_policy_wrote_cannot_harm_a_terminal",
        "client/test_transfer.py::test_the_key_is_in_no_message_no_log_and_no_repr",
    )),
    36: ("a flood of names that become labels", (
        "security/test_labels.py::test_no_flood_of_names_makes_a_flood_of_series",
        "app/metrics/test_rewards.py::test_run_labels_are_bounded",
    )),
}  # fmt: skip
"""What is tried, and the tests that try it, by their path below `tests/`."""
TRIED = sorted({test for _, tests in ATTACKS.values() for test in tests})


def test_none_is_missing() -> None:
    assert list(ATTACKS) == list(range(1, 37))
    assert all(tests for _, tests in ATTACKS.values())


@pytest.mark.parametrize("test", TRIED)
def test_the_test_is_there(test: str) -> None:
    file, name = test.split("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert name in functions


def test_numbered_rows_are_of_their_attack() -> None:
    """A row of a table says which attack it is part of; each attack of a table has one."""
    from tests.security import test_images, test_json, test_text, test_urls

    tables = {
        TEXT[0]: test_text.ATTACKS,
        JSON[0]: test_json.REFUSED,
        URLS[0]: test_urls.ADDRESSES,
        IMAGES: test_images.UNREADABLE,
    }
    for test, rows in tables.items():
        claimed = {number for number, (_, tests) in ATTACKS.items() if test in tests}
        assert {row[0] for row in rows} == claimed, test


def test_security_md_lists_them_with_their_files() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for number, (_, tests) in ATTACKS.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| {number} |")]
        assert tests[0].split("::")[0] in row, number
