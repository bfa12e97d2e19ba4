"""Words that tell how a text addresses its reader: tu or Lei, du or Sie."""

from __future__ import annotations

import re

# Forms that are both are left out; a text with one has others beside it: guarda (tu imperative, Lei indicative), scriva
# (Lei imperative, "vuoi che ti scriva").
TU = """
    tu te ti tuo tua tuoi tue ciao
    abiti andassi apri attivi avvisami cambi chiedi chiedimi compila completi comprometti concludi conosci consumi decidi
    devi dici dillo dimmi fai figurati firmi guardale guidi hai infila intendi lancia leggi mandami metti paghi piegarti
    porta portami preferisci prendi puoi rimani rinnovi riprendi risparmi rispondi rispondimi sai scegli scrivi scrivici
    scrivilo scrivimelo scrivimi scusa scusami segui sei spenderesti spingi stringi torneresti torni trovi usi vai vedi
    vieni vivi vuoi
"""
TU_ENDING = r"\w+(?:ar|er|ir|por)(?:ti|tel[aeio])"  # aiutarti, prometterti, promettertela
NOT_TU_ENDING = {"aperti", "certi", "coperti", "esperti", "offerti", "parti", "scoperti", "sparti"}
LEI = """
    lei suo sua suoi sue buongiorno gentile signora signore scusi senta
    aspetti batta compili conti faccia infili lanci metta porti prenda provi risponda scelga
    spinga stringa tenga
    dirglielo glielo gliela gliene promettergliela
"""
LEI_PHRASE = (
    r"\b(?:(?<!ci )vuole|mi scriva|me lo scriva|scriva [«\d])|\ble (?:chied|interess|mostr|risp|scriv|serve|va\b)\w*"
)
DU = """
    du dich dir dein deine deinem deinen deiner deines euch euer eure eurem euren eurer
    achte behalt bohr entschuldige frag füll geh gib kleb komm lass lies lösch mach nimm sag schau schick schieb
    schlüpf schreib schwing sieh sprich wähl zähl zeig zieh
"""
DU_ENDING = r"[a-zäöüß]+st"  # brauchst, möchtest
NOT_DU_ENDING = {
    *("erfasst", "erst", "fast", "fest", "gefasst", "günstigst", "höchst", "ist", "längst", "liest", "lässt"),
    *("meist", "nächst", "passt", "selbst", "sonst", "umfasst", "zuerst", "zuletzt"),
}
SIE = r"(?:(?<=[\w,;«(] )|(?<=«))Sie\b|\b(?:Ihnen|Ihre?|Ihre[mnrs])\b"  # Sie at the start of a sentence may be "they"


def find_informal(language: str, text: str) -> list[str]:
    """The words of a text that say tu or du."""
    if language == "it":
        endings = {word for word in re.findall(rf"\b{TU_ENDING}\b", text, re.I) if word.lower() not in NOT_TU_ENDING}
        return find_words(TU, text) + sorted(endings)
    if language == "de":
        endings = {word for word in re.findall(rf"\b{DU_ENDING}\b", text) if word not in NOT_DU_ENDING}
        return find_words(DU, text) + sorted(endings) + re.findall(r"\bihr\b|\b[Rr]uft mich\b", text)
    return []


def find_formal(language: str, text: str) -> list[str]:
    """The words of a text that say Lei or Sie."""
    if language == "it":
        return find_words(LEI, text) + re.findall(LEI_PHRASE, text, re.I)
    return re.findall(SIE, text) if language == "de" else []


def find_words(words: str, text: str) -> list[str]:
    known = set(words.split())
    return sorted({word for word in re.findall(r"\w+", text) if word.lower() in known})
