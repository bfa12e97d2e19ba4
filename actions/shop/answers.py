"""Answers to what customers ask a shop: sizes, shipping, returns, stock, discount, payment; for their cart if any."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from rasa_sdk.events import SlotSet

from actions.begin import is_under_way, switch_conversation
from actions.buy.conversation import CONVERSATION as BUY
from actions.buy.stock import say_stock
from actions.message import read_entity
from actions.questions import say_answer
from actions.shop.context import name_country, read_words, stock_of
from actions.shop.subject import Subject, read_subject
from actions.wording import format_date, format_money, format_percent
from offers.facts import Product
from offers.find_product import find_size
from offers.shop import answer_discount, return_deadline, shipping_cost

FIT = re.compile(r"\bcm\b|centimet|zentimet|\bvest|\bcalz(?:a|ano)\b|misur|\bfäll|\bpass|\bfit|\bruns? ", re.IGNORECASE)
PARCEL_DAYS = 14  # after a purchase, a question about shipping may be about the parcel


async def answer_sizes(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """The size table of the product; all tables where we do not know which. "Do you have 43?" asks for the stock."""
    subject = await read_subject(tracker)
    if any(read_size(tracker, product) for product in subject.products) and not FIT.search(read_words(tracker)):
        return await answer_stock(dispatcher, tracker)
    shop, language = subject.shop, subject.language
    sized = [product for product in subject.products if product.sizes]
    names = [product.size_table for product in sized if product.size_table]
    for name in dict.fromkeys(names) if sized else shop.size_tables:
        dispatcher.utter_message(response="utter_shop_size_table", table=shop.size_tables[name].say(language))
    for product in sized:
        if not product.size_table:
            words = {"product": product.name.say(language), "sizes": ", ".join(product.sizes)}
            dispatcher.utter_message(response="utter_shop_sizes_of", **words)
    return lead_back(tracker, subject)


async def answer_shipping(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """What sending the cart to the contact's country costs and takes, and what is missing until it is free."""
    subject = await read_subject(tracker)
    language, country = subject.language, name_country(subject.country, subject.language)
    rule = shipping_cost(subject.shop, subject.total or Decimal(0), subject.country, subject.currency)
    if rule is None:
        dispatcher.utter_message(response="utter_shop_no_shipping", country=country)
        return lead_back(tracker, subject)
    days = f"{rule.days_min}-{rule.days_max}" if rule.days_min < rule.days_max else str(rule.days_max)
    free = not rule.cost
    cost = format_money(rule.cost, rule.currency, language)
    words = {"country": country, "days": days} | ({} if free else {"cost": cost})
    dispatcher.utter_message(response="utter_shop_shipping_free" if free else "utter_shop_shipping", **words)
    if not free and rule.free_from is not None and rule.missing_for_free is not None:
        limit = format_money(rule.free_from, rule.currency, language)
        missing = format_money(rule.missing_for_free, rule.currency, language)
        known = {"free_from": limit} | ({"missing": missing} if subject.total else {})
        name = "utter_shop_shipping_missing" if subject.total else "utter_shop_shipping_from"
        dispatcher.utter_message(response=name, **known)
    waits = subject.bought_on and (subject.today - subject.bought_on).days <= PARCEL_DAYS and not subject.cart
    if waits and not tracker.active_loop:
        dispatcher.utter_message(response="utter_shop_parcel")
        return [SlotSet("proposal", "person")]
    return lead_back(tracker, subject)


async def answer_returns(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """How long and how; for the newest purchase, until which day."""
    subject = await read_subject(tracker)
    returns, language = subject.shop.returns, subject.language
    dispatcher.utter_message(response="utter_shop_returns", days=returns.days, how=returns.how.say(language))
    if subject.bought_on:
        deadline = return_deadline(subject.shop, subject.bought_on, subject.today)
        name = "utter_shop_returns_over" if deadline.over else "utter_shop_returns_until"
        dispatcher.utter_message(response=name, date=format_date(deadline.last_day, language))
    return lead_back(tracker, subject)


async def answer_discount_question(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """The discount that holds today and what it takes off; none is promised where there is none."""
    subject = await read_subject(tracker)
    if subject.elsewhere:
        say_answer(dispatcher, tracker, "ask_discount")
        return []
    found, language = answer_discount(subject.shop, subject.today, subject.total, subject.currency), subject.language
    if found is None:
        dispatcher.utter_message(response="utter_shop_no_discount")
        return lead_back(tracker, subject)
    discount = found.discount
    percent = f"{discount.percent:g}{' ' if language == 'de' else ''}%"
    if discount.percent != int(discount.percent):
        percent = format_percent(discount.percent, language)
    least = format_money(discount.minimum, discount.currency, language)
    until = format_date(discount.until_on, language)
    dispatcher.utter_message(response="utter_shop_discount", percent=percent, minimum=least, until=until)
    if discount.code:
        dispatcher.utter_message(response="utter_shop_discount_code", code=discount.code)
    if found.amount is not None:
        amount = format_money(found.amount, discount.currency, language)
        dispatcher.utter_message(response="utter_shop_discount_amount", amount=amount)
    elif found.missing is not None:
        missing = format_money(found.missing, discount.currency, language)
        dispatcher.utter_message(response="utter_shop_discount_missing", missing=missing)
    return lead_back(tracker, subject)


async def answer_payment(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """The ways to pay; never in the chat."""
    subject = await read_subject(tracker)
    if subject.elsewhere:
        say_answer(dispatcher, tracker, "ask_payment")
        return []
    methods = ", ".join(method.say(subject.language) for method in subject.shop.payment_methods)
    dispatcher.utter_message(response="utter_shop_payment", methods=methods)
    return lead_back(tracker, subject)


async def answer_stock(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """Whether it is there. What is named, or was talked about, may be bought at once; the cart's products are told."""
    subject = await read_subject(tracker)
    buying = tracker.get_slot("conversation") == BUY.name and tracker.active_loop
    in_cart = {line.sku for line in subject.cart.cart.lines} if subject.cart else set()
    products = subject.products
    if products and all(product.sku in in_cart for product in products):
        for product in products:
            say_stock(dispatcher, stock_of(product, read_size(tracker, product), subject.today), subject.language)
        return lead_back(tracker, subject)
    if buying:
        return []  # the form asks which product, or which size
    if subject.named:
        return switch_conversation(tracker, BUY)
    proposed = SlotSet("product_proposed", subject.current.sku if subject.current else None)
    return [proposed, *switch_conversation(tracker, BUY, taken_up=True)]


def read_size(tracker: Any, product: Product) -> str | None:
    """The size a question names, if the product is made in it."""
    size = find_size(product, read_words(tracker)) or read_entity(tracker, "size")
    return str(size) if size in product.sizes else None


def lead_back(tracker: Any, subject: Subject) -> list[dict[str, Any]]:
    """After an answer out of any conversation, a cart nobody declined is proposed again."""
    if is_under_way(tracker) or tracker.get_slot("proposal") or subject.cart is None or subject.cart.declined:
        return []
    return [SlotSet("proposal", "cart_checkout")]


LIVE = {
    "ask_sizes": answer_sizes,
    "ask_shipping": answer_shipping,
    "ask_returns": answer_returns,
    "ask_discount": answer_discount_question,
    "ask_payment": answer_payment,
    "ask_stock": answer_stock,
}
# A product or a size in the talk about buying is answered by its end, which tells the stock.
ANSWERED_BY = {"ask_stock": {"product", "size"}}
