"""News reach every reader, together when they come fast, and a lost connection makes everybody look again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.db import Sessions
from core.types import Language
from core.words import WordsError, load_words
from pages.live import Live
from pages.words import Words


async def until(done: asyncio.Event) -> None:
    await asyncio.wait_for(done.wait(), 20)


async def test_every_reader_hears_the_news_and_fast_ones_come_together(sessions: Sessions, postgres_url: str) -> None:
    live, heard, done = Live(postgres_url), [], asyncio.Event()

    async def read(payloads: frozenset[str]) -> None:
        heard.append(payloads)
        if "9" in payloads:
            done.set()

    stop = live.subscribe("contact", read)
    following = asyncio.create_task(live.follow())
    async with sessions() as session:
        await session.execute(text("SELECT 1"))
        while not heard:  # until it listens
            await session.execute(text("SELECT pg_notify('contact', 'hello')"))
            await session.commit()
            await asyncio.sleep(0.05)
        heard.clear()
        await session.execute(text("SELECT pg_notify('contact', n::text) FROM generate_series(1, 9) AS n"))
        await session.commit()
    await until(done)
    assert {str(n) for n in range(1, 10)} <= set().union(*heard)
    assert len(heard) <= 3
    stop()
    assert not live.readers["contact"]
    following.cancel()


async def test_a_reader_that_found_no_database_hears_the_same_news_again() -> None:
    heard, done = [], asyncio.Event()

    async def read(payloads: frozenset[str]) -> None:
        heard.append(payloads)
        if len(heard) == 1:
            raise OperationalError("SELECT 1", None, Exception("away"))
        done.set()

    live = Live("")
    live.subscribe("contact", read, wants=lambda payload: payload == "7")
    live.tell("contact", "8")
    live.tell("contact", "7")
    await until(done)
    assert heard == [{"7"}, {"7"}]


async def test_an_unknown_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of"):
        Live("").subscribe("contacts", lambda _: asyncio.sleep(0))


def test_every_text_stands_in_three_languages_with_the_same_blanks(tmp_path: Path) -> None:
    several = (*Path("studio").glob("*/words.yml"), *Path("campaigns").glob("*/words.yml"))
    for file in (Path("pages/words.yml"), Path("inbox/pages/words.yml"), *several):
        load_words(file)
    good = "a: {it: x, de: y, en: z}"
    for content, why in (
        ("a: {it: x, de: y}", "needs exactly"),
        ("a: {it: '{x}', de: y, en: z}", "different blanks"),
        (f"{good}\n{good}", "stands here twice"),
    ):
        file = tmp_path / f"{len(content)}.yml"
        file.write_text(content)
        with pytest.raises(WordsError, match=why):
            load_words(file)


def test_words_fill_their_blanks(tmp_path: Path) -> None:
    file = tmp_path / "words.yml"
    file.write_text("hello: {it: 'Ciao {name}', de: 'Hallo {name}', en: 'Hello {name}'}")
    words = Words(Language.DE, file)
    assert words("hello", name="Ada") == "Hallo Ada"
    assert "hello" in words
