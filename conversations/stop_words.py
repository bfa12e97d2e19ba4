"""Whether a customer says "no more messages": bare stop words, and sentences that mean nothing else.

A false yes silences someone who wanted an answer; a false no writes to someone who asked us not to. So a bare word
counts only if it is all they say ("stop, I meant 3500" is a correction), while a whole clause ("don't message me
again") counts wherever it stands. Decided without Rasa, so that it works while Rasa is down.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

STOP_PAYLOADS = frozenset({"STOP_MKT", "STOP"})  # ids of our own "no more of this" buttons

BARE = r"(?:stop|stopp|stop all|stopall|stop it|stop bitte|unsubscribe|opt out|optout|abmelden|abbestellen|austragen)"
POLITE = (
    r"(?:per favore|per piacere|per cortesia|grazie(?: mille)?|buongiorno|buonasera|salve|ciao|scusate|scusa|si|adesso|"
    r"subito|ora|bitte|danke(?: schon)?|hallo|guten tag|guten abend|ja|jetzt|sofort|please|pls|thanks|thank you|thx|hi|"
    r"hello|hey|yes|sorry|now|immediately|ok|okay)"
)
MESSAGES_IT = r"(?:messaggi|notifiche|pubblicita|comunicazioni|whatsapp|newsletter|sms)"
MESSAGES_DE = r"(?:nachrichten|werbung|mitteilungen|benachrichtigungen|whatsapps|newsletter|sms)"
MESSAGES_EN = r"(?:messages|texts|notifications|ads|advertising|spam|newsletters|marketing)"
YOUR_IT = r"(?:(?:i|le|altri|altre|questi|queste|vostri|vostre|tuoi|tue|piu|con|di|nessun|promozionali) )*"
LIST_IT = (
    r"(?: (?:da|dal|dalla|dai|dalle) (?:vostra |vostre |tua |questa )?(?:lista|liste|newsletter|elenco|servizio))?"
)
LIST_DE = r"(?: (?:aus|von|vom) (?:der|dem|eurer|ihrer|euren|diesem)? ?(?:liste|verteiler|newsletter|adressbuch))?"
LIST_EN = r"(?: (?:from|off) (?:your|this|the|all)(?: mailing| contact)? ?(?:list|lists|messages|newsletter))?"
WRITE_EN = r"(?:text|message|contact|write|write to|bother|spam|whatsapp)"
WRITING_EN = r"(?:texting|messaging|contacting|writing|writing to|bothering|spamming|whatsapping)"

SENTENCES = (
    # Italian
    rf"(?:basta|stop|niente|no) {YOUR_IT}{MESSAGES_IT}",
    r"(?:basta|niente piu) (?:offerte|promozioni)",
    rf"non (?:voglio|desidero|vorrei) (?:piu )?(?:ricevere )?{YOUR_IT}{MESSAGES_IT}(?: da voi| vostri| vostre)?",
    r"non (?:mi )?(?:scrivetemi|scrivermi|scrivete|scrivere|contattatemi|contattarmi|contattate|contattare"
    r"|mandatemi messaggi|mandarmi messaggi|disturbatemi|disturbarmi|disturbate|cercatemi) (?:piu|mai piu)",
    r"(?:smettetela|smettila|smettete|basta) (?:di )?(?:scrivermi|contattarmi|mandarmi messaggi|disturbarmi)",
    rf"(?:cancellami|cancellatemi|cancellarmi|disiscrivimi|disiscrivetemi|disiscrivermi|disiscrivi){LIST_IT}",
    rf"(?:voglio|vorrei|desidero) (?:disiscrivermi|cancellarmi|essere cancellat[oa]|essere rimoss[oa]){LIST_IT}",
    rf"(?:toglimi|toglietemi|rimuovimi|rimuovetemi|eliminatemi|eliminami){LIST_IT}",
    r"(?:annulla|annullate|annullare) (?:la |l )?(?:mia )?iscrizione",
    r"lasciatemi (?:in pace|stare|perdere)|lasciami (?:in pace|stare)",
    r"(?:revoco|ritiro) (?:il )?(?:mio )?consenso",
    # German
    r"(?:ich )?(?:mochte|will|wurde) (?:mich )?(?:bitte |gern |gerne )?(?:mich )?(?:abmelden|austragen)",
    rf"(?:meldet|melden sie|melde|tragt|tragen sie) mich (?:bitte )?(?:ab|aus){LIST_DE}",
    r"(?:newsletter|nachrichten|werbung|alles) abbestellen",
    r"(?:lasst|lassen sie|lass) (?:mich|uns) (?:bitte )?(?:endlich )?in (?:ruhe|frieden)",
    rf"(?:ich )?(?:mochte |will |wunsche )?(?:bitte )?keine (?:weiteren |eurer |ihrer )?{MESSAGES_DE}(?: mehr)?"
    r"(?: bekommen| erhalten| schicken| senden| haben)?",
    r"keine (?:weiteren angebote|angebote mehr)",
    r"(?:schreibt|schreiben sie|schreib|kontaktiert|kontaktieren sie) (?:mir|mich) (?:bitte )?"
    r"(?:nicht mehr|nie wieder)",
    r"(?:bitte )?nicht mehr (?:schreiben|kontaktieren|anschreiben)",
    r"(?:hort|horen sie|hor) (?:bitte |endlich )?auf (?:mir zu schreiben|mich zu kontaktieren|mich zu nerven)",
    rf"(?:loscht|loschen sie|streicht|streichen sie|nehmt|nehmen sie) mich{LIST_DE}",
    r"ich widerrufe (?:meine |die )?(?:einwilligung|zustimmung)",
    # English
    rf"(?:i (?:want|would like|d like|wish) to |please )*(?:unsubscribe|opt out|opt me out)(?: me)?{LIST_EN}",
    rf"stop (?:{WRITING_EN} (?:to )?me|sending (?:me )?(?:any )?(?:more |these |your )?{MESSAGES_EN}|"
    rf"(?:the|these|all|your|all the|sending)? ?{MESSAGES_EN})",
    rf"(?:do not|don t|dont|never) {WRITE_EN} (?:to )?me (?:again|anymore|any more|ever again)",
    rf"never {WRITE_EN} me",
    rf"(?:i (?:do not|don t|dont) want |no )(?:to receive )?(?:any )?(?:more )?(?:of )?(?:your |these )?{MESSAGES_EN}"
    r"(?: anymore| any more| from you)?",
    r"no more (?:offers|promotions|updates)",
    r"leave me alone|leave me in peace",
    r"(?:remove|delete|take) me (?:from|off) (?:your|this|the|all)(?: mailing| contact)? ?(?:list|lists|newsletter)",
    r"i withdraw (?:my )?consent",
)

_courtesy = re.compile(rf"^(?:{POLITE} )+|(?: {POLITE})+$")
_polite_only = re.compile(rf"(?:{POLITE})(?: {POLITE})*")
_bare = re.compile(rf"{BARE}(?: {BARE})*")
_sentence = re.compile("|".join(f"(?:{pattern})" for pattern in SENTENCES))


def wants_stop(texts: Sequence[str]) -> bool:
    """Whether these messages, in the order they were written, ask for no more messages."""
    clauses = [[fold(clause) for clause in re.split(r"[.,;:!?\n…]+", text)] for text in texts]
    if any(_sentence.fullmatch(strip_courtesy(clause)) for message in clauses for clause in message if clause):
        return True
    said = [words for message in clauses if (words := [clause for clause in message if not means_nothing(clause)])]
    return bool(said) and all(_bare.fullmatch(strip_courtesy(clause)) for clause in said[-1])


def means_nothing(clause: str) -> bool:
    """Whether a clause is empty or mere politeness."""
    return not clause or _polite_only.fullmatch(clause) is not None


def strip_courtesy(clause: str) -> str:
    """The clause without please, thanks and greetings at its ends."""
    return _courtesy.sub("", clause).strip()


def fold(text: str) -> str:
    """Lower case letters and digits without accents, single spaces between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
