from __future__ import annotations

import pytest

from bot.extract.polarity import read_polarity

YES = """
sì|si|siii|ok|okk|va bene|ma sì dai|perché no|perche no?|no no va benissimo|no, va bene|nessun problema|non c'è problema|come no
no no perfetto|no no, tutto ok|non male|niente male|mica male|ma certo|certo che sì|certo|sisi certo|eh sì|mmh va be|vabbè ok|vabbe dai
ok dai|dai sì|direi di sì|penso di sì|credo di sì|volentieri|assolutamente sì|per me va bene|a me va bene|va benissimo grazie
ottimo|perfetto 👍|d'accordo|si grazie|esatto|confermo|sì sì|non vedo l'ora|figurati, va bene|sì perché no|ci mancherebbe, va bene|okk procedi
👍|👍👍|✅|👌🏻|🙏|👍🏼 ok|🆗|💪
passt schon|passt|kein problem|ja gerne|geht klar|auf jeden Fall|ja passt, danke|warum nicht|wieso nicht?|jo eh|eh klar|na guat|na gut
jo passt|passt eh|jo gern|gern|gerne doch|na klar|na sicher|aber ja|ja sicher|jawoll|ja mei, passt|nein doch|doch|doch doch|ja doch
von mir aus|meinetwegen|klingt gut|nicht schlecht|hört sich gut an|ok passt|jap|joa|jo mei ok|kein Thema|spricht nichts dagegen|ja bitte
einverstanden|stimmt|genau|ja freili|freilich|bassd scho|ja eh|super|prima|mach ma|machen wir|ned schlecht|i sog jo
nah yeah|sure why not|why not|no worries|yes please|sounds good|no problem at all|grand|grand so|that's grand|go on then|go on so|aye|aye go on
aye sure|yeah grand|not bad|yeah|yep|yup sure|ok grand|sound|deal|sure thing|fair enough|fire away|happy days|work away|go for it|cheers yes
perfect thanks|lovely|brilliant|ok so|yeah no worries|course|of course|too right|i suppose so|i guess so|yes yes|sure look why not|yeah go on|alright
no that's fine|no it's ok|no no that's grand
okay dai|sisì|eccome|per me ok|mi sta bene|ok procediamo|certo certo|perfetto così|direi perfetto|ma certo che sì|ok ci sto|ja mach
ja klar doch|ja logisch|okidoki|passt für mich|mach das|alles super|ja auf alle fälle|jawohl bitte|jo danke|na freili|yeah grand so|go ahead
ok sure|yes indeed|yup go on|aye why not|no bother at all|sounds grand|yeah that works|si vabbè|non vedo perché no|gerne ja|bin dabei|i'm up for it
👏|ja 👍
"""
NO = """
no|noo|no grazie|non va bene|non credo|certo che no|non mi interessa|ma no|meglio di no|👎|no no|nono|ok no|ok no grazie|ehm no|mah no
anche no|direi di no|assolutamente no|neanche per sogno|no dai|no no grazie|non mi va|lascia stare|lasciamo perdere|per ora no|non ora|non adesso
va be no|non fa per me|penso di no|credo di no|grazie ma no|sì no|macché|per carità no|ma va|no guarda|no non mi interessa grazie|non serve
❌|🙅|👎🏻|🚫
nein danke|nö|lieber nicht|passt nicht|ja nein|eher nicht|auf keinen Fall|kein Interesse|nein nein|ne|nee lass mal|lass mal|ok nein
nein passt nicht|na|na danke|na des passt ned|naa|sicher nicht|bloß nicht|ach nein|danke nein|danke, aber nein|brauch ich nicht|muss nicht sein
will ich nicht|mog i ned|na wirklich ned|kein Bedarf|besser nicht|nicht nötig|geht nicht|stimmt nicht|ich glaube nicht|doch nicht|nicht wirklich
yeah nah|not really|nope|no thanks|no way|not interested|cheers no|no cheers|ah no|ah no thanks|nah you're grand|you're grand thanks|i'm grand thanks
nah|no ta|ok no|hmm no|don't think so|i'd rather not|not for me|no chance|i'll pass|i'll leave it|no you're alright|you're alright thanks
not today|nah mate|yes no|thanks but no|thanks but no thanks|no need|don't bother|definitely not|not at all|leave it|sorry no
no ti ringrazio|no lascia|non ora grazie|no basta|al momento no|direi proprio di no|sinceramente no|no non voglio|nein lieber nicht|na bitte ned|momentan nicht|nee du
nein lass|kein bock|ne passt so danke|not now thanks|nah not for me|no that's all|i don't want it|no i'm good|nah leave it|no sorry|not keen|hard pass
god no|mai nella vita|non se ne parla|non mi convince|nicht mein ding|will ich nicht|🙅‍♀️
"""
NEITHER = """
quanto costa?|va bene, ma quanto dura il contratto|no, 20123 milano centro storico bello|20123||ciao
sì ma non ora|sì, ma più tardi|ok ma dopo|si però domani|magari più avanti|forse|boh|non so|dipende|vediamo|ci penso|ci devo pensare|sì e no|ni
no aspetta|no scusa intendevo l'altra offerta di prima|😂|🤔|❤️ |👍 o 👎|non ho capito|sì, ma quanto pago alla fine di tutto
jein|ja aber nicht jetzt|ja, aber später|vielleicht|weiß nicht|mal schauen|schauma mal|kommt drauf an|ja und nein|muss ich überlegen|ok aber später
hm|ist das kostenlos?|was heißt das|ja aber erst morgen|guten tag|nein warte|na ja|naja|keine ahnung
i use about three thousand|yes but not now|yeah but later|maybe|maybe later|not sure|dunno|i'll think about it|depends|yes and no
ok but tomorrow|hmm|no wait|no idea|no clue|what do you mean|grand but how much is it a month in the end
mmm|non lo so|vedremo|ok ma quanto|sì però non oggi|ci sentiamo domani|ja aber erst nächste woche|kommt drauf an|weiß noch nicht|eventuell|perhaps|let me see
i might|ok hang on|give me a sec|un attimo|moment|😅|??|buongiorno|20123|danke|grazie|thanks
grazie mille
"""


def split(block: str) -> list[str]:
    return block.strip("\n").replace("\n", "|").split("|")


@pytest.mark.parametrize("text", split(YES))
def test_it_means_yes(text: str) -> None:
    assert read_polarity(text) is True


@pytest.mark.parametrize("text", split(NO))
def test_it_means_no(text: str) -> None:
    assert read_polarity(text) is False


@pytest.mark.parametrize("text", split(NEITHER))
def test_it_is_neither_yes_nor_no(text: str) -> None:
    assert read_polarity(text) is None
