"""What the API takes and answers about campaigns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from contacts.incoming import Text
from core.types import CampaignState
from webhook.api_models import Strict


class DeedIn(Strict):
    """Who decides: the email of an account that may, a marketer's or an administrator's."""

    by: Text = Field(examples=["marta@example.org"])
    why: str = Field("", max_length=500, description="In your own words; others read it")


class ScheduleIn(DeedIn):
    """When it starts and ends by itself."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None


class PromoteIn(DeedIn):
    """Which arm is the winner."""

    arm: Text | None = Field(None, description="95 of 100 newcomers get it; left out: the shares of the journey")


class AddIn(DeedIn):
    """Contacts to put in by hand."""

    contacts: Annotated[list[Text], Field(min_length=1, max_length=1000)]
    batch: Text = Field(description="Nobody is added twice under the same name, so a request may be repeated")
    try_only: bool = Field(False, description="Say what it would do, and do nothing")


class DeedOut(BaseModel):
    """The campaign after it. changed: false if it was so before."""

    name: str
    state: CampaignState
    why: str
    changed: bool
    withdrawn: int = Field(0, description="Queued messages that were withdrawn before they left")
    moved: int = Field(0, description="People put before their message again (resume), or ended (finish)")


class Refused(BaseModel):
    """Somebody who may not enter. reason: as told; code: already_under_way, entry_not_met:score and so on."""

    contact: str
    code: str
    reason: str


class AddOut(BaseModel):
    """What came of each contact that was named."""

    added: int
    before: int = Field(description="Added under this batch before")
    refused: list[Refused]
    unknown: list[str]
    would_send: int = Field(description="First messages that would leave now")
    would_hold: dict[str, int] = Field(description="And those that would be held, by reason")


class CampaignLine(BaseModel):
    """A campaign in the list. version: the one newcomers enter, none before the first check."""

    name: str
    state: CampaignState
    why: str
    version: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    changed_at: datetime | None
    entered: int
    under_way: int
    converted: int


class StepOut(BaseModel):
    """A step and who stands there now."""

    step: str
    kind: str
    people: int


class CampaignOut(CampaignLine):
    """One campaign. waiting: whether a newer text waits to be checked or approved."""

    title: str
    waiting: bool
    promoted_arm: str | None
    may: list[str] = Field(description="What can be done in this state")
    steps: list[StepOut]
    held: dict[str, int] = Field(description="Messages held so far, by reason")


class PersonOut(BaseModel):
    """Somebody in the campaign. id: for paging; contact: the token. outcome: how it ended, empty while under way."""

    id: int
    contact: str
    name: str | None
    arm: str
    step: str | None
    step_at: datetime
    due_at: datetime | None
    entered_at: datetime
    ended_at: datetime | None
    outcome: str | None
    converted_at: datetime | None


class ForeseenOut(BaseModel):
    """Somebody's first message. reason: why it would be held, empty if it would leave."""

    contact: str
    name: str | None
    arm: str
    template: str
    text: str
    reason: str
    again_at: datetime | None


class ReplayOut(BaseModel):
    """The last 30 days as if it had run, with today's consent, scores and offers."""

    days: int
    entered: int
    sent: int
    held: int
    cost: Decimal
    converted_anyway: int


class DryRunOut(BaseModel):
    """What today would bring: first messages only, and whom a next step waits for if nobody answers before."""

    day: date
    meant: int = Field(description="People the triggers mean")
    entered: int
    refused: dict[str, int]
    control: int
    sent: int
    held: dict[str, int]
    cost: Decimal
    currency: str
    percent_of_limit: float | None
    follow_ups: dict[str, int] = Field(description="Templates that may follow today to those under way; not in `sent`")
    people: list[ForeseenOut] = Field(description="The first 200")
    replay: ReplayOut | None = None
    said: list[str] = Field(description="The same in sentences")


class GroupOut(BaseModel):
    """Counts of people who entered. by: all, arm, segment or language; empty arm, segment, language: all of them."""

    by: str
    arm: str
    segment: str
    language: str
    entered: int
    under_way: int
    sent: int
    messages: int
    failed: int
    delivered: int
    read: int
    replied: int
    clicked: int
    converted: int
    revenue: Decimal
    opted_out: int
    complained: int
    cost: Decimal
    median_hours_to_convert: float | None


class IntervalOut(BaseModel):
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


class EffectOut(BaseModel):
    """What an arm adds beside another. rate: 0.01 is one point of a hundred; revenue: per contact."""

    arm: str
    beside: str
    segment: str
    language: str
    contacts: int
    beside_contacts: int
    rate: IntervalOut | None
    revenue: IntervalOut | None
    verdict: str


class ResultsOut(BaseModel):
    """Results of those who entered in the span that was asked for."""

    groups: list[GroupOut]
    effects: list[EffectOut]
    held: dict[str, int]
    outcomes: dict[str, int]


class LinkOut(BaseModel):
    """Something that happened. kind: planned, entered, step, sent, held, reply, event, converted and so on."""

    at: datetime
    kind: str
    what: str
    detail: str
    text: str


class WhyOut(BaseModel):
    """One contact in a campaign: what was decided and why, what would be decided now, and all that happened."""

    contact: str
    campaign: str
    why: list[str]
    chain: list[LinkOut]
