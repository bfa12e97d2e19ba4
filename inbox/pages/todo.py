"""The tasks of a contact in the panel: what is open, done with one click, and new ones by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from accounts.sessions import require_role
from core import clock
from core.tables import Task
from inbox.notes import list_people
from inbox.pages.acts import Acts
from inbox.pages.ask import Ask
from inbox.tasks import BY_HAND, add_task, finish_task, reopen_task
from inbox.words import RefusedError
from pages.page import Here
from pages.parts import form, form_choice, form_field, put, say
from pages.room import get_room
from scoring.explain import write_date


@dataclass
class Todo:
    """The section in one browser. The bell of the contact draws it anew after each deed."""

    here: Here
    acts: Acts
    done: dict[int, tuple[int, str]] = field(default_factory=dict, init=False)

    def draw(self, token: str, contact_id: int, tasks: Sequence[Task], names: Mapping[int, str]) -> None:
        words, today = self.here.words, read_today()
        self.acts.begin("tasks")
        with put("section"):
            with put("div", classes="told"):
                put("h3", words("tasks"))
                ask = partial(self.ask_new, contact_id)
                self.acts.put_button("tasks", token, "new_task", ask, "plain", "add_task", label=words("new_task"))
            for task in tasks:
                title = name_task(task, self.here)
                with self.draw_line(token, task.id, contact_id, title, done=False):
                    put("span", title)
                    due = words("task_due", on=write_date(task.due_on, self.here.language))
                    late = " late" if task.due_on < today else ""
                    told = (due, names.get(task.assigned_to or 0, ""))
                    put("p", " · ".join(one for one in told if one), f"quiet{late}")
            finished = {one: title for one, (of, title) in self.done.items() if of == contact_id}
            for task_id in finished.keys() - {task.id for task in tasks}:
                with self.draw_line(token, task_id, contact_id, finished[task_id], done=True):
                    put("s", finished[task_id], "quiet")
            if not tasks and not finished:
                put("p", words("no_tasks"), "quiet")

    @contextmanager
    def draw_line(self, token: str, task_id: int, contact_id: int, title: str, done: bool) -> Iterator[None]:
        """A task with its tick; what was just done can be undone."""
        name, symbol = ("task_again", "check_circle") if done else ("task_done", "radio_button_unchecked")
        act = partial(self.tick, task_id, contact_id, title, done)
        with put("div", classes="task"):
            label = self.here.words(name, name=title)
            self.acts.put_button("tasks", token, f"{name}:{task_id}", act, "plain", symbol, label=label)
            with put("div"):
                yield

    async def tick(self, task_id: int, contact_id: int, title: str, done: bool) -> None:
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor)
            if done:
                self.done.pop(task_id, None)
                await reopen_task(session, task_id)
            else:
                self.done[task_id] = contact_id, title
                await finish_task(session, task_id, self.here.visitor.account_id, clock.now())

    async def ask_new(self, contact_id: int) -> None:
        """What, until when, and who does it."""
        words = self.here.words
        async with get_room().sessions() as session:
            people = {"": words("anybody")} | {str(one.id): one.name for one in await list_people(session)}
        with Ask(self.here, "new_task") as dialog, form(partial(self.add, dialog, contact_id)):
            form_field(words("task_title"), "title", required=True, maxlength="200", autofocus=True)
            tomorrow = read_today() + timedelta(days=1)
            form_field(words("task_until"), "due_on", "date", required=True, value=tomorrow.isoformat())
            form_choice(words("task_whose"), "whose", people, str(self.here.visitor.account_id))
            dialog.put_end("save")
        dialog.open()

    async def add(self, dialog: Ask, contact_id: int, fields: dict[str, str]) -> None:
        dialog.close()
        by, whose = self.here.visitor.account_id, fields["whose"]
        try:
            async with get_room().sessions.begin() as session:
                await require_role(session, self.here.visitor)
                due_on, to = date.fromisoformat(fields["due_on"]), int(whose) if whose else None
                await add_task(session, contact_id, fields["title"], due_on, by, clock.now(), to)
        except RefusedError as error:
            with self.here.client.content:
                say(error.say(self.here.language, get_room().settings.timezone), "warning")


def name_task(task: Task, here: Here) -> str:
    """What stands on a task: what a person wrote, or what Pronto made it for."""
    if task.kind == BY_HAND:
        return str(task.facts.get("title", ""))
    facts = {name: value for name, value in task.facts.items() if isinstance(value, str | int)}
    if task.kind != "band_crossed":
        return str(facts.get("title") or facts.get(here.language) or task.kind.replace("_", " "))
    band = here.words(f"band_{facts.get('band', 'high')}")
    return here.words("task_band_crossed", band=band, points=facts.get("points", ""))


def read_today() -> date:
    return clock.now().astimezone(ZoneInfo(get_room().settings.timezone)).date()
