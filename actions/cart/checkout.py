"""The cart left behind: shown in one message, then to the checkout, a question, or a no that is respected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rasa_sdk.events import SlotSet

from actions import store
from actions.contracts import read_today
from actions.conversation import Slots
from actions.events import note_told
from actions.links import make_link
from actions.message import read_intent, read_language
from actions.telling import Telling
from actions.wording import format_money
from core import clock
from core.tables import Contact
from core.types import EventKind
from offers.cart import OpenCart, load_cart
from offers.company import load_company
from offers.shop import CartLine, check_stock

FRESH: dict[str, Any] = {"cart": None, "cart_decision": None}
CHECKOUT, QUESTION, NO = "checkout", "question", "no"


def next_question(slots: Slots) -> str | None:
    """What to do with the cart; without a cart nothing is asked."""
    return "cart_decision" if slots.get("cart") and slots.get("cart_decision") is None else None


async def greet(telling: Telling) -> None:
    """Looks whether there is a cart. Who asks for it to be paid needs no further question."""
    found = await load_cart(telling.session, telling.contact.id, telling.language)
    telling.slots["cart"] = "open" if found else None
    asked = read_intent(telling.tracker) == "cart_checkout" and not telling.tracker.get_slot("taken_up")
    if found and asked:
        telling.told.setdefault("cart_decision", CHECKOUT)


async def check_decision(telling: Telling, decision: Any) -> Slots:
    """Keeps what the customer wants; a question leaves it open."""
    if not telling.slots.get("cart"):
        return {"cart_decision": None}
    if decision == QUESTION:
        return {"cart_decision": None}
    kind = EventKind.CHECKOUT_STARTED if decision == CHECKOUT else EventKind.CART_DECLINED
    data = {"intent": read_intent(telling.tracker)}
    await note_told(telling, kind, data)
    return {"cart_decision": decision}


async def ask_cart_decision(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Invites the questions someone has, else leads back to the cart with its link."""
    if read_intent(tracker) == "more_info":
        dispatcher.utter_message(response="utter_cart_questions")
        return []
    _, _, url = await open_cart(tracker)
    if url:
        dispatcher.utter_message(response="utter_ask_cart_decision", url=url)
    else:
        dispatcher.utter_message(response="utter_propose_cart_checkout")
    return []


async def finish_checkout(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """The cart and its link, or a plain goodbye to it."""
    language, now = read_language(tracker), clock.now()
    contact, cart, url = await open_cart(tracker)
    if cart is None:
        dispatcher.utter_message(response="utter_no_cart")
    elif tracker.get_slot("cart_decision") == NO:
        dispatcher.utter_message(response="utter_cart_declined")
    else:
        show_cart(dispatcher, cart, language)
        for name, words in list_scarce(cart, read_today(contact, now), language):
            dispatcher.utter_message(response=name, **words)
        if load_company().sample:
            dispatcher.utter_message(response="utter_company_sample")
        ending = {"response": "utter_cart_checkout", "url": url} if url else {"response": "utter_cart_no_link"}
        dispatcher.utter_message(**ending)
    return [SlotSet(name, value) for name, value in FRESH.items()]


async def open_cart(tracker: Any) -> tuple[Contact, OpenCart | None, str | None]:
    """Whose cart it is, the cart, and the tracked link to its checkout."""
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        cart = await load_cart(session, contact.id, read_language(tracker))
        url = await make_link(session, contact.id, cart.url, "cart") if cart and cart.url else None
        await session.commit()
    return contact, cart, url


def show_cart(dispatcher: Any, cart: OpenCart, language: str) -> None:
    """What is in it, a line each, and the total where every price is known."""
    items = "\n".join(word_line(line, cart.cart.currency, language) for line in cart.cart.lines)
    if cart.cart.total is None:
        dispatcher.utter_message(response="utter_cart_without_total", items=items)
        return
    total = format_money(cart.cart.total, cart.cart.currency, language)
    dispatcher.utter_message(response="utter_cart", items=items, total=total)


def word_line(line: CartLine, currency: str, language: str) -> str:
    """2 × Yoga mat, €69.80; the price of all its pieces."""
    price = None if line.price is None else format_money(line.price * Decimal(line.quantity), currency, language)
    return f"{line.quantity} × {line.name}" + (f", {price}" if price else "")


def list_scarce(cart: OpenCart, today: Any, language: str) -> list[tuple[str, dict[str, Any]]]:
    """The texts on what is sold out or nearly so: only what the stock really says."""
    hints: list[tuple[str, dict[str, Any]]] = []
    for product in cart.products:
        stock = check_stock(product, None, today)
        words: dict[str, Any] = {"product": product.name.say(language)}
        if not stock.available:
            hints.append(("utter_cart_sold_out", words))
        elif stock.few:
            hints.append(("utter_cart_few", words | {"pieces": stock.few}))
    return hints
