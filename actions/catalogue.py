"""Every custom action of domain.yml and the function that runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from actions import begin, choice, conversation_form, handoff, offering, profile, proposal, questions, trouble
from actions.energy import place

ACTIONS: dict[str, Callable[[Any, Any, Any], Awaitable[list[dict[str, Any]]]]] = {
    "action_session_start": profile.start_session,
    "action_propose": proposal.propose,
    "action_propose_person": proposal.propose_person,
    "action_repeat_proposal": proposal.repeat_proposal,
    "action_close_proposal": proposal.close_proposal,
    "action_answer_proposal": proposal.answer_proposal,
    "action_begin": begin.begin_conversation,
    "action_finish": begin.finish_conversation,
    "action_restart": begin.restart_conversation,
    "action_answer_question": questions.answer_question,
    "validate_conversation_form": conversation_form.validate_conversation_form,
    "action_help_answer": trouble.help_answer,
    "action_pause": trouble.pause_conversation,
    "action_misunderstood": trouble.say_not_understood,
    "action_acknowledge_media": trouble.acknowledge_media,
    "action_hand_over": handoff.hand_over,
    # offers of any kind
    "action_ask_offer_choice": offering.ask_offer_choice,
    "action_ask_offer_confirmed": choice.ask_offer_confirmed,
    # the comparison of electricity offers
    "action_ask_country": place.ask_country,
}
