from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.bot.conftest import HEADERS, TOKEN, Actions, Bot, say


@pytest.fixture
def sender() -> str:
    return f"{uuid.uuid4().hex}.1"


def texts(answer: dict[str, Any]) -> list[str | None]:
    return [message.get("text") for message in answer["messages"]]


def post(bot: Bot, **body: Any) -> httpx.Response:
    return httpx.post(f"{bot.url}/webhook", json=body, headers=HEADERS, timeout=30)


def count_user_events(postgres_url: str, sender: str) -> int:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM rasa.events WHERE sender_id = %s AND type_name = 'user'", (sender,)
        ).fetchone()
        assert row is not None
        return int(row[0])


def test_an_answer_carries_text_buttons_intent_and_slots(bot: Bot, sender: str) -> None:
    answer = say(bot, sender, "ciao", "t1")
    assert answer["messages"] == [
        {
            "text": "Ciao!",
            "buttons": [{"title": "Confronta", "payload": "/energy_comparison"}, {"title": "No", "payload": "/deny"}],
        }
    ]
    assert answer["intent"]["name"] == "greet"
    assert answer["slots"] == {"language": "it"}
    assert answer["open_question"] is None
    assert answer["replayed"] is False


def test_slots_are_set_before_the_message_is_understood(bot: Bot, sender: str) -> None:
    answer = say(bot, sender, "hallo", "t1", slots={"language": "de", "proposal": "energy_comparison", "nonsense": 1})
    assert texts(answer) == ["Hallo!"]
    assert answer["slots"] == {"language": "de", "proposal": "energy_comparison"}


def test_a_null_slot_is_cleared(bot: Bot, sender: str) -> None:
    say(bot, sender, "ciao", "t1", slots={"language": "it", "proposal": "energy_comparison"})
    assert say(bot, sender, "ciao", "t2", slots={"proposal": None})["slots"] == {"language": "it"}


def test_an_image_comes_through_once(bot: Bot, sender: str) -> None:
    assert say(bot, sender, "/ask_picture", "t1")["messages"] == [
        {"text": "Look", "image": "https://example.org/a.png"}
    ]


def test_a_custom_part_comes_through(bot: Bot, sender: str) -> None:
    assert say(bot, sender, "/ask_place", "t1")["messages"] == [
        {"custom": {"location": {"latitude": 45.1, "longitude": 9.2, "name": "Here"}}}
    ]


def test_the_open_question_says_whether_it_takes_a_number(bot: Bot, sender: str) -> None:
    answer = say(bot, sender, "vorrei confrontare le offerte luce", "t1")
    assert answer["open_question"] == {"slot": "postcode", "takes_number": True}


def test_a_whole_form_with_a_question_in_the_middle_and_a_correction(bot: Bot, sender: str, actions: Actions) -> None:
    assert texts(say(bot, sender, "vorrei confrontare le offerte luce", "t1")) == ["Postcode?"]
    assert texts(say(bot, sender, "20121", "t2")) == ["kWh?"]
    assert texts(say(bot, sender, "perché ti serve il cap?", "t3")) == ["Prices depend on the place.", "kWh?"]
    corrected = say(bot, sender, "no, 20123", "t4")
    assert (texts(corrected), corrected["slots"]["postcode"]) == (["kWh?"], "20123")
    done = say(bot, sender, "circa 2.700", "t5")
    assert texts(done) == ["Two offers."]
    assert done["slots"]["yearly_kwh"] == 2700.0
    assert done["open_question"] is None


def test_several_values_in_one_message_are_all_kept(bot: Bot, sender: str, actions: Actions) -> None:
    say(bot, sender, "confronta la mia bolletta", "t1")
    answer = say(bot, sender, "20123, 2700 kwh", "t2")
    assert (answer["slots"]["postcode"], answer["slots"]["yearly_kwh"]) == ("20123", 2700.0)
    assert texts(answer) == ["Two offers."]


