import pytest

from conversations.stop_words import wants_stop

STOPS = [
    "STOP", "stop", "Stop!", "stop stop stop", "STOP per favore", "stop, bitte", "Ok stop", "Stopp", "🛑 STOP 🛑",
    "basta messaggi", "Basta con i messaggi!", "non scrivetemi più", "Per favore non scrivetemi piu", "cancellami",
    "Cancellatemi dalla vostra lista", "disiscrivimi", "Vorrei disiscrivermi", "annulla iscrizione",
    "Annullate la mia iscrizione, grazie", "Lasciatemi in pace", "Non voglio più ricevere messaggi",
    "non voglio piu vostri messaggi", "Toglietemi dalla lista", "revoco il consenso", "niente più pubblicità",
    "Buongiorno, non scrivetemi più, non mi interessa.",
    "abmelden", "Bitte abmelden", "Ich möchte mich abmelden", "lasst mich in ruhe", "Lassen Sie mich bitte in Ruhe!",
    "keine nachrichten mehr", "Ich möchte keine Werbung mehr bekommen", "Bitte schreibt mir nicht mehr",
    "Newsletter abbestellen", "Hört auf mir zu schreiben", "Löscht mich aus dem Verteiler",
    "Ich widerrufe meine Einwilligung", "Danke, aber nein. Kontaktieren Sie mich nicht mehr.",
    "unsubscribe", "Please unsubscribe me", "stop messaging me", "Stop sending me messages", "no more messages please",
    "Don't text me again", "do not contact me anymore", "leave me alone", "Remove me from your list", "opt out",
    "I don't want any more messages from you", "Never write me!",
]  # fmt: skip

TALK = [
    "stop, wait, I meant 3500", "stop, I meant 3500", "Stop! 20121, not 20123", "basta robot, passami un umano",
    "stop the comparison", "stop the robot", "basta così grazie", "non fermarti", "ferma il confronto", "basta", "annulla",
    "don't stop", "non-stop", "quando smettete di lavorare?", "non scrivetemi più di un messaggio al giorno",
    "lasst mich in Ruhe überlegen", "Wann kann ich mich zum Sport anmelden?", "ich will mich nicht abmelden",
    "Kann ich den Vertrag abmelden?", "do not stop messaging me", "where is the bus stop", "cancel my subscription at the gym",
    "keine Ahnung", "niente", "no", "nein danke", "no grazie", "nessun messaggio ricevuto", "ok", "", "👍", "3500",
    "vorrei annullare l'ordine", "cancella l'ultima risposta", "please message me again tomorrow", "no more questions",
]  # fmt: skip


@pytest.mark.parametrize("text", STOPS)
def test_a_wish_for_no_more_messages_is_understood(text: str) -> None:
    assert wants_stop([text])


@pytest.mark.parametrize("text", TALK)
def test_talk_is_no_opt_out(text: str) -> None:
    assert not wants_stop([text])


def test_a_correction_in_the_next_message_takes_a_bare_stop_back() -> None:
    assert not wants_stop(["stop", "wait, I meant 3500"])


def test_a_stop_after_other_messages_counts() -> None:
    assert wants_stop(["hello?", "is anybody there", "STOP"])


def test_thanks_after_a_stop_take_nothing_back() -> None:
    assert wants_stop(["Stop", "grazie 🙏"])


def test_a_clear_sentence_counts_whatever_follows() -> None:
    assert wants_stop(["non scrivetemi più", "avete capito?"])
