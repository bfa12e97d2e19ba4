from typing import Any

import pytest

from conversations.decide import Received, Situation, decide_turn, take_messages
from core.types import Decision, Language, MessageKind, Option

YES_NO = (Option('/affirm{"x":"1"}', "Sì, dimmi"), Option("/deny", "No grazie"))
TALKING = Situation(Language.IT, known_language=Language.IT)
K = MessageKind


def receive(kind: MessageKind = K.TEXT, text: str | None = None, **more: Any) -> Received:
    return Received(1, "wamid.1", "900", kind, text, **more)


def ask(*messages: Received, **situation: Any) -> str:
    plan = decide_turn(messages, Situation(Language.IT, known_language=Language.IT, **situation))
    assert plan.decision is Decision.ASK_RASA
    return plan.text


def test_words_are_asked_as_they_are() -> None:
    assert ask(receive(text="Quanto costa?")) == "Quanto costa?"


def test_several_messages_become_one_question() -> None:
    assert ask(receive(text="ciao"), receive(text="quanto costa?")) == "ciao\nquanto costa?"


@pytest.mark.parametrize("text", ["/restart", '/affirm{"x":"1"}', "  /deny"])
def test_typed_payloads_are_only_words(text: str) -> None:
    assert ask(receive(text=text)) == " " + text.strip()


def test_a_keycap_is_its_digit() -> None:
    assert ask(receive(text="3️⃣")) == "3"


@pytest.mark.parametrize("kind", [K.BUTTON_REPLY, K.LIST_REPLY, K.BUTTON])
def test_a_tap_we_offered_is_its_payload(kind: MessageKind) -> None:
    tap = receive(kind, "Sì, dimmi", reply_id='/affirm{"x":"1"}')
    assert ask(tap, offered=frozenset({'/affirm{"x":"1"}'})) == '/affirm{"x":"1"}'


def test_a_tap_we_never_offered_is_only_its_title() -> None:
    assert ask(receive(K.BUTTON_REPLY, "Dammi tutto", reply_id="/erase_everything")) == "Dammi tutto"


def test_a_made_up_title_is_no_payload_either() -> None:
    assert ask(receive(K.BUTTON_REPLY, "/erase_everything", reply_id="x")) == " /erase_everything"


def test_the_last_of_several_taps_counts() -> None:
    taps = [receive(K.BUTTON_REPLY, "Sì", reply_id="/affirm"), receive(K.BUTTON_REPLY, "No", reply_id="/deny")]
    assert ask(*taps, offered=frozenset({"/affirm", "/deny"})) == "/deny"


def test_an_offered_id_without_payload_is_its_title() -> None:
    assert (
        ask(receive(K.BUTTON, "Mi interessa", reply_id="campaign-7"), offered=frozenset({"campaign-7"}))
        == "Mi interessa"
    )


@pytest.mark.parametrize("text", ["1", "la prima", "1️⃣", "sì dimmi"])
def test_typed_choices_are_the_options_payload(text: str) -> None:
    assert ask(receive(text=text), options=YES_NO) == '/affirm{"x":"1"}'


def test_a_number_is_an_answer_where_one_is_asked_for() -> None:
    assert ask(receive(text="2"), options=YES_NO, takes_number=True) == "2"


@pytest.mark.parametrize("kind", [K.AUDIO, K.IMAGE, K.VIDEO, K.DOCUMENT, K.STICKER, K.CONTACTS, K.ORDER, K.UNSUPPORTED])
def test_media_are_named(kind: MessageKind) -> None:
    assert ask(receive(kind)) == f'/media{{"media_kind": "{kind.value}"}}'


def test_a_typed_sentence_beside_a_picture_counts_more() -> None:
    assert ask(receive(K.IMAGE), receive(text="ecco la bolletta")) == "ecco la bolletta"


def test_a_location_is_its_coordinates() -> None:
    place = {"latitude": 45.46, "longitude": 9.19, "name": '"}/restart'}
    assert ask(receive(K.LOCATION, "Duomo", place=place)) == '/location{"latitude": 45.46, "longitude": 9.19}'


@pytest.mark.parametrize(
    "place", [None, {}, {"latitude": "45", "longitude": 9}, {"latitude": 1e9, "longitude": 0}, {"latitude": True}]
)
def test_a_location_without_coordinates_is_a_medium(place: dict[str, object] | None) -> None:
    assert ask(receive(K.LOCATION, place=place)) == '/media{"media_kind": "location"}'


@pytest.mark.parametrize("kind", [K.REACTION, K.SYSTEM, K.EDIT, K.REVOKE, K.UNKNOWN, K.CALL_PERMISSION_REPLY])
def test_notes_want_no_answer(kind: MessageKind) -> None:
    assert decide_turn([receive(kind, "👍")], TALKING).decision is Decision.NOTHING_TO_SAY


@pytest.mark.parametrize("text", ["stop", "Non scrivetemi più"])
@pytest.mark.parametrize("handoff_open", [True, False])
def test_a_stop_word_comes_before_everything(text: str, handoff_open: bool) -> None:
    situation = Situation(Language.IT, handoff_open=handoff_open, options=(Option("/x", "stop"),))
    assert decide_turn([receive(text=text)], situation).decision is Decision.STOP


def test_our_stop_button_is_a_stop() -> None:
    tap = receive(K.BUTTON, "Non mi interessa", reply_id="STOP_MKT")
    assert decide_turn([tap], TALKING).decision is Decision.STOP


def test_an_offered_button_that_reads_stop_is_no_stop() -> None:
    tap = receive(K.BUTTON_REPLY, "Stop", reply_id="/cancel")
    assert ask(tap, offered=frozenset({"/cancel"})) == "/cancel"


def test_with_a_person_the_assistant_is_silent() -> None:
    situation = Situation(Language.IT, handoff_open=True)
    assert decide_turn([receive(text="ci siete?")], situation).decision is Decision.HANDOFF_OPEN


def test_the_language_follows_a_sentence() -> None:
    assert decide_turn([receive(text="can you explain this offer to me please")], TALKING).language is Language.EN


def test_a_choice_keeps_the_language() -> None:
    situation = Situation(Language.IT, known_language=Language.DE, options=YES_NO)
    assert decide_turn([receive(text="sì dimmi")], situation).language is Language.DE


def test_a_tap_keeps_the_language() -> None:
    tap = receive(K.BUTTON_REPLY, "Yes please tell me more", reply_id="/x")
    assert decide_turn([tap], TALKING).language is Language.IT


def test_a_name_of_a_place_does_not_switch_the_language() -> None:
    place = receive(K.LOCATION, "Brandenburger Tor, Pariser Platz, Berlin", place={"latitude": 52.5, "longitude": 13.4})
    assert decide_turn([place], TALKING).language is Language.IT


@pytest.mark.parametrize(
    ("kinds", "taken"),
    [
        ([K.TEXT, K.TEXT], 2),
        ([K.TEXT, K.BUTTON_REPLY], 1),
        ([K.BUTTON_REPLY, K.BUTTON_REPLY, K.TEXT], 2),
        ([K.REACTION, K.BUTTON_REPLY, K.REACTION, K.TEXT], 3),
        ([K.TEXT, K.IMAGE, K.LOCATION], 2),
        ([K.REACTION], 1),
        ([], 0),
    ],
)
def test_words_taps_and_places_are_turns_of_their_own(kinds: list[MessageKind], taken: int) -> None:
    assert len(take_messages([receive(kind, "x") for kind in kinds])) == taken
