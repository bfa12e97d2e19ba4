"""What may be done with a campaign in which state, and what it is in then."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.types import CampaignState as State


class Deed(StrEnum):
    """What a person does with a campaign, and Pronto by itself where it schedules and pauses."""

    CHECK = "check"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    PROMOTE = "promote"


# Edits of what is under way are checked and approved beside it, and change no state.
UNDER_WAY = {State.RUNNING: State.RUNNING, State.PAUSED: State.PAUSED}
WAYS: Mapping[Deed, Mapping[State, State]] = {
    Deed.CHECK: UNDER_WAY
    | {
        State.DRAFT: State.CHECKED,
        State.CHECKED: State.CHECKED,
        State.APPROVED: State.APPROVED,
        State.SCHEDULED: State.SCHEDULED,
        State.FINISHED: State.CHECKED,
    },
    Deed.APPROVE: UNDER_WAY | {State.CHECKED: State.APPROVED},
    Deed.SCHEDULE: {State.APPROVED: State.SCHEDULED, State.SCHEDULED: State.SCHEDULED},
    Deed.START: {State.APPROVED: State.RUNNING, State.SCHEDULED: State.RUNNING},
    Deed.PAUSE: {State.RUNNING: State.PAUSED},
    Deed.RESUME: {State.PAUSED: State.RUNNING},
    Deed.FINISH: dict.fromkeys((State.APPROVED, State.SCHEDULED, State.RUNNING, State.PAUSED), State.FINISHED),
    Deed.PROMOTE: UNDER_WAY,
}


class ReleaseError(Exception):
    """This cannot be done with the campaign. code: a name in words.yml; facts: what its sentence fills in."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(f"{code} {facts}" if facts else code)
        self.code, self.facts = code, facts


def next_state(deed: Deed, state: State) -> State:
    """The state after a deed. ReleaseError if it does not fit the state."""
    if state not in WAYS[deed]:
        raise ReleaseError(f"no_{deed}", state=state)
    return WAYS[deed][state]


def list_deeds(state: State) -> list[Deed]:
    """What may be done in a state."""
    return [deed for deed in Deed if state in WAYS[deed]]
