"""`/playground`: a sample or a group of one's own, scored by the running service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.responses import Response
from nicegui import app, ui
from nicegui.element import Element

from harmo.audit.read import Reader, StoreError
from harmo.console import scoring
from harmo.console.model.asked import whole
from harmo.console.model.group import exports
from harmo.console.model.group.answered import of_answer
from harmo.console.model.group.shown import Picture, Shown
from harmo.console.model.playground.examples import EXAMPLES, example
from harmo.console.model.playground.form import Form, FormError, form_of, group_of
from harmo.console.model.playground.pictures import Kept, pictures_of
from harmo.console.state import Console
from harmo.console.view import links
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.console.view.group.panel import panel
from harmo.console.view.group.presses import Presses
from harmo.console.view.group.tools import copied
from harmo.console.view.numbers import count
from harmo.console.view.playground.editor import Editor
from harmo.console.view.text import line, part
from harmo_client.errors import HarmoError, StatusError
from harmo_client.wire import RecipeSummary, ScoreRequest, ScoreResponse

HOW_TO_START = "harmo serve"


def register(console: Console) -> None:
    """Add the page, and the pictures that its visitors bring."""
    kept = Kept()

    @app.get("/playground/picture/{name}")
    async def picture(name: str) -> Response:
        found = kept.get(name)
        if found is None:
            return Response("no such picture\n", 404, media_type="text/plain")
        headers = {"Cache-Control": "private, no-store"}
        return Response(found.content, media_type=found.media_type, headers=headers)

    @ui.page("/playground", response_timeout=TIMEOUT_S)
    async def playground(request: Request) -> None:
        with frame(console, "Playground", here="/playground"):
            await _playground(console, kept, request.query_params)
            Presses()


async def _playground(console: Console, kept: Kept, query: Mapping[str, str]) -> None:
    if console.settings.service is None:
        nothing(
            "No running service was named.",
            then=f"Start one with `{HOW_TO_START}`, then the console with its address.",
            command="harmo console --service http://127.0.0.1:8000",
        )
        return
    try:
        recipes = await scoring.recipes(console.settings)
    except HarmoError as error:
        _unreachable(console, error)
        return
    fault = ""
    try:
        form, recipe = await _begun(console, query)
    except (FormError, StoreError, exports.NothingKeptError) as error:
        form, recipe, fault = Form(), None, str(error)
    page = _Page(console, kept, recipes, form, recipe or query.get("recipe"))
    if recipe and recipe not in {each.name for each in recipes}:
        page.note(f"the service has no recipe {recipe!r}: {page.recipe!r} scores instead")
    if fault:
        page.say(fault)
    elif query.get("example") or query.get("group"):
        # One click shows a table; a blank form waits to be filled.
        ui.timer(0.02, page.score, once=True)


def _unreachable(console: Console, error: HarmoError) -> None:
    nothing(
        f"{console.settings.service} gives no recipes: {error}",
        then="Start a service, or name another with --service.",
        command=HOW_TO_START,
    )


async def _begun(console: Console, query: Mapping[str, str]) -> tuple[Form, str | None]:
    """The form to begin with, and the recipe that goes with it."""
    named = example(query.get("example", ""))
    if named is not None:
        return named.form, named.recipe
    number = query.get("group", "")
    if not number:
        return Form(), None
    wanted = whole(number)
    if wanted is None:
        raise FormError(f"group: {number[:40]!r} is no number of a group")
    return await console.read(lambda reader: _stored(reader, wanted))


def _stored(reader: Reader, number: int) -> tuple[Form, str]:
    kept = reader.group(number)
    if kept is None:
        raise FormError(f"there is no group {number} in the store")
    # As it is sent: half a letter, which the store keeps, is in no request.
    body = exports.as_json(exports.request_of(kept))
    [group] = ScoreRequest.model_validate_json(body).groups
    return form_of(group, pictures_of(group)), kept.recipe.name


class _Page:
    """One visitor's playground: the form on one side, what came of it on the other."""

    def __init__(
        self,
        console: Console,
        kept: Kept,
        recipes: Sequence[RecipeSummary],
        form: Form,
        recipe: str | None,
    ) -> None:
        self._console = console
        self._kept = kept
        with ui.element("div").classes("play"):
            with ui.element("section").classes("form-side"):
                self._editor = Editor(
                    form,
                    recipes=[each.name for each in recipes],
                    recipe=recipe,
                    keep=kept.keep,
                    has_store=console.has_store,
                    on_score=self.score,
                    on_copy=self.copy,
                )
            with ui.element("section"):
                self._notes: Element = ui.element("div")
                self._side: Element = ui.element("div").classes("answer-side")
        with self._side:
            _offered()

    @property
    def recipe(self) -> str | None:
        """The recipe that scores."""
        return self._editor.recipe

    def note(self, what: str) -> None:
        """Say a word above all that is shown."""
        with self._notes:
            part("div", line(what, 300), "alarm")

    async def score(self) -> None:
        """Ask the service, and show what it says."""
        try:
            form = self._editor.form()
            group = group_of(form)
        except FormError as error:
            self.say(str(error))
            return
        self._side.clear()
        with self._side:
            part("div", "scoring …", "faint waiting")
        try:
            found = await scoring.scored(self._console.settings, group, self._editor.recipe)
        except HarmoError as error:
            self.say(_words(error))
            return
        pictures = [
            Picture(
                address=f"/playground/picture/{self._kept.keep(p)}", width=p.width, height=p.height
            )
            for p in form.pictures
        ]
        self._show(of_answer(group, found.answer, tags=found.tags, pictures=pictures), found.answer)

    def _show(self, shown: Shown, answer: ScoreResponse) -> None:
        self._side.clear()
        with self._side:
            with ui.element("div").classes("row-of faint"):
                part("span", f"recipe {line(answer.recipe.name, 40)}")
                part("span", line(answer.recipe.version, 20), "mono")
                part("span", f"{count(answer.timings_ms.get('total'))} ms")
                if answer.groups[0].note:
                    part("span", line(answer.groups[0].note, 300), "alarm")
            panel(shown, asked=False)

    def copy(self) -> None:
        """Put the request on the clipboard."""
        try:
            group = group_of(self._editor.form())
        except FormError as error:
            self.say(str(error))
            return
        copied(exports.as_json(ScoreRequest(groups=[group], recipe=self._editor.recipe)))

    def say(self, fault: str) -> None:
        """Show what is wrong, as it was said."""
        self._side.clear()
        with self._side:
            part("div", line(fault, 2000), "alarm fault")


def _offered() -> None:
    """What a newcomer may begin with, in place of a table."""
    with ui.element("div").classes("offered"):
        part("h1", "Write a group and score it, or begin with one of these")
        for each in EXAMPLES:
            with ui.element("p"):
                ui.link(each.title, links.to("/playground", {"example": each.name}))
                part("span", each.shows, "faint")
        part("p", "Ctrl+Enter scores.", "plain faint")


def _words(error: HarmoError) -> str:
    """What a service or the way to it said, with its status where there is one."""
    if isinstance(error, StatusError) and error.status is not None:
        return f"{error.status} {error.type or ''}: {error}"
    cause = error.__cause__
    return f"{error}" if cause is None else f"{error}: {cause}"
