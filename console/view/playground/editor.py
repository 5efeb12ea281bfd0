"""The form: a prompt with its reference, completions in rows, pictures, and ways to load them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from nicegui import events, ui
from nicegui.element import Element

from harmo.console.model.playground.examples import EXAMPLES
from harmo.console.model.playground.form import (
    MAX_COMPLETIONS,
    MAX_PICTURE_BYTES,
    MAX_PICTURES,
    Drawn,
    Form,
    FormError,
    Written,
    form_of,
)
from harmo.console.model.playground.load import MAX_BYTES, loaded
from harmo.console.model.playground.pictures import drawn, pictures_of
from harmo.console.view import links
from harmo.console.view.text import line, part
from harmo_client.wire import Group

_FIELD = "outlined dense square hide-bottom-space"
_MOST_TYPED = 300_000
"""Characters of a field: one message from a browser holds a megabyte."""
_GROWS = f"{_FIELD} autogrow maxlength={_MOST_TYPED}"
_HINTS = {
    "prompt": "what the policy was asked; JSON messages, too",
    "reference": "the answer; JSON for lists and boxes",
    "task": "the recipe's default",
    "prefix": "such as <think>",
    "references": 'further ones: {"caption": "..."}',
    "constraints": '[{"instruction_id": "...", "kwargs": {}}]',
}


@dataclass(slots=True)
class _Row:
    """The fields of one completion."""

    box: Element
    text: ui.textarea
    tokens: ui.number
    truncated: ui.checkbox
    id: str

    def written(self) -> Written:
        """What stands in them."""
        tokens = self.tokens.value
        return Written(
            text=self.text.value or "",
            tokens=None if tokens is None else int(tokens),
            truncated=bool(self.truncated.value),
            id=self.id,
        )


class Editor:
    """One form on the page."""

    def __init__(
        self,
        form: Form,
        *,
        recipes: Sequence[str],
        recipe: str | None,
        keep: Callable[[Drawn], str],
        has_store: bool,
        on_score: Callable[[], Awaitable[None]],
        on_copy: Callable[[], None],
    ) -> None:
        """Place it.

        Args:
            form: What stands in it at first.
            recipes: Names, the default first.
            recipe: The one that is chosen; the default where the service has none of that name.
            keep: Takes a picture, and gives its name in addresses.
            has_store: True to offer a stored group.
            on_score: Told when it is sent.
            on_copy: Told when its request is asked for.
        """
        self._form = form
        self._keep = keep
        self._rows: list[_Row] = []
        with ui.element("div").classes("row-of sending"):
            chosen = recipe if recipe in recipes else (recipes[0] if recipes else None)
            self._recipe = ui.select(list(recipes), value=chosen, label="recipe").props(_FIELD)
            send = part("button", "Score", "send")
            send.props.update({"data-press": "Send", "title": "Ctrl+Enter"})
            send.on("click", on_score)
            copy = part("button", "copy request", "quiet")
            copy.on("click", on_copy)
        self._loads(has_store)
        self._fields = {name: self._field(name) for name in ("prompt", "reference")}
        with ui.element("div").classes("pair"):
            self._fields |= {name: self._field(name) for name in ("task", "prefix")}
        with ui.element("details").classes("loads") as more_fields:
            part("summary", "further references, constraints", "faint")
            self._fields |= {name: self._field(name) for name in ("references", "constraints")}
        self._further = more_fields
        self._pictures = ui.element("div").classes("pictures")
        self._picked()
        part("h2", "Completions")
        self._completions = ui.element("div").classes("completions")
        more = part("button", "+ completion", "quiet more-of")
        more.on("click", lambda: self._add(Written()))
        self._fill(form)

    @property
    def recipe(self) -> str | None:
        """The recipe that is chosen."""
        value = self._recipe.value
        return value if isinstance(value, str) else None

    def form(self) -> Form:
        """What stands in the form.

        Raises:
            FormError: If there is no completion.
        """
        if not self._rows:
            raise FormError("completions: there is none; add one")
        said = {name: str(field.value or "") for name, field in self._fields.items()}
        return Form(
            **said,
            completions=tuple(row.written() for row in self._rows),
            pictures=self._form.pictures,
            id=self._form.id,
            rest=self._form.rest,
        )

    def _fill(self, form: Form) -> None:
        self._form = form
        for name, field in self._fields.items():
            field.value = getattr(form, name)
        if form.references or form.constraints:
            self._further.props["open"] = True
        for row in self._rows:
            row.box.delete()
        self._rows.clear()
        for one in form.completions:
            self._add(one)
        self._show_pictures()

    def _field(self, name: str) -> ui.textarea:
        label = "references, by name" if name == "references" else name
        field = ui.textarea(label, placeholder=_HINTS[name]).props(_GROWS).classes(f"of-{name}")
        field.props("input-class=said" if name != "prompt" else "")
        return field

    def _add(self, one: Written) -> None:
        if len(self._rows) >= MAX_COMPLETIONS:
            ui.notify(f"{MAX_COMPLETIONS} completions are the most")
            return
        with self._completions, ui.element("div").classes("completion") as box:
            text = ui.textarea(value=one.text).props(f"{_GROWS} input-class=said")
            with ui.element("div").classes("of-completion"):
                tokens = ui.number(value=one.tokens, min=0, max=10_000_000, precision=0)
                tokens.props("dense borderless hide-bottom-space placeholder=–")
                part("span", "tokens", "faint")
                truncated = ui.checkbox("truncated", value=one.truncated).props("dense size=xs")
                remove = part("button", "remove", "quiet")
        row = _Row(box=box, text=text, tokens=tokens, truncated=truncated, id=one.id)
        self._rows.append(row)
        remove.on("click", lambda: self._remove(row))

    def _remove(self, row: _Row) -> None:
        self._rows.remove(row)
        row.box.delete()

    def _loads(self, has_store: bool) -> None:  # noqa: FBT001 - what the console has
        with ui.element("div").classes("row-of examples"):
            part("span", "examples", "faint")
            for each in EXAMPLES:
                link = ui.link(each.title, links.to("/playground", {"example": each.name}))
                link.props["title"] = each.shows
        with ui.element("details").classes("loads"):
            part("summary", "load a group: JSON, JSON lines, a file, a stored one", "faint")
            pasted = ui.textarea(placeholder='{"id": "7", "prompt": ..., "completions": [...]}')
            pasted.props(f"{_FIELD} input-class=said rows=4 maxlength={_MOST_TYPED}")
            with ui.element("div").classes("row-of"):
                read = part("button", "load what is pasted", "quiet")
                read.on("click", lambda: self._load(str(pasted.value or "")))
                self._file()
                if has_store:
                    self._stored()
            self._said = ui.element("div")
            self._found = ui.element("div").classes("found")

    def _file(self) -> None:
        async def came(e: events.UploadEventArguments) -> None:
            upload.reset()
            await self._load(await e.file.read())

        def refused() -> None:
            self._say(f"the file: no JSON, or more than {MAX_BYTES:,} bytes; load fewer lines")

        upload = ui.upload(
            on_upload=came, on_rejected=refused, auto_upload=True, max_file_size=MAX_BYTES
        )
        upload.classes("unseen").props("accept=.json,.jsonl")
        choose = part("button", "choose a file", "quiet")
        choose.on("click", lambda: upload.run_method("pickFiles"))

    def _stored(self) -> None:
        form = ui.element("form").classes("row-of")
        form.props.update({"method": "get", "action": "/playground"})
        with form:
            number = ui.element("input").classes("field")
            number.props.update(
                {"name": "group", "placeholder": "number of a stored group", "inputmode": "numeric"}
            )

    async def _load(self, text: str | bytes) -> None:
        """Fill the form with the first group of a text, and offer the others."""
        self._found.clear()
        self._said.clear()
        try:
            groups = await asyncio.to_thread(loaded, text)
        except FormError as error:
            self._say(str(error))
            return
        self._take(groups[0])
        if len(groups) < 2:
            return
        with self._found:
            names = {i: f"{i + 1}: {line(g.id, 40)}" for i, g in enumerate(groups)}
            ui.select(
                names,
                value=0,
                label=f"one of {len(groups)} groups",
                on_change=lambda e: self._take(groups[int(e.value)]),
            ).props(_FIELD)

    def _take(self, group: Group) -> None:
        """Fill the form with a group, or say what keeps it out."""
        self._said.clear()
        try:
            self._fill(form_of(group, pictures_of(group)))
        except FormError as error:
            self._say(str(error))

    def _say(self, fault: str) -> None:
        self._said.clear()
        with self._said:
            part("div", line(fault, 600), "alarm")

    def _picked(self) -> None:
        async def came(e: events.UploadEventArguments) -> None:
            upload.reset()
            if len(self._form.pictures) >= MAX_PICTURES:
                ui.notify(f"{MAX_PICTURES} pictures are the most")
                return
            try:
                picture = drawn(await e.file.read())
            except FormError as error:
                ui.notify(line(str(error), 300))
                return
            self._form = replace(self._form, pictures=(*self._form.pictures, picture))
            self._show_pictures()

        def refused() -> None:
            ui.notify(f"no PNG, JPEG or WebP, or more than {MAX_PICTURE_BYTES:,} bytes")

        upload = ui.upload(
            on_upload=came, on_rejected=refused, auto_upload=True, max_file_size=MAX_PICTURE_BYTES
        )
        upload.classes("unseen of-pictures").props("accept=.png,.jpg,.jpeg,.webp")
        add = part("button", "+ picture", "quiet more-of")
        add.on("click", lambda: upload.run_method("pickFiles"))

    def _show_pictures(self) -> None:
        self._pictures.clear()
        with self._pictures:
            for place, picture in enumerate(self._form.pictures):
                with ui.element("figure"):
                    image = ui.element("img")
                    address = f"/playground/picture/{self._keep(picture)}"
                    image.props.update(src=address, alt=f"picture {place + 1}")
                    remove = part("button", "remove", "quiet")
                    remove.on("click", lambda place=place: self._drop(place))

    def _drop(self, place: int) -> None:
        rest = tuple(p for i, p in enumerate(self._form.pictures) if i != place)
        self._form = replace(self._form, pictures=rest)
        self._show_pictures()
