"""How something is done: three short steps, a picture, and what one needs for it."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions import store
from actions.contracts import read_today
from actions.conversation import Slots
from actions.message import read_language
from actions.shop.context import TITLE, find_product, list_nearest, price_of, shorten, stock_of
from actions.telling import Telling
from core import clock
from core.types import Language
from offers.company import load_company
from offers.facts import Product, Words
from offers.stock import count_stock

FRESH: dict[str, Any] = {"topic": None, "topic_among": None}
BUY = {"it": "Acquisto:", "de": "Kaufen:", "en": "Buy"}
VIDEO = (".mp4", ".3gp")


def list_topics() -> list[Product]:
    """The products somebody wrote steps for."""
    return [product for product in load_company().products if product.how_to]


def find_topics(tracker: Any) -> list[str]:
    """The topics a sentence names, by the product or by the title of its steps."""
    return list_nearest([name_by_title(one) for one in list_topics()], tracker)


def name_by_title(product: Product) -> Product:
    """The product with the title of its steps among its words."""
    if product.how_to is None:
        return product
    said = {lang.value: (*getattr(product.words, lang), product.how_to.title.say(lang)) for lang in Language}
    return product.model_copy(update={"words": Words(**said)})


def next_question(slots: Slots) -> str | None:
    return None if slots.get("topic") else "topic"


async def check_topic(telling: Telling, told: Any) -> Slots:
    """Takes one topic; of several that fit the customer chooses."""
    known = {product.sku for product in list_topics()}
    among = [sku for sku in ([told] if isinstance(told, str) else told) if sku in known]
    if len(among) != 1:
        return {"topic": None, "topic_among": " ".join(among) or None}
    return {"topic": among[0], "topic_among": None}


async def ask_topic(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Lists what we can show."""
    language, among = read_language(tracker), (tracker.get_slot("topic_among") or "").split()
    buttons = [
        {"title": shorten(one.how_to.title.say(language)), "payload": f'/inform{{"topic":"{one.sku}"}}'}
        for one in list_topics()
        if one.how_to and (not among or one.sku in among)
    ]
    dispatcher.utter_message(response="utter_ask_topic", buttons=buttons)
    return []


async def finish_showing(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """The steps with their picture or video, and a button that buys what is needed for them, if it is there."""
    product, language = find_product(tracker.get_slot("topic")), read_language(tracker)
    if product is None or product.how_to is None:
        return []
    one, two, three = product.how_to.steps.say(language)
    title = product.how_to.title.say(language)
    dispatcher.utter_message(response="utter_how_to", title=title, one=one, two=two, three=three)
    show_media(dispatcher, product.how_to.media_url)
    async with store.open_session() as session:
        today = read_today(await store.load_contact(session, tracker), clock.now())
        related = find_product(product.how_to.related_sku)
        wanted = await count_stock(session, [related, product] if related else [product])
    there = next((one for one in wanted if stock_of(one, None, today).available), None)
    if there is None:
        return []
    name = there.name.say(language)
    buttons = [{"title": name_button(name, language), "payload": f'/buy{{"product":"{there.sku}"}}'}]
    words = {"product": name, "price": price_of(there, language)}
    dispatcher.utter_message(response="utter_how_to_buy", buttons=buttons, **words)
    return [SlotSet("product_proposed", there.sku), SlotSet("proposal", "buy")]


def name_button(name: str, language: str) -> str:
    """ "Buy sports socks" where it fits on a button, else only "Buy"."""
    whole = f"{BUY[language]} {name.split(',', maxsplit=1)[0]}"
    return whole if len(whole) <= TITLE else BUY[language].rstrip(":")


def show_media(dispatcher: Any, address: str) -> None:
    """A picture, or a video as Rasa's channels write it."""
    if not address.startswith(("http://", "https://")):
        address = f"{store.get_settings().public_url}/{address.lstrip('/')}"
    if address.endswith(VIDEO):
        dispatcher.utter_message(attachment={"type": "video", "payload": {"src": address}})
    else:
        dispatcher.utter_message(image=address)
