"""What the API takes and answers. Unknown fields are refused, so that a slip shows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import HTTPException
from pydantic import BaseModel, BeforeValidator, Field, model_validator

from contacts.incoming import ContactIn, Country, Currency, EventIn, Incoming, Money, Price, Text


def join_codes(value: Any) -> Any:
    return ";".join(value) if isinstance(value, list) else value


type Codes = Annotated[str, BeforeValidator(join_codes)]


class Strict(Incoming):
    """A body of a request: what cannot be stored is refused before anything else is looked at."""

    @model_validator(mode="before")
    @classmethod
    def can_be_stored(cls, value: Any) -> Any:
        """PostgreSQL's text holds every character but NUL and halves of surrogate pairs."""
        try:
            written = orjson.dumps(value, default=str)
        except orjson.JSONEncodeError as error:
            # Not a ValueError: FastAPI would repeat the text in its answer, which cannot be written either.
            raise HTTPException(422, "a text is not valid Unicode: correct it") from error
        if b"\\u0000" in written:
            raise ValueError("the NUL character cannot be stored: remove it")
        return value


class ContactBody(Strict, ContactIn):
    """A person. phone or user_id finds or creates it; external_id alone finds it. Fields left out stay as they are."""


class EventBody(Strict, EventIn):
    """Something a contact did in another system."""


class OfferIn(Strict):
    """An offer of your own. Prices before taxes and network charges. No region, province, municipality: everywhere."""

    code: Text
    kind: Text = "electricity"
    country: Country
    supplier: Text
    name: Text
    price_type: Literal["fixed", "variable"]
    price_per_kwh: Price = Field(description="Fixed: the price. Variable: the spread on the index")
    fixed_per_year: Money
    currency: Currency = "EUR"
    green: bool
    region: Codes | None = Field(None, description="Codes (Italy: ISTAT), as a list or with ; between them")
    province: Codes | None = None
    municipality: Codes | None = None
    valid_from_on: date | None = None
    valid_until_on: date | None = None
    sample: bool = False
    url: Annotated[str, Field(pattern="^https?://[^ ]+$")] | None = None


class MessageIn(Strict):
    """A template for one contact. parameters replace what would be filled in from the contact."""

    contact: Text
    template: Text = Field(examples=["energy_value"])
    parameters: dict[str, Text] = Field(default_factory=dict)
    key: Text | None = Field(None, description="The occasion, sent once; left out: this template, contact and day")
    at_once: bool = Field(
        False, description="A person wants it now: caps, quiet hours, an open handoff or conversation do not hold it"
    )


class ClockIn(Strict):
    """How far to move the demo's clock."""

    seconds: Annotated[float, Field(gt=0, le=366 * 86400)]


class ContactOut(BaseModel):
    """The id under which the contact is known from now on."""

    token: str
    external_id: str | None


class EventsOut(BaseModel):
    """How many events were new, and how many were known already."""

    stored: int
    repeated: int


class MessageOut(BaseModel):
    """The queued message; repeated if this occasion was queued before."""

    id: int
    state: str
    text: str
    repeated: bool


class ClockOut(BaseModel):
    """The demo's present."""

    now: datetime