def test_a_payload_sets_its_entities(bot: Bot, sender: str) -> None:
    answer = say(bot, sender, '/inform{"postcode": "20123"}', "t1")
    assert answer["slots"]["postcode"] == "20123"
    assert answer["intent"]["name"] == "inform"


def test_gibberish_is_not_understood(bot: Bot, sender: str) -> None:
    assert say(bot, sender, "qwx zzkj pfft", "t1")["intent"]["name"] == "nlu_fallback"


def test_actions_get_our_key_the_message_id_and_no_texts(bot: Bot, sender: str, actions: Actions) -> None:
    say(bot, sender, "confronta la mia bolletta", "t1")
    say(bot, sender, "20123 2700 kwh", "t2", metadata={"wamid": "w1"})
    assert actions.keys == [f"Bearer {TOKEN}"]
    call = actions.calls[0]
    assert call["next_action"] == "action_finish"
    assert call["tracker"]["latest_message"]["message_id"] == "t2"
    assert call["tracker"]["latest_message"]["metadata"] == {"wamid": "w1"}
    assert "responses" not in call["domain"]


def test_the_same_message_again_gets_the_recorded_answer(bot: Bot, sender: str, postgres_url: str) -> None:
    first = say(bot, sender, "ciao", "t1")
    again = say(bot, sender, "ciao", "t1")
    assert again == {**first, "replayed": True}
    assert count_user_events(postgres_url, sender) == 1


def test_an_older_message_is_replayed_as_things_stood_then(bot: Bot, sender: str) -> None:
    first = say(bot, sender, "vorrei confrontare le offerte luce", "t1")
    say(bot, sender, "20123", "t2", slots={"language": "de"})
    assert say(bot, sender, "vorrei confrontare le offerte luce", "t1") == {**first, "replayed": True}


def test_eight_posts_of_one_message_at_once_count_once(
    bot: Bot, sender: str, postgres_url: str, actions: Actions
) -> None:
    actions.wait = 0.2
    say(bot, sender, "confronta la mia bolletta", "t1")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: say(bot, sender, "20123 2700 kwh", "t2"), range(8)))
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 7
    assert len({str({**answer, "replayed": None}) for answer in answers}) == 1
    assert count_user_events(postgres_url, sender) == 2
    assert len(actions.calls) == 1


def test_a_message_without_our_key_is_refused(bot: Bot) -> None:
    body = {"sender": "x.1", "message_id": "t1", "text": "ciao"}
    assert httpx.post(f"{bot.url}/webhook", json=body).status_code == 401
    assert httpx.post(f"{bot.url}/webhook", json=body, headers={"Authorization": "Bearer no"}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"message_id": "t1", "text": "ciao"},
        {"sender": "", "message_id": "t1", "text": "ciao"},
        {"sender": "x.1", "message_id": 7, "text": "ciao"},
        {"sender": "x" * 256, "message_id": "t1", "text": "ciao"},
        {"sender": "x.1", "message_id": "t1", "text": None},
        {"sender": "x.1", "message_id": "t1", "text": "ciao", "slots": ["it"]},
    ],
)
def test_a_request_that_is_not_ours_is_told_what_is_wrong(bot: Bot, body: dict[str, Any]) -> None:
    answer = post(bot, **body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_none_of_rasas_own_routes_is_open(bot: Bot) -> None:
    base = bot.url.removesuffix("/webhooks/pronto")
    for path in ("/model/parse", "/conversations/x/tracker", "/status", "/webhooks/rest/webhook"):
        assert httpx.post(base + path, json={}).status_code == 404


def test_a_failed_action_leaves_no_trace_and_can_be_asked_again(
    bot: Bot, sender: str, postgres_url: str, actions: Actions
) -> None:
    say(bot, sender, "confronta la mia bolletta", "t1")
    actions.status = 500
    body = {"sender": sender, "message_id": "t2", "text": "20123 2700 kwh", "slots": {"language": "it"}}
    assert post(bot, **body).status_code == 503
    assert count_user_events(postgres_url, sender) == 1
    actions.status = 200
    answer = post(bot, **body).json()
    assert (answer["replayed"], texts(answer)) == (False, ["Two offers."])
