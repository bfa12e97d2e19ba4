from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import Language, Location, Media, MessageKind, Option, Outbound, Template
from whatsapp.cutting import cut_tail, fit, split_text, split_title
from whatsapp.payload import build_payloads, build_template

DATA = Path(__file__).parent.parent / "data" / "payloads"
YES_NO = (Option("yes", "Sì"), Option("no", "No"))
FOUR = tuple(Option(f"o{n}", f"Offerta {n}", f"{n}0 € all'anno") for n in range(1, 5))
TWELVE = tuple(Option(f"o{n}", f"Ort {n}") for n in range(1, 13))
LONG_TITLES = (Option("a", "Prezzo fisso per 24 mesi con energia verde"), Option("b", "Prezzo variabile"))
TWINS = (Option("a", "Roma"), Option("b", "Roma"), Option("c", "Milano"))
LONG_TWINS = tuple(Option(f"o{n}", "Energia Verde Casa Mono Fissa") for n in range(1, 3))
SENTENCES = " ".join(f"Questa è la frase numero {n}." for n in range(1, 61))
IMAGE = Media(MessageKind.IMAGE, "https://example.org/a.jpg")
ROME = Location(41.9, 12.5, "Sportello", "Via Roma 1, Roma")

CASES = {
    "text": Outbound("Ciao Ada"),
    "text_in_two": Outbound("\n\n".join([SENTENCES, SENTENCES, SENTENCES])),
    "text_with_link": Outbound("Leggi qui", link_url="https://example.org/l/1"),
    "buttons": Outbound("Vuoi confrontare?", YES_NO),
    "buttons_twins": Outbound("Dove abiti?", TWINS),
    "buttons_with_link": Outbound("Ti va?", YES_NO, link_url="https://example.org/l/1", link_label="Apri"),
    "buttons_long_text": Outbound(SENTENCES + "\n\nVuoi confrontare?", YES_NO),
    "buttons_with_image": Outbound("Ti piace?", YES_NO, media=(IMAGE,)),
    "list": Outbound("Scegli un'offerta", FOUR, list_label="Offerte"),
    "list_from_long_titles": Outbound("Quale?", LONG_TITLES),
    "list_twins": Outbound("Quale?", LONG_TWINS),
    "list_with_image": Outbound("Quale?", FOUR, media=(IMAGE,)),
    "numbered": Outbound("Welcher Ort?", TWELVE),
    "link": Outbound("Ecco la tua offerta", link_url="https://example.org/l/1", link_label="Apri l'offerta"),
    "link_long_label": Outbound("Ecco", link_url="https://example.org/l/1", link_label="Apri subito la tua offerta"),
    "location": Outbound(location=ROME),
    "location_request": Outbound("Dove ti trovi?", asks_location=True),
    "location_request_beside_buttons": Outbound("Dove ti trovi?", YES_NO, asks_location=True),
    "location_with_text": Outbound("Ci trovi qui. Ti va bene?", YES_NO, location=ROME),
    "image_with_text": Outbound("Ecco la bolletta", media=(IMAGE,)),
    "image_long_text": Outbound(SENTENCES, media=(IMAGE,)),
    "document": Outbound(media=(Media(MessageKind.DOCUMENT, "https://example.org/a.pdf", "Contratto", "a.pdf"),)),
    "audio_with_text": Outbound("Ascolta", media=(Media(MessageKind.AUDIO, "https://example.org/a.ogg"),)),
    "two_images": Outbound("Eccole", media=(IMAGE, Media(MessageKind.IMAGE, "https://example.org/b.jpg", "due"))),
    "caption_above_buttons": Outbound(
        options=YES_NO, media=(Media(MessageKind.IMAGE, "https://example.org/a.jpg", "Questa?"),)
    ),
}
TEMPLATES = {
    "template_named": Template("autumn", Language.IT, {"name": "Ada", "saving": "12,50 €"}),
    "template_positional": Template("autumn", Language.DE, {"1": "Ada", "2": "12,50 €"}, named=False),
    "template_whitespace": Template("autumn", Language.IT, {"name": " Ada\n\tLovelace      B. "}),
    "template_buttons": Template("autumn", Language.EN, {"name": "Ada"}, button_payloads=("yes", "STOP")),
    "template_url": Template("autumn", Language.IT, {}, url_suffix="c/17 è", button_payloads=("STOP",)),
    "template_plain": Template("hello", Language.IT),
}


def compare_with_file(name: str, found: object, rewrite: bool) -> None:
    path = DATA / f"{name}.json"
    if rewrite:
        path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    assert found == orjson.loads(path.read_bytes())


