"""Yes or no, also where the words say the opposite: "no no va benissimo", "kein Problem", "yeah nah"."""

from __future__ import annotations

import re

# Phrases first: they decide against the single words inside them. Of several decisive words the last one counts.
_YES_PHRASES = (
    r"non c.?è problema|nessun problema|no problem\w*|kein(?:e)? (?:problem|thema|ding|sache)|(?:no|nessuna) preoccupazion\w*|no worries"
    r"|va (?:bene|benissimo|benone|bn)|non vedo l.?ora|perch[eéè] no|why not|warum nicht|wieso nicht|come no|certo che s[iìí]|passt(?: schon| so| gut)?"
    r"|nichts dagegen|geht (?:klar|in ordnung)|alles (?:klar|gut|ok)|in ordnung|einverstanden|auf jeden fall|aber (?:ja|sicher|klar)"
    r"|ja (?:gerne?|bitte|klar)|sehr gerne?|mach(?:en wir| mal)|nah yeah|no yeah|yeah (?:sure|ok)|sounds good|go ahead|go for it|let.?s (?:go|do it)|do it"
    r"|of course|for sure|all right|i.?m in|that.?s (?:fine|right|correct|it)|not a problem|fine by me|works for me|(?:è|e') (?:giusto|corretto|tutto giusto)"
    r"|tutto (?:ok|bene|giusto)|ci sto|mi interessa|mi piace|mi va|d.?accordo|s[iìí] (?:grazie|dai|certo)|ok dai|ma s[iìí]|fai pure|procedi(?:amo)?|stimmt(?: so)?|richtig so"
    r"|non mi dispiace|keine einwände|nicht schlecht|not bad|hört sich gut an|klingt gut|klingt super|you bet|yes please|absolutely|definitely"
)
_NO_PHRASES = (
    r"non (?:va|mi va|va bene|credo|penso|ora|adesso|voglio|mi interessa|è giusto|è corretto|mi piace|grazie|direi|serve|ho voglia|proprio|sono interessat\w+|se ne parla|fa per me)"
    r"|neanche per (?:sogno|idea)|nemmeno per sogno|certo che no|assolutamente no|ma no|meglio di no|direi di no|lasc(?:ia|iamo) (?:stare|perdere)|per niente"
    r"|kein(?:e)? (?:interesse|lust|bedarf|zeit)|nicht (?:jetzt|wirklich|interessiert|richtig|nötig|so|gut|heute)|lieber nicht|eher nicht|auf keinen fall|auf gar keinen fall"
    r"|nein danke|ne danke|nö danke|passt (?:mir |so )?nicht|stimmt (?:so )?nicht|bloß nicht|bloss nicht|besser nicht|um gottes willen|ja nein|ja ne|geht (?:gar )?nicht"
    r"|no thanks?|no thank you|not (?:really|now|interested|today|right|correct|yet|at all|for me)|yeah nah|yeah no|no way|i.?d rather not|rather not|don.?t (?:think so|want|bother)"
    r"|hell no|absolutely not|definitely not|of course not|sicher nicht|natürlich nicht|im leben nicht|no grazie|nessun interesse"
)
_YES = (
    r"s[iìí]+|s[iìí]{2,}|sisi|certo|certamente|ok(?:ay|ey|i|k)?|oki?doki?|okk+|va|vabene|volentieri|esatto|giusto|corretto|perfetto|benissimo|bene|dai|vai|confermo|assolutamente|ovvio|sicuro|ottimo|yes+|yep|yeah|yea|yup|ye|sure|correct|right|fine|great|perfect|exactly|agreed"
    r"|ja+|jap|jo+|jup|jepp?|jawohl|klar|gerne?|sicher|natürlich|stimmt|richtig|genau|passt|super|prima|perfekt|top|logo|gebongt|deal|doch|bestätigt|confirm(?:ed)?"
)
_NO = (
    r"no+|nope|nah+|nay|nein+|ne+|nee+|nö+|noe|niente|mai|nada|never|niemals|keinesfalls|falsch|sbagliato|wrong|macché"
)
_EMOJI_YES = "👍👌✅🙏💪🤝🆗"
_EMOJI_NO = "👎❌🚫🙅"
_FILLER = re.compile(
    r"\b(?:ma|e|allora|guarda|beh|mah|bhe|eh|ah|oh|dai|grazie|bitte|danke|thanks?|thank|you|please|prego|per|favore|also|na|aber|dann|mal|das|es|ist"
    r"|è|il|la|so|well|then|it|that|is|i|me|mir|mi|tutto|alles|everything|all|gut|bene|good|molto|sehr|very|sono|io|ich|ist)\b",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    rf"(?P<no_phrase>(?<!\w)(?:{_NO_PHRASES})(?!\w))|(?P<yes_phrase>(?<!\w)(?:{_YES_PHRASES})(?!\w))"
    rf"|(?P<yes>(?<!\w)(?:{_YES})(?!\w)|[{_EMOJI_YES}])|(?P<no>(?<!\w)(?:{_NO})(?!\w)|[{_EMOJI_NO}])",
    re.IGNORECASE,
)
MOST_OTHER_WORDS = 2  # with more words that are neither yes, no nor filler, the message says something else


def read_polarity(text: str) -> bool | None:
    """True for yes, False for no, None where a message is not (only) an answer of that kind."""
    hits = list(_TOKENS.finditer(text))
    if not hits:
        return None
    rest = _FILLER.sub(" ", _TOKENS.sub(" ", text))
    if len(re.findall(r"\w+", rest)) > MOST_OTHER_WORDS or "?" in text:
        return None
    phrases = [hit for hit in hits if hit.lastgroup in ("yes_phrase", "no_phrase")]
    return (phrases or hits)[-1].lastgroup in ("yes", "yes_phrase")
