"""The other shipped journeys, each walked as its customers walk it, over the real gate."""

from __future__ import annotations

from datetime import timedelta

from campaigns.journeys.reading import load_journeys
from tests.campaigns.journeys.world import World


def test_every_industry_of_the_seeds_has_its_journey() -> None:
    shipped = load_journeys()
    assert {"energy", "gym", "insurance", "cart", "win_back", "new_offer", "first_purchase"} <= set(shipped)
    assert all(journey.control_percent == 10 for journey in shipped.values())


async def test_gym_yes_more_or_no_ten_days_before_the_end(world: World) -> None:
    await world.run("gym")
    member = await world.meet()
    await world.sign(member, "gym", 10)
    assert await world.enter("gym", member) == ["entered"]
    await world.walk()
    assert await world.sent() == ["membership_renewal"]
    (row,) = await world.read("SELECT options FROM outbox")
    assert [one["id"] for one in row.options[:3]] == ["/affirm", "/more_info", "/deny"]
    await world.say(member, "more_info")
    await world.walk()
    assert await world.stands() == [("talking", None)]
    await world.happen(member, "renewal_accepted")
    await world.walk()
    assert await world.stands() == [("talking", "converted")]


async def test_insurance_begins_with_a_yes_and_reminds_once(world: World) -> None:
    await world.run("insurance")
    driver = await world.meet()
    await world.sign(driver, "insurance", 30)
    await world.save(driver, 12, "insurance")
    assert await world.enter("insurance", driver) == ["entered"]
    await world.walk()
    await world.walk(days=3)
    assert await world.sent() == ["insurance_value", "insurance_reminder"]
    await world.say(driver, "affirm")
    await world.walk()
    await world.happen(driver, "offer_chosen")
    await world.walk()
    assert await world.stands() == [("comparing_again", "converted")]


async def test_a_cart_is_reminded_of_once_and_never_again_after_a_no(world: World) -> None:
    await world.run("cart")
    keen, shy = await world.meet(1), await world.meet(2)
    for one in (keen, shy):
        await world.happen(one, "cart_abandoned", items=[{"sku": "MAT-01", "quantity": 1, "name": "Tappetino"}])
    world.now = world.now.replace(hour=12)
    assert await world.enter("cart", keen, shy) == ["entered", "entered"]
    await world.walk()
    assert await world.sent() == ["cart_reminder", "cart_reminder"]
    await world.happen(shy, "cart_declined")
    await world.happen(keen, "checkout_started")
    await world.walk()
    assert await world.stands() == [("paying", None), ("declined", "declined")]
    await world.happen(keen, "purchase", value=40)
    await world.walk()
    assert await world.stands() == [("paying", "converted"), ("declined", "declined")]
    assert await world.enter("cart", keen, occasion="o2") == ["too_soon"]


async def test_win_back_follows_the_reason(world: World) -> None:
    await world.run("win_back")
    people = {reason: await world.meet(n) for n, reason in enumerate(("price", "service", "drifted", "competitor"), 1)}
    assert set(await world.enter("win_back", *people.values())) == {"entered"}
    await world.walk()
    assert await world.sent() == ["win_back"] * 4
    for reason, contact in people.items():
        await world.happen(contact, "churn_reason", reason=reason)
    await world.walk(days=8)
    assert await world.stands() == [
        ("until_price", None),
        ("respected", "respected"),
        ("last", None),
        ("respected", "respected"),
    ]
    (task,) = await world.read("SELECT contact_id, facts FROM task")
    assert task.contact_id == people["service"]
    assert "entschuldige dich" in task.facts["de"]
    await world.walk(days=22)
    assert (await world.sent())[4:] == ["win_back_drifted", "win_back_price"]
    await world.happen(people["price"], "return_declined")
    await world.walk()
    assert (await world.stands())[0] == ("declined", "declined")
    assert await world.enter("win_back", people["price"], occasion="o2") == ["too_soon"]


async def test_a_new_offer_is_told_only_to_whom_it_saves_something(world: World) -> None:
    await world.run("new_offer")
    saves, little = await world.meet(1), await world.meet(2)
    for one, percent in ((saves, 11), (little, 3)):
        await world.sign(one, "electricity", 40)
        await world.save(one, percent)
    assert await world.enter("new_offer", saves, little) == ["entered", "entry_not_met"]
    await world.walk()
    assert await world.sent() == ["energy_new_offer"]
    assert "circa il 11 %" in (await world.read("SELECT text FROM outbox"))[0].text


async def test_a_first_order_is_cared_for_before_a_second_is_proposed(world: World) -> None:
    await world.run("first_purchase")
    buyer = await world.meet()
    await world.happen(buyer, "purchase", value=60)
    world.now += timedelta(days=3)
    assert await world.enter("first_purchase", buyer) == ["entered"]
    await world.walk()
    assert (await world.read("SELECT template FROM send_decision"))[0].template == "first_order"
    assert await world.stands() == [("later", None)]
    await world.walk(days=22)
    assert await world.stands() == [("answer", None)]
    await world.happen(buyer, "purchase", value=30)
    await world.walk()
    assert await world.stands() == [("answer", "converted")]
    assert await world.enter("first_purchase", buyer, occasion="o2") == ["too_soon"]


async def test_interest_in_prices_is_met_in_the_chat_or_by_a_message(world: World) -> None:
    await world.run("price_interest")
    chatting, silent = await world.meet(1), await world.meet(2)
    for one in (chatting, silent):
        await world.sign(one, "electricity", 40)
        await world.save(one)
    await world.say(chatting, "greet")
    world.now += timedelta(hours=1)
    assert await world.enter("price_interest", chatting, silent) == ["entered", "entered"]
    await world.walk()
    assert await world.stands() == [("comparing", None), ("answer", None)]
    asked = await world.read("SELECT contact_id, text, decision FROM turn WHERE finished_at IS NULL")
    assert [tuple(row) for row in asked] == [(chatting, "/energy_comparison", "ask_rasa")]
    assert (await world.read("SELECT ready_at IS NOT NULL AS ready FROM lane WHERE contact_id = 1"))[0].ready
    assert await world.sent() == ["energy_value"]
