import pytest

from conversations.stop_words import wants_stop

STOPS = """
# Italian
STOP|stop|Stop!|stop!!|stop stop stop|STOP per favore|🛑 STOP 🛑|Ok stop|basta messaggi|Basta con i messaggi!|basta con sti messaggi|basta pubblicità!!
non scrivetemi più|Per favore non scrivetemi piu|nn scrivetemi più|non mi scrivete più|non scrivermi più|smettetela di scrivermi|smettila di mandarmi messaggi
cancellami|Cancellatemi dalla vostra lista|cancellatemi subito|disiscrivimi|Vorrei disiscrivermi|annulla iscrizione|come mi disiscrivo?
Annullate la mia iscrizione, grazie|Lasciatemi in pace|lasciatemi stare|Non voglio più ricevere messaggi|non voglio piu vostri messaggi|non voglio più essere contattato
Toglietemi dalla lista|toglietemi dalla lista!!|toglimi da questa lista|eliminate il mio numero|cancellate il mio numero|revoco il consenso|niente più pubblicità
Buongiorno, non scrivetemi più, non mi interessa.|non contattatemi più grazie|non mi contattate mai più|non disturbatemi più|basta offerte|basta spam
non mandatemi più messaggi|non mandatemi più niente|vi ho già detto di non scrivermi più|non voglio più ricevere le vostre offerte|bastaaa messaggi|stoooop
# German
stopp|stop, bitte|Stopp|abmelden|Bitte abmelden|Ich möchte mich abmelden|will mich abmelden|meldet mich ab|lasst mich in ruhe|Lassen Sie mich bitte in Ruhe!
laßt mich endlich in ruhe|lass mich in ruhe|keine nachrichten mehr|keine werbung mehr bitte|Ich möchte keine Werbung mehr bekommen|ich will keine nachrichten mehr von euch
Bitte schreibt mir nicht mehr|schreibt mir nicht mehr|schreib mir nie wieder|hör auf mir zu schreiben|Hört auf mir zu schreiben|hört auf mit den nachrichten
Newsletter abbestellen|möchte das abbestellen|Löscht mich aus dem Verteiler|löscht meine nummer|bitte meine nummer löschen|nehmt mich aus der liste|streicht mich von der liste
Ich widerrufe meine Einwilligung|Danke, aber nein. Kontaktieren Sie mich nicht mehr.|nicht mehr anschreiben|keine sms mehr|keine weiteren nachrichten|bitte nicht mehr kontaktieren
ich möchte nichts mehr von euch hören|ich will nicht mehr angeschrieben werden|schickt mir nichts mehr|schickt mir keine werbung mehr|wie melde ich mich ab?|genug werbung
# English
unsubscribe|Please unsubscribe me|UNSUBSCRIBE!!|stop messaging me|stop texting me|Stop sending me messages|stop sending me this|stop contacting me|no more messages please|no more texts
Don't text me again|dont text me anymore|do not contact me anymore|please do not contact me|never contact me again|leave me alone|just leave me alone|stop spamming me
Remove me from your list|take me off your list|take me off this list please|remove my number|delete my number|opt out|i want to opt out|opt me out
I don't want any more messages from you|i dont want these messages|i don't want to hear from you again|i don't want to be contacted|Never write me!|stop all messages
quit messaging me|no more marketing|stop the messages|stop with the messages|how do i unsubscribe?|i want to unsubscribe|stop it with the texts|no more ads please|end messages|I withdraw my consent
i've asked you to stop texting me|please stop|stop pls|ffs stop messaging me
# A second round
basta messaggi per favore|stop messaggi|stop ai messaggi|non voglio più messaggi|non voglio essere disturbata|smettetela|smettila di scrivermi!!|toglietemi da questa lista grazie
cancellatemi|mi cancelli dalla lista|non mi interessa, non scrivetemi più|ho detto basta messaggi|levatemi dalla lista|non inviatemi più messaggi|STOP PUBBLICITÀ|lasst mich endlich in ruhe
bitte nicht mehr schreiben|ich will keine werbung|keine werbung!|melde mich ab|bitte abmelden danke|will nix mehr von euch hören|nehmt mich raus|hört auf mir zu schreiben!!
schreibt mir nie wieder|bitte löscht meine nummer|kontaktiert mich nicht mehr|STOP bitte keine nachrichten mehr|stop texting|stop it, don't text me again|please take me off your list|unsubscribe me please
leave me alone!!!|no more texts please|stop messaging|do not message me again|can you stop texting me|pls remove me from this list|i dont want any texts from you|lose my number
stop contacting me thanks|enough messages
"""

