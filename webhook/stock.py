"""Where a shop system tells how many pieces there are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, HTTPException
from pydantic import Field

from contacts.incoming import Text
from core import clock
from offers.company import find_folder, read_company
from offers.stock import UnknownStockError, store_stock
from webhook.api import Many, as_list
from webhook.api_models import Strict
from webhook.deps import AppSettings, Session, require_api_key

router = APIRouter(prefix="/api", tags=["api"], dependencies=[Depends(require_api_key)])

type Pieces = Annotated[int, Field(ge=0, le=1_000_000)]


class StockIn(Strict):
    """How many pieces of a product there are. Sizes left out stay; null: what stands in products.yml counts again."""

    sku: Text
    stock: dict[str, Pieces] | None = Field(description="Pieces per size; `one` for a product without sizes")


@router.put("/stock", summary="Tell how many pieces there are")
async def put_stock(session: Session, settings: AppSettings, body: Annotated[Many[StockIn], Body()]) -> dict[str, int]:
    """One product or up to 1,000, all or none. Those who asked to be told are written to when it is back."""
    told = {item.sku: item.stock for item in as_list(body)}
    try:
        await store_stock(session, read_company(find_folder(settings)).products, told, clock.now())
    except UnknownStockError as error:
        raise HTTPException(422, str(error)) from error
    await session.commit()
    return {"stored": len(told)}
