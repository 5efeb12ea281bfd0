"""What people meet when they look in: `/`, `/docs` and the OpenAPI schema."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import pytest_asyncio

from harmo.app.errors import STATUS
from harmo.app.main import create_app
from harmo.app.pages import describe
from harmo.app.routes.dependencies import TRAINERS
from harmo.app.settings import Settings
from harmo.app.trainers.options import Options
from harmo_client.wire import EXAMPLE, ScoreRequest
from tests.app.serving import Serving
from tests.process import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PREFIX = "/rewards"
NUMBERS = {"/get_reward", "/slime", "/v1/score/evaluation", "/verify", "/v1/rewards"}
SCORING = {"/score", *NUMBERS}
HEADERS = ("X-Deadline-Ms", "Idempotency-Key")
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def keyed() -> AsyncIterator[httpx.AsyncClient]:
    """A service with two keys, behind a proxy that serves it under a path and takes that off."""
    settings = Settings(
        workers=1, recipes=("math", "gdpo-columns"), api_keys=("all", "some:gdpo-columns")
    )
    ready = Serving(settings)
    async with ready:
        transport = httpx.ASGITransport(app=ready.app, root_path=PREFIX)
        async with httpx.AsyncClient(transport=transport, base_url="http://harmo") as http:
            yield http


async def page(client: httpx.AsyncClient, path: str, **headers: str) -> str:
    answer = await client.get(path, headers=HTML | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


def properties(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            yield f"{name}.{field}", said


async def test_every_field_of_every_body_says_what_it_is(document: dict[str, Any]) -> None:
    fields = dict(properties(document))
    assert {"Group.prompt", "Completion.text", "TextPart.text", "ToolCall.id"} <= fields.keys()
    assert [name for name, said in fields.items() if not said.get("description")] == []


async def test_every_route_says_what_it_is_for_and_what_it_reads(document: dict[str, Any]) -> None:
    read = {}
    for path, route in document["paths"].items():
        for method, operation in route.items():
            words = operation["summary"].lower()
            assert words != operation["operationId"].partition("_")[0], f"{path}: a made-up summary"
            assert operation["description"], path
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description"), (path, parameter["name"])
                read[method, path, parameter["in"], parameter["name"]] = parameter["schema"]
    assert read.keys() == {
        ("post", "/score", "query", "explain"),
        ("get", "/recipes/{name}", "path", "name"),
        *(("post", path, "header", name) for path in SCORING for name in HEADERS),
        *(("post", path, "query", name) for path in NUMBERS for name in Options.model_fields),
    }


async def test_every_status_is_one_of_the_table_with_our_body(document: dict[str, Any]) -> None:
    ours: dict[int, set[str]] = {}
    for status, when in STATUS.values():
        ours.setdefault(status, set()).add(when)
    for path, route in document["paths"].items():
        for operation in route.values():
            for status, response in operation["responses"].items():
                if int(status) >= 300:
                    assert set(response["description"].split("; ")) <= {
                        said for when in ours[int(status)] for said in when.split("; ")
                    }, path
                    (media,) = response["content"].values()
                    assert media["schema"] == {"$ref": "#/components/schemas/ErrorBody"}


async def test_the_routes_that_take_a_key_say_so(document: dict[str, Any]) -> None:
    operations = describe.operations(document)
    keyed = {operation.path for operation in operations if operation.keyed}
    assert keyed == {"/score", "/recipes", "/recipes/{name}", "/scorers", *TRAINERS}


async def test_the_example_of_the_schema_is_scored(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    (example,) = document["components"]["schemas"]["ScoreRequest"]["examples"]
    assert example == EXAMPLE
    ScoreRequest.model_validate(example)
    (scored,) = (await client.post("/score", json=example)).json()["groups"]
    right, wrong = (completion["reward"] for completion in scored["completions"])
    assert right > wrong


async def test_who_does_not_ask_for_a_page_gets_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    home = answer.json()
    assert (home["name"], home["ready"], home["phase"]) == ("Harmo", True, "ready")
    assert home["links"]["docs"] == "http://harmo/docs"
    assert {"rules", "math"} <= {recipe["name"] for recipe in home["recipes"]}
    assert home["example"].startswith("curl -s http://harmo/score ")
    assert answer.headers["Vary"] == "Accept"


async def test_a_browser_gets_a_page(client: httpx.AsyncClient) -> None:
    html = await page(client, "/")
    assert "<h1>Harmo" in html
    assert '<a href="recipes/rules">rules</a>' in html
    assert "curl -s http://harmo/score" in html


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    html = await page(client, path)
    assert set(re.findall(r"https?://[^/\s\"'<&]*", html)) <= {"http://harmo"}
    assert re.findall(r"<(?:script|style)[^>]+>|\bon[a-z]+=|@import|url\(", html) == []


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_style_and_script_are_allowed_by_their_digests(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, headers=HTML)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for element in ("style", "script"):
        (inline,) = re.findall(f"<{element}>(.*?)</{element}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
        assert len(inline) > 200


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_every_link_leads_somewhere_behind_a_proxy_too(
    keyed: httpx.AsyncClient, path: str
) -> None:
    html = await page(keyed, path, Authorization="Bearer all")
    anchors = set(re.findall(r'\bid="([^"]+)"', html))
    links = re.findall(r'<a href="([^"]+)"', html)
    assert len(links) >= 5
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors, link
            continue
        seen = urlsplit(urljoin(f"http://proxy{PREFIX}{path}", link))
        assert seen.path.startswith(f"{PREFIX}/"), link
        within = seen.path.removeprefix(PREFIX)
        answer = await keyed.get(within, headers={"Authorization": "Bearer all"})
        assert answer.status_code == 200, link


async def test_what_is_shown_behind_a_proxy_has_its_path(keyed: httpx.AsyncClient) -> None:
    home = (await keyed.get("/")).json()
    assert home["links"]["docs"] == f"http://harmo{PREFIX}/docs"
    assert f"curl -s http://harmo{PREFIX}/score " in home["example"]
    assert (await keyed.get("/openapi.json")).json()["servers"] == [{"url": PREFIX}]


async def test_without_a_key_nothing_is_told_of_what_keys_are_for(
    keyed: httpx.AsyncClient,
) -> None:
    home = (await keyed.get("/")).json()
    assert home["recipes"] is None
    assert "Authorization: Bearer KEY" in home["example"]
    for path in ("/", "/docs"):
        assert "gdpo-columns" not in await page(keyed, path)


@pytest.mark.parametrize(
    ("key", "shown"), [("all", {"math", "gdpo-columns"}), ("some", {"gdpo-columns"})]
)
async def test_a_key_is_shown_its_recipes(
    keyed: httpx.AsyncClient, key: str, shown: set[str]
) -> None:
    home = (await keyed.get("/", headers={"Authorization": f"Bearer {key}"})).json()
    assert {recipe["name"] for recipe in home["recipes"]} == shown


async def test_an_unknown_recipe_is_answered_with_those_of_the_key(
    keyed: httpx.AsyncClient,
) -> None:
    answer = await keyed.get("/recipes/nope", headers={"Authorization": "Bearer some"})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "no recipe 'nope'; known: gdpo-columns"


async def test_a_wrong_key_is_refused(keyed: httpx.AsyncClient) -> None:
    answer = await keyed.get("/", headers={"Authorization": "Bearer guess"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host", ['"><script>alert(1)</script>', "evil/..;rm -rf ~;", "a'b", "", "[::1", "x" * 300]
)
async def test_a_host_header_that_is_none_is_shown_nowhere(
    client: httpx.AsyncClient, host: str
) -> None:
    for headers in (HTML, {}):
        answer = await client.get("/", headers={"Host": host, **headers})
        assert "curl -s http://127.0.0.1:8000/score" in answer.text
        assert not host or host not in answer.text


async def test_a_service_that_loads_or_failed_says_so() -> None:
    app = create_app(Settings())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://harmo") as http:
        assert (await http.get("/")).json()["phase"] == "starting"
        app.state.service.life.fail("no such file: /secret/recipe.yaml")
        assert "<strong" in (html := await page(http, "/"))
        assert "failed" in html
        assert "secret" not in html


FIELDS = [
    ({"type": "string", "minLength": 1, "maxLength": 9}, "string (1 to 9 characters)"),
    ({"type": "integer", "minimum": 0}, "integer (at least 0)"),
    ({"type": "string", "maxLength": 9}, "string (at most 9 characters)"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
    ({"enum": ["a", "b"]}, '"a" or "b"'),
    ({"const": "text"}, '"text"'),
    ({"type": "array", "items": {"$ref": "#/x/Group"}}, "Group[]"),
    ({"type": "array", "items": {"oneOf": [{"const": 1}, {"const": 2}]}}, "(1 or 2)[]"),
    ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
    ({"$ref": "#/x/JsonValue"}, "any JSON"),
    ({}, "any JSON"),
]


@pytest.mark.parametrize(("schema", "words"), FIELDS)
async def test_a_type_in_words(schema: dict[str, Any], words: str) -> None:
    document = {"paths": {}, "components": {"schemas": {"S": {"properties": {"f": schema}}}}}
    (shape,) = describe.shapes(document)
    assert "".join(piece.text for piece in shape.fields[0].type) == words


async def test_text_of_a_recipe_is_text(tmp_path: Any) -> None:
    recipe = tmp_path / "loud.yaml"
    text = "<script>alert(1)</script> and `a<b`"
    recipe.write_text(f"name: loud\ndescription: '{text}'\nrule: [{{scorer: rule.math}}]\n")
    async with Serving(Settings(workers=1, recipes=(str(recipe),))) as http:
        html = await page(http, "/")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; and <code>a&lt;b</code>" in html


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
async def test_a_browser_runs_the_page_under_its_policy() -> None:
    """The form is hidden until the page's own script has run."""
    with serving("--log-level", "warning") as port:
        shown = await asyncio.to_thread(dom, f"http://127.0.0.1:{port}/docs")
    assert '<form data-path="score">' in shown


def dom(address: str) -> str:
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", address]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
