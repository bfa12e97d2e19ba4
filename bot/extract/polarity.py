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
    r"|(?:non|niente|mica) male|n(?:ed|et) schlecht|na (?:guat|gut|klar|sicher|logo|freili\w*)|von mir aus|meinetwegen|(?:bass[td]|past) ?(?:scho\w*|eh)|mach(?:en)?.?ma"
    r"|go on(?: then| so)?|mach das|bin dabei|auf alle fälle|i.?m up for it|i.?d love to|count me in|eccome|ci mancherebbe|fair enough|fire away|happy days|work away|i (?:suppose|guess) so|(?:that|it|all)(?:.?s)? grand|no bother|non mi dispiace|keine einwände|nicht schlecht|not bad|hört sich gut an|klingt gut|klingt super|you bet|yes please|absolutely|definitely"
)
_NO_PHRASES = (
    r"nn (?:mi va|fa per me|se ne parla|mi interessa)|no dai|ma va(?! ben)|proprio (?:di )?no|non mi (?:convince|serve)|hard pass|not (?:keen|my thing)|nicht (?:mein (?:ding|fall)|meins)|(?:momentan|gerade|grad|derzeit|bitte) (?:nicht|ned|net)|ne+ passt|non (?:va|mi va|va bene|credo|penso|ora|adesso|voglio|mi interessa|è giusto|è corretto|mi piace|grazie|direi|serve|ho voglia|proprio|sono interessat\w+|se ne parla|fa per me)"
    r"|neanche per (?:sogno|idea)|nemmeno per sogno|certo che no|assolutamente no|ma no|meglio di no|direi di no|lasc(?:ia|iamo) (?:stare|perdere)|per niente"
    r"|kein(?:e)? (?:interesse|bock|lust|bedarf|zeit)|(?:nicht|ned|net) (?:jetzt|wirklich|interessiert|richtig|nötig|so|gut|heute)|lieber nicht|eher nicht|auf keinen fall|auf gar keinen fall"
    r"|nein danke|ne danke|nö danke|(?:passt|stimmt) (?:mir |so )?(?:nicht|ned|net)|lass(?: mal|ma| es| gut sein)(?! (?:sehen|schau\w*|hör\w*|mach\w*))|na (?:danke|wirklich)|(?:brauch\w*|will|mag|mog|möchte|glaub\w*) (?:ich |i )?(?:nicht|ned|net)|ich glaube? nicht|bloß nicht|bloss nicht|besser nicht|doch nicht|muss nicht sein|um gottes willen|ja nein|ja ne|geht (?:gar )?nicht"
    r"|no thanks?|no thank you|not (?:really|now|interested|today|right|correct|yet|at all|for me)|yeah nah|yeah no(?! worries| problem| bother)|(?:you|i|we).?(?:re|m) (?:grand|alright|all right|good|ok|fine)(?! with)|i.?ll (?:pass|leave it)|leave it|no way|i.?d rather not|rather not|don.?t (?:think so|want|bother)"
    r"|hell no|absolutely not|definitely not|of course not|sicher nicht|natürlich nicht|im leben nicht|no grazie|nessun interesse"
)
_YES = (
    r"s[iìí]+|s[iìí]{2,}|sis[iì]|certo|certamente|ok(?:ay|ey|i|k)?|oki?doki?|okk+|va|vabene|volentieri|esatto|giusto|corretto|perfetto|benissimo|bene|dai|vai|confermo|assolutamente|ovvio|sicuro|ottimo|grand|aye|sound|lovely|brilliant|course|alrigh?t|yes+|yep|yeah|yea|yup|ye|sure|correct|right|fine|great|perfect|exactly|agreed"
    r"|ja+|jap|jo+|jup|jepp?|jawohl|jawoll|joa|freili(?:ch)?|klar|gerne?|sicher|natürlich|stimmt|richtig|genau|passt|super|prima|perfekt|top|logo|gebongt|deal|doch|bestätigt|confirm(?:ed)?"
)
_NO = r"no+|nono|naa+|nope|nah+|nay|nein+|ne+|nee+|nö+|noe|niente|mai|nada|never|niemals|keinesfalls|falsch|sbagliato|wrong|macché"
_EMOJI_YES = "👏👍👌✅🙏💪🤝🆗"
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
_NEITHER = re.compile(  # takes the word back, or says both
    r"\b(?:s[iì] e no|ja und nein|yes and no|na ?ja|not sure|no (?:idea|clue)|(?:no|nein|na|nee) (?:aspett\w+|warte?|moment|wait|hang on)|hang on|ma (?:quanto|quando|come|dove|chi)|aber (?:was|wie|wann|wer|wo)|but (?:how|what|when|who|where))\b"
    rf"|[{_EMOJI_YES}].*[{_EMOJI_NO}]",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:più tardi|piu tardi|dopo|domani|più avanti|un.altra volta|non (?:ora|adesso|subito)|later|tomorrow|another time|not (?:now|yet)"
    r"|später|morgen|nachher|ein andermal|(?:nicht|ned) jetzt|noch nicht)\b",
    re.IGNORECASE,
)
_WHY_NOT = re.compile(
    r"\W*(?:ma |ja |and |sì |si |yeah |und |e )?(?:perch[eéè] no|why not|warum nicht|wieso nicht)\W*", re.IGNORECASE
)
_NA = re.compile(r"\W*na+\W*", re.IGNORECASE)  # in the south a no; before other words it fills
MOST_OTHER_WORDS = 2  # with more words that are neither yes, no nor filler, the message says something else


def read_polarity(text: str) -> bool | None:
    """True for yes, False for no, None where a message is not (only) an answer of that kind."""
    if _WHY_NOT.fullmatch(text):
        return True
    if _NA.fullmatch(text):
        return False
    hits = list(_TOKENS.finditer(text))
    if not hits:
        return None
    rest = _FILLER.sub(" ", _TOKENS.sub(" ", text))
    if len(re.findall(r"\w+", rest)) > MOST_OTHER_WORDS or "?" in text:
        return None
    kinds = {str(hit.lastgroup)[:2] for hit in hits}
    if _NEITHER.search(text) or ("ye" in kinds and _LATER.search(text)):
        return None
    phrases = [hit for hit in hits if hit.lastgroup in ("yes_phrase", "no_phrase")]
    return (phrases or hits)[-1].lastgroup in ("yes", "yes_phrase")
