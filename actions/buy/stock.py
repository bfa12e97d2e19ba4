"""Buying a product: which one, which size, and whether it is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.contracts import read_today
from actions.conversation import Slots
from actions.events import note_event, note_told
from actions.links import make_link
from actions.message import read_language, read_turn_key
from actions.shop.context import MOST_LISTED, find_product, list_products, name_product, price_of, read_words, stock_of
from actions.telling import Telling
from actions.updates import read_said
from actions.wording import format_date
from contacts.consent import give_consent
from core import clock
from core.types import EventKind, Purpose
from offers.company import load_company
from offers.facts import Product
from offers.find_product import find_size
from offers.shop import Stock
from offers.stock import count_stock

FRESH: dict[str, Any] = {
    "product": None,
    "product_among": None,
    "size": None,
    "available": None,
    "restock_wanted": None,
}


def next_question(slots: Slots) -> str | None:
    """Product, size where it has sizes, and only if it is not there, whether to tell when it is."""
    product = find_product(slots.get("product"))
    if product is None:
        return "product"
    if product.sizes and slots.get("size") is None and slots.get("available") is not False:
        return "size"
    return "restock_wanted" if slots.get("available") is False and slots.get("restock_wanted") is None else None


async def greet(telling: Telling) -> None:
    """A yes to "would you like to buy it?" means the product that was named there."""
    proposed = telling.slots.get("product_proposed")
    if telling.tracker.get_slot("taken_up") and proposed:
        telling.told.setdefault("product", proposed)
    telling.slots["product_proposed"] = None


async def check_product(telling: Telling, told: Any) -> Slots:
    """Takes the product; of several that fit equally the customer chooses. Its size may stand beside it."""
    among = [sku for sku in ([told] if isinstance(told, str) else told) if find_product(sku)]
    if len(among) != 1:
        return {"product": None, "product_among": " ".join(among) or None}
    product = find_product(among[0])
    slots: Slots = {"product": among[0], "product_among": None, "available": None, "restock_wanted": None}
    if telling.slots.get("product") not in (None, among[0]):
        slots["size"] = None
    size = find_size(product, read_words(telling.tracker)) if product else None
    if size and "size" not in telling.told:
        slots |= await check_size(telling, size, product)
    return slots


async def check_size(telling: Telling, told: Any, product: Product | None = None) -> Slots:
    """Takes a size the product is made in, as the shop writes it; says so where there is no such size."""
    product = product or find_product(telling.slots.get("product"))
    size = re.sub(r"^EU ", "", str(told).strip().upper())
    if product is None:
        return {"size": size}  # looked at again once the product is known
    if not product.sizes:
        return {"size": None}
    if size not in product.sizes:
        sizes = ", ".join(product.sizes)
        telling.say("utter_size_not_made", wrong=size, product=product.name.say(telling.language), sizes=sizes)
        return {"size": None}
    return {"size": size, "available": None, "restock_wanted": None}


async def search(telling: Telling) -> Slots:
    """Looks up the stock once product and size are known; a thing sold out in all sizes needs no size."""
    slots, told = telling.slots, telling.told
    product = find_product(slots.get("product"))
    if product is None:
        return {}
    if slots.get("size") and "size" not in told and slots["size"] not in product.sizes:
        slots |= await check_size(telling, slots["size"], product)
    stock = await look_up(telling.session, product, slots.get("size"), read_today(telling.contact, telling.now))
    if product.sizes and slots.get("size") is None and stock.available:
        return {"available": None}
    return {"available": stock.available}


async def look_up(session: AsyncSession, product: Product, size: str | None, today: date) -> Stock:
    """What is there of it right now."""
    (counted,) = await count_stock(session, [product])
    return stock_of(counted, size, today)


async def check_restock(telling: Telling, wanted: Any) -> Slots:
    """Keeps the wish with its proof: it is a consent to exactly this message. A no takes nothing back."""
    if wanted:
        await give_consent(telling.session, telling.contact.id, await read_said(telling), Purpose.BACK_IN_STOCK)
        data = {"sku": telling.slots.get("product"), "size": telling.slots.get("size")}
        await note_told(telling, EventKind.RESTOCK_WANTED, data)
    return {"restock_wanted": bool(wanted)}


async def ask_product(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Lists what there is, or only what the sentence may have meant."""
    language = read_language(tracker)
    among = (tracker.get_slot("product_among") or "").split()
    products = [one for one in load_company().products if not among or one.sku in among]
    buttons = list_products(products, "product", language)
    dispatcher.utter_message(response="utter_ask_product_among" if among else "utter_ask_product", buttons=buttons)
    return []


async def ask_size(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Lists the sizes the product is made in."""
    product = find_product(tracker.get_slot("product"))
    if product is None:
        return []
    buttons = list_sizes(product.sizes[:MOST_LISTED])
    name = product.name.say(read_language(tracker))
    dispatcher.utter_message(response="utter_ask_size", product=name, buttons=buttons)
    return []


async def ask_restock_wanted(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Says honestly that it is sold out, which sizes are there, and offers to tell when it is back."""
    product = find_product(tracker.get_slot("product"))
    if product is None:
        return []
    async with store.open_session() as session:
        today = read_today(await store.load_contact(session, tracker), clock.now())
        stock = await look_up(session, product, tracker.get_slot("size"), today)
    say_stock(dispatcher, stock, read_language(tracker))
    buttons = list_sizes(stock.other_sizes[:1])
    dispatcher.utter_message(response="utter_ask_restock_wanted", buttons=buttons)
    return []


def list_sizes(sizes: Iterable[str]) -> list[dict[str, str]]:
    """A button for each size."""
    return [{"title": size, "payload": f'/inform{{"size":"{size}"}}'} for size in sizes]


def say_stock(dispatcher: Any, stock: Stock, language: str) -> None:
    """Whether a product is there, with the price, how few are left, or the day it is back."""
    name = name_product(stock.product, stock.size, language)
    if stock.available:
        price = price_of(stock.product, language)
        dispatcher.utter_message(response="utter_product_in_stock", product=name, price=price)
        if stock.few:
            dispatcher.utter_message(response="utter_product_few", pieces=stock.few)
        return
    if stock.back_on:
        back = format_date(stock.back_on, language)
        dispatcher.utter_message(response="utter_product_back_on", product=name, date=back)
    else:
        dispatcher.utter_message(response="utter_product_sold_out", product=name)
    if stock.other_sizes:
        dispatcher.utter_message(response="utter_product_other_sizes", sizes=", ".join(stock.other_sizes))


async def finish_buying(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """The price and the link where it is there, else what was agreed. The product is kept for questions that follow."""
    product = find_product(tracker.get_slot("product"))
    if product is None or not tracker.get_slot("available"):
        wanted = tracker.get_slot("restock_wanted")
        dispatcher.utter_message(response="utter_restock_on" if wanted else "utter_restock_off")
        return [SlotSet("restock_wanted", None)]
    size, language, now = tracker.get_slot("size"), read_language(tracker), clock.now()
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        stock = await look_up(session, product, size, read_today(contact, now))
        url = await make_link(session, contact.id, product.checkout_url, product.sku)
        kind, key = EventKind.CHECKOUT_STARTED, read_turn_key(tracker)
        await note_event(session, contact.id, kind, f"{key}:{kind}", {"sku": product.sku, "size": size}, now)
        await session.commit()
    say_stock(dispatcher, stock, language)
    if load_company().sample:
        dispatcher.utter_message(response="utter_company_sample")
    dispatcher.utter_message(response="utter_product_link", url=url)
    return []
