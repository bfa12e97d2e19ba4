"""Every custom action of domain.yml and the function that runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from actions import choice, energy_form, handoff, offering, place, profile, proposal, trouble

ACTIONS: dict[str, Callable[[Any, Any, Any], Awaitable[list[dict[str, Any]]]]] = {
    "action_session_start": profile.start_session,
    "action_propose_comparison": proposal.propose_comparison,
    "action_propose_person": proposal.propose_person,
    "action_repeat_proposal": proposal.repeat_proposal,
    "action_close_proposal": proposal.close_proposal,
    "validate_energy_form": energy_form.validate_energy_form,
    "action_ask_country": place.ask_country,
    "action_ask_offer_choice": offering.ask_offer_choice,
    "action_ask_offer_confirmed": choice.ask_offer_confirmed,
    "action_help_answer": trouble.help_answer,
    "action_pause_comparison": trouble.pause_comparison,
    "action_use_location": place.use_location,
    "action_finish_comparison": choice.finish_comparison,
    "action_restart": trouble.restart_comparison,
    "action_misunderstood": trouble.say_not_understood,
    "action_acknowledge_media": trouble.acknowledge_media,
    "action_hand_over": handoff.hand_over,
}
