"""Anger: a calm word for insults, an apology for complaints, and a person before it gets worse."""

from __future__ import annotations

import re
from typing import Any

from actions.begin import is_under_way, leave_conversation
from actions.feedback import note_feedback
from actions.handoff import hand_over
from actions.message import count_intent, read_sentence
from actions.proposal import repeat_proposal, take_up, turn_to_person

SHOUTED = 12  # letters; a shorter word in capitals is no shouting
FURIOUS = re.compile(
    r"\b(?:vergogn\w*|schifo|schifos\w*|denunci\w*|avvocat\w*|truffator\w*|ladri|incivil\w*|indecent\w*|inaccettabil\w*"
    r"|frechheit|unverschämt\w*|unverschaemt\w*|anwalt\w*|anzeige|verarsch\w*|betrüger\w*|sauerei|katastrophe|unfassbar"
    r"|disgust\w*|disgrace\w*|lawyer\w*|solicitor\w*|sue|crooks?|thieves|outrage\w*|appalling|furious|unacceptable)\b"
    r"|!{3,}",
    re.IGNORECASE,
)


async def meet_abuse(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Stays calm and asks what is wrong; the second time a person is offered."""
    if count_intent(tracker, "abuse") > 1:
        dispatcher.utter_message(response="utter_abuse_again")
        return await turn_to_person(dispatcher, tracker, domain)
    dispatcher.utter_message(response="utter_abuse")
    return [] if is_under_way(tracker) else await repeat_proposal(dispatcher, tracker, domain)


async def meet_complaint(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Apologises and offers a person; who is furious, or complains again, gets one at once.

    As the answer to our proposal it is left to that conversation, which keeps it as the reason.
    """
    furious = is_furious(read_sentence(tracker))
    if not (is_under_way(tracker) or furious) and (started := take_up(tracker.get_slot("proposal"), "complain")):
        return started
    await note_feedback(dispatcher, tracker, domain)
    dispatcher.utter_message(response="utter_sorry")
    if furious or count_intent(tracker, "complain") > 1:
        left = leave_conversation() if is_under_way(tracker) else []
        return [*await hand_over(dispatcher, tracker, domain), *left]
    return await turn_to_person(dispatcher, tracker, domain)


def is_furious(sentence: str) -> bool:
    """Whether the words or the way they are written show great anger."""
    letters = [letter for letter in sentence if letter.isalpha()]
    shouts = len(letters) >= SHOUTED and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)
    return shouts or bool(FURIOUS.search(sentence))
