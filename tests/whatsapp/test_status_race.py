from __future__ import annotations

import asyncio

from sqlalchemy import text

from core.types import Delivery, DeliveryStatus
from whatsapp.deliveries import store_deliveries


async def store(desk, *deliveries: Delivery) -> None:
    async with desk.sessions() as session:
        for way in ("seqscan", "hashjoin", "mergejoin"):  # as with a large outbox
            await session.execute(text(f"SET LOCAL enable_{way} = off"))
        await store_deliveries(session, deliveries, desk.clock())
        await session.commit()


async def test_statuses_that_wait_for_the_worker_to_note_the_answer_are_not_lost(desk) -> None:
    made = [(await desk.queue(await desk.add_contact()))[0] for _ in range(3)]
    callbacks = [(await desk.row(one)).callback for one in made]
    told = [
        Delivery(f"wamid.{n}", DeliveryStatus.DELIVERED, desk.clock(), "900", callback=word)
        for n, word in enumerate(callbacks)
    ]
    async with desk.sessions() as worker:
        for row in made:  # the worker stores WhatsApp's ids and has not committed yet
            await worker.execute(text("UPDATE outbox SET state = 'accepted' WHERE id = :id"), {"id": row})
        storing = asyncio.create_task(store(desk, *told))
        await asyncio.sleep(0.3)
        assert not storing.done()
        await worker.commit()
    await storing
    assert [(await desk.row(one)).state for one in made] == ["delivered"] * 3


async def test_a_contact_another_transaction_holds_is_marked_when_it_is_free(desk) -> None:
    contact = await desk.add_contact()
    (row,) = await desk.queue(contact)
    callback = (await desk.row(row)).callback
    told = Delivery("wamid.1", DeliveryStatus.READ, desk.clock(), "900", callback=callback)
    async with desk.sessions() as other:
        await other.execute(text("UPDATE contact SET place = 'Torino', score_stale_at = NULL"))
        storing = asyncio.create_task(store(desk, told))
        await asyncio.sleep(0.3)
        assert not storing.done()
        await other.commit()
    await storing
    async with desk.sessions() as session:
        found = (await session.execute(text("SELECT place, score_stale_at FROM contact"))).one()
    assert tuple(found) == ("Torino", desk.clock())
    assert (await desk.row(row)).state == "read"