TALK = """
# Italian
basta robot, passami un umano|basta così grazie|basta così|basta|annulla|non fermarti|ferma il confronto|non voglio smettere|niente|no grazie|nessun messaggio ricevuto
quando smettete di lavorare?|non scrivetemi più di un messaggio al giorno|vorrei annullare l'ordine|cancella l'ultima risposta|cancella l'appuntamento|basta domande
stop al confronto|stop, intendevo 3500|aspetta stop, 20123|mi basta un preventivo|basta che costi meno|non scrivo più, chiamami|scrivetemi più tardi|non ora, scrivetemi domani
come faccio a disdire il contratto?|voglio disdire la luce|vorrei cancellare l'abbonamento in palestra|cancellami l'ordine 123|non ho più messaggi da voi, perché?|non mi scrivete più?
non mi serve altro|lasciami pensare|lasciatemi un attimo|toglimi un dubbio|toglimi una curiosità|posso fermare il contratto?|non ricevo più messaggi|smetto di fumare
basta cambiare fornitore?|basta un messaggio?|la pubblicità era carina|stop and go|voglio smettere con la palestra|eliminate la quota fissa?|basta con enel, voglio cambiare
# German
stopp mal, ich meinte 3500|Stopp, falsche PLZ, 80331|moment stopp|lasst mich in Ruhe überlegen|lass mich in ruhe nachdenken|Wann kann ich mich zum Sport anmelden?|ich will mich nicht abmelden
Kann ich den Vertrag abmelden?|wie kündige ich?|ich möchte kündigen|kann ich den alten vertrag kündigen?|keine Ahnung|nein danke|keine fragen mehr|keine weiteren fragen
ich habe keine nachricht bekommen|keine nachricht erhalten|stopp den vergleich|brich den vergleich ab|stop den roboter, ich will einen menschen|hör auf mit dem roboter, mensch bitte
schreibt mir morgen|schreib mir später nochmal|schreibt mir nicht per mail sondern hier|meldet euch morgen|lösch die letzte antwort|lösch die bestellung|nimm mich ernst
auto abmelden, was tun?|ich muss mein auto abmelden|wie kann ich strom abmelden beim umzug?|aufhören will ich nicht|genug geredet, welcher tarif?|das reicht danke|es reicht mir ein angebot
nicht mehr als 600 euro|keine werbung im vertrag?|wo kann ich den newsletter bekommen?|abbruch|lass gut sein|lass mal|will keine werbung sondern infos zum tarif|ruhe bitte
# English
stop, wait, I meant 3500|stop, I meant 3500|Stop! 20121, not 20123|stop the comparison|stop the robot|don't stop|non-stop|do not stop messaging me|where is the bus stop|stop! i typed it wrong
can I stop the contract?|how do i stop my contract|cancel my subscription at the gym|please message me again tomorrow|no more questions|stop the robot and get me a human|stop asking me and show the offers
message me later|text me tomorrow|don't text me now, tomorrow is fine|leave it with me|leave me a message|let me think|no|ok|3500|👍|stop by the shop?|does the shop stop selling it soon?
can i opt out of the fixed rate?|how do i cancel my contract|i want to cancel|cancel|never mind|i got no messages|no messages yet|stop start driving|when does my contract stop
take me to the offers|remove the last item|delete my last answer|delete that|don't call me, text me|i don't want a call, message me here|will you stop writing if i switch?
do not contact my old supplier|i don't want this offer|no more than 600|i don't want to stop|quit the comparison|end the comparison|full stop|one stop shop|last stop milano
# A second round
basta, ho capito|basta per oggi|ok basta così|stop un attimo|ferma tutto, cap sbagliato|non voglio messaggi vocali|smetto di pagare quando?|non scrivermi in inglese
non chiamatemi, scrivetemi|toglimi il dubbio|cancella e ricominciamo|stop, ricomincia|cancellare ordine|posso disdire|stopp, nochmal von vorn|halt stopp
nicht schreiben, anrufen|ich will keinen anruf, schreibt mir|keine lust mehr auf meinen anbieter|lass uns morgen weitermachen|melde mich morgen|ich melde mich ab morgen|abmeldung vom gas?|mein altes auto ist abgemeldet
ruhe|stop the clock|stop, go back|don't stop now|i'll stop by|leave that alone|take me through it|no texts from you yet
remove that|stop at 3500|i want to stop paying so much|please don't call|when will you stop selling it|ask me again later|no ads in the app?|not now
"""


def split(block: str) -> list[str]:
    lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
    return [*"|".join(lines).split("|"), ""] if block is TALK else "|".join(lines).split("|")


@pytest.mark.parametrize("text", split(STOPS))
def test_a_wish_for_no_more_messages_is_understood(text: str) -> None:
    assert wants_stop([text])


@pytest.mark.parametrize("text", split(TALK))
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
