"""Every custom action of domain.yml and the function that runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from actions import (
    anger,
    begin,
    choice,
    conversation_form,
    feedback,
    handoff,
    objections,
    offering,
    proposal,
    questions,
    reasons,
    rights,
    session,
    trouble,
    updates,
)
from actions.branch import hours, nearest
from actions.buy import stock
from actions.cart import checkout
from actions.energy import gas, place
from actions.how_to import steps
from actions.insurance import contact_way, no_claims
from actions.membership import asking, facts
from actions.shop import answers as shop_answers
from actions.win_back import reason as churn

ACTIONS: dict[str, Callable[[Any, Any, Any], Awaitable[list[dict[str, Any]]]]] = {
    "action_session_start": session.start_session,
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
    "action_help": trouble.show_help,
    "action_help_answer": trouble.help_answer,
    "action_pause": trouble.pause_conversation,
    "action_misunderstood": trouble.say_not_understood,
    "action_acknowledge_media": trouble.acknowledge_media,
    "action_hand_over": handoff.hand_over,
    "action_note_feedback": feedback.note_feedback,
    "action_meet_objection": objections.meet_objection,
    "action_meet_abuse": anger.meet_abuse,
    "action_meet_complaint": anger.meet_complaint,
    "action_break_off": begin.break_off_conversation,
    # what customers may ask of us
    "action_opt_out": rights.opt_out,
    "action_opt_out_marketing": rights.opt_out_marketing,
    "action_opt_in": rights.opt_in,
    "action_export_data": rights.export_data,
    "action_ask_erasure": rights.ask_erasure,
    "action_wrong_person": rights.note_wrong_person,
    "action_moved_away": rights.note_moved_away,
    "action_bereavement": rights.note_bereavement,
    # questions only we can ask
    "action_ask_updates_wanted": updates.ask_updates_wanted,
    # renewing a membership, winning back who left
    "action_ask_renewal_decision": asking.ask_renewal_decision,
    "action_ask_alternative_decision": asking.ask_alternative_decision,
    "action_ask_return_decision": churn.ask_return_decision,
    # offers of any kind
    "action_ask_offer_choice": offering.ask_offer_choice,
    "action_ask_offer_confirmed": choice.ask_offer_confirmed,
    # the comparison of electricity offers
    "action_ask_country": place.ask_country,
    # the comparison of motor policies
    "action_ask_no_claims_class": no_claims.ask_no_claims_class,
    "action_ask_contact_way": contact_way.ask_contact_way,
    # the shop and the branches
    "action_ask_postcode": nearest.ask_postcode,
    "action_ask_cart_decision": checkout.ask_cart_decision,
    "action_ask_product": stock.ask_product,
    "action_ask_size": stock.ask_size,
    "action_ask_restock_wanted": stock.ask_restock_wanted,
    "action_ask_topic": steps.ask_topic,
}

questions.LIVE |= {"ask_gas": gas.note_gas}
questions.LIVE |= {"ask_no_claims": no_claims.explain_no_claims}
questions.LIVE |= {"ask_pause": facts.explain_pause, "ask_contract_end": facts.tell_contract_end}

# Registered here, where nothing is imported back: these answers may begin a conversation.
questions.LIVE.update(shop_answers.LIVE, ask_opening_hours=hours.answer_opening_hours)
questions.ANSWERED_BY.update(shop_answers.ANSWERED_BY)

questions.LIVE |= {"ask_why_writing": reasons.explain_contact, "ask_number_source": reasons.tell_number_source}
questions.LIVE |= {kind: objections.answer_objection(kind) for kind in objections.OBJECTIONS}
