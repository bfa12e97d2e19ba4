"""A question in front of the page: a plain HTML dialog, which keeps focus and Esc by itself."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pages.page import Here
from pages.parts import button, put


class Ask:
    """What is drawn inside `with` stands under the title; open shows it, closing it in any way throws it away.

    It hangs on the page itself, so that news that redraw a column do not take it away.
    """

    def __init__(self, here: Here, title: str) -> None:
        self.here, self.title = here, title
        with here.client.content:
            self.dialog = put("dialog", classes="ask", aria_labelledby="ask-title")
        self.dialog.on("close", lambda _: self.dialog.delete(), args=[])

    def __enter__(self) -> Self:
        self.dialog.__enter__()
        put("h2", self.here.words(self.title), id="ask-title")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dialog.__exit__(kind, error, trace)

    def put_why(self, label: str, required: bool = False) -> None:
        with put("label", classes="field"):
            put("span", self.here.words(label))
            put("input", type="text", name="why", required=required, maxlength="300", autofocus=True)

    def put_end(self, name: str = "") -> None:
        """The buttons of a form: do it (if name is given), or leave it."""
        with put("div", classes="row"):
            if name:
                put("button", self.here.words(name), "button main", type="submit")
            button(self.here.words("cancel"), self.close)

    def open(self) -> None:
        self.here.client.run_javascript(f"getHtmlElement({self.dialog.id}).showModal()")

    def close(self) -> None:
        self.here.client.run_javascript(f"getHtmlElement({self.dialog.id})?.close()")