@pytest.mark.parametrize("name", CASES)
def test_message_becomes_the_recorded_bodies(name: str, rewrite: bool) -> None:
    language = Language.DE if name == "numbered" else Language.IT
    payloads = build_payloads(CASES[name], language)
    found = [{"text": one.text, "options": [o.id for o in one.options], "body": one.body} for one in payloads]
    compare_with_file(name, found, rewrite)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_becomes_the_recorded_body(name: str, rewrite: bool) -> None:
    compare_with_file(name, build_template(TEMPLATES[name]), rewrite)


def test_every_recorded_body_has_its_case() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == {*CASES, *TEMPLATES}


@pytest.mark.parametrize(
    "message",
    [
        Outbound("Ciao", (Option("x" * 201, "Sì"),)),
        Outbound("Ciao", (Option("", "Sì"),)),
        Outbound("Ciao", (Option("yes", " "),)),
        Outbound("Ciao", (Option("yes", "Sì"), Option("yes", "No"))),
        Outbound("", YES_NO),
        Outbound("Ciao", link_url="javascript:alert(1)"),
        Outbound(media=(Media(MessageKind.IMAGE, "/etc/passwd"),)),
        Outbound(media=(Media(MessageKind.STICKER, "https://example.org/a.webp"),)),
        Outbound(media=(Media(MessageKind.AUDIO, "https://example.org/a.ogg", "so"),)),
        Outbound(media=(Media(MessageKind.IMAGE, "https://example.org/a.jpg", "x" * 1025),)),
        Outbound(location=Location(91, 0)),
    ],
)
def test_what_cannot_be_said_is_an_error(message: Outbound) -> None:
    with pytest.raises(ValueError, match=r".+"):
        build_payloads(message, Language.IT)


@pytest.mark.parametrize(
    "template",
    [
        Template("autumn", Language.IT, {"name": " \n"}),
        Template("autumn", Language.IT, {"name": "x" * 1025}),
        Template("autumn", Language.IT, url_suffix=" "),
        Template("autumn", Language.IT, button_payloads=("x" * 257,)),
    ],
)
def test_template_with_a_bad_parameter_is_an_error(template: Template) -> None:
    with pytest.raises(ValueError, match=r".+"):
        build_template(template)


def test_nothing_to_say_is_no_message() -> None:
    assert build_payloads(Outbound(" "), Language.IT) == []


titles = st.text("ab c.è€", min_size=1, max_size=60).filter(str.strip)
options = st.lists(titles, max_size=14).map(lambda all: tuple(Option(str(n), t) for n, t in enumerate(all)))
words = st.text("ab.!\n  ", max_size=6000).filter(str.strip)


@given(words, options)
def test_every_body_keeps_whatsapps_limits(said: str, offered: tuple[Option, ...]) -> None:
    payloads = build_payloads(Outbound(said, offered), Language.IT)
    assert payloads[-1].options == offered
    for payload in payloads:
        kind = payload.body["type"]
        if kind == "text":
            assert 0 < len(payload.body["text"]["body"]) <= 4096
            continue
        content = payload.body["interactive"]
        assert 0 < len(content["body"]["text"]) <= 1024
        if content["type"] == "button":
            shown = [button["reply"]["title"] for button in content["action"]["buttons"]]
            assert len(shown) <= 3
            assert all(0 < len(title) <= 20 for title in shown)
        else:
            rows = content["action"]["sections"][0]["rows"]
            shown = [row["title"] for row in rows]
            assert len(rows) <= 10
            assert all(0 < len(row["title"]) <= 24 and len(row.get("description", "")) <= 72 for row in rows)
        assert len(set(shown)) == len(shown)


@given(st.text('ab.!?"» \n', max_size=300), st.integers(2, 50))
def test_splitting_loses_no_letter(said: str, limit: int) -> None:
    pieces = split_text(said, limit)
    assert "".join("".join(pieces).split()) == "".join(said.split())
    assert all(0 < len(piece) <= limit for piece in pieces)


@given(st.text('ab.!?"» \n', max_size=300), st.integers(2, 50))
def test_cutting_a_tail_loses_no_letter(said: str, limit: int) -> None:
    lead, tail = cut_tail(said, limit)
    assert "".join((lead + tail).split()) == "".join(said.split())
    assert len(tail) <= limit


def test_text_splits_between_sentences() -> None:
    assert split_text("Uno due. Tre quattro.", 12) == ["Uno due.", "Tre quattro."]


def test_closing_quote_stays_with_its_sentence() -> None:
    assert split_text("«Uno due.» Tre quattro", 14) == ["«Uno due.»", "Tre quattro"]


def test_tail_is_the_last_paragraph() -> None:
    assert cut_tail("Uno. Due.\n\nTre?", 10) == ("Uno. Due.", "Tre?")


def test_rest_of_a_title_leads_its_description() -> None:
    assert split_title("Prezzo fisso 24 mesi", "verde", 12, 72) == ("Prezzo fisso", "24 mesi · verde")


def test_too_long_words_end_with_an_ellipsis() -> None:
    assert fit("abcdef", 4) == "abc…"
