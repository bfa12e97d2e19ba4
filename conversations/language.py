"""Which of three languages a customer writes, from two detectors, telling words and what we believe.

Without memory every detector switches falsely 6 to 25 times in 100 short messages. So the product of langdetect
(weakly), lingua and words that only one language has is weighed with a prior on the contact's language. A single short
word never switches, nor do names without any such word. An explicit wish ("English please") always wins.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from langdetect.utils.lang_profile import LangProfile
from lingua import Language as LinguaLanguage
from lingua import LanguageDetector, LanguageDetectorBuilder

from conversations.language_words import COURTESIES, LOANS, ONLY
from conversations.stop_words import fold
from core.types import Language

PRIOR = 0.9  # belief that a contact stays with the language they use
FIRST_PRIOR = 0.7  # belief that a new contact writes the language of the phone's country
LANGDETECT_POWER = 0.25  # measured: right sooner and fewer false switches than either detector alone
FLOOR = 0.02  # no detector is ever surer than that of a language's absence
WITNESS = 10.0  # how much likelier each word that only one language has makes it
WITNESSES = 3  # at most; one language's lead over the others counts
SHORT_WORD = 9  # letters; a single word below that never switches
LONG = 5  # words; from here the detectors may switch without a witness
MAX_CHARS = 240  # more text changes no verdict and costs time
TRIALS = 3  # of langdetect, which draws n-grams by (seeded) chance; its own 7 cost twice the time for the same verdicts

COUNTRIES = {"IT": "it", "SM": "it", "VA": "it", "DE": "de", "AT": "de", "CH": "de", "LI": "de"}
EVERYWHERE = frozenset(  # what people write in every language
    word
    for words in (
        "ok okay thanks thank you thx danke grazie ciao sorry bye super top cool wow hi hello hallo hey merci please",
        "email mail online smart wifi internet app whatsapp link no",
    )
    for word in words.split()
)
GREETINGS = {  # a new contact's greeting tells the language better than any detector, which wants more letters
    Language.IT: "ciao salve buongiorno buonasera buondi pronto",
    Language.DE: "hallo hallöchen moin servus grüezi tag guten morgen abend grüß gott",
    Language.EN: "hello hi hey there good morning evening",
}
_greeted = {word: language for language, words in GREETINGS.items() for word in words.split()}
_only: dict[str, Language | None] = {}
for _language, _words in ONLY.items():
    for _word in _words.split():  # a word of two lists is no witness
        _only[fold(_word)] = None if _only.get(fold(_word), _language) is not _language else _language
_loans = re.compile(rf"\b(?:{LOANS})\b")
_courtesies = re.compile(rf"(?:{COURTESIES})(?: (?:{COURTESIES}))*")
NAMES = {
    Language.EN: "english|inglese|englisch",
    Language.IT: "italian|italiano|italienisch",
    Language.DE: "german|tedesco|deutsch",
}
PLEASE = r"(?: please| pls| per favore| per piacere| grazie| bitte| danke| thanks)?"
SPEAK_EN = r"(?:speak|talk|write|chat|continue|switch|answer|reply|respond)"
SPEAK_IT = r"(?:parlare|parlarmi|scrivere|scrivermi|scriverci|rispondere|rispondermi|continuare)"
SPEAK_DE = r"(?:sprechen|schreiben|reden|antworten|weitermachen)"
WISHES = (  # {name} is a language's name, {please} a polite word or nothing
    r"(?:please |bitte |per favore )?(?:in |auf |only |solo |nur |lieber |meglio )*{name}{please}",
    rf"(?:can|could|may) (?:we|you|i) (?:please )?{SPEAK_EN}(?: in| to)? {{name}}{{please}}",
    r"(?:do you|you) speak {name}",
    rf"(?:please )?{SPEAK_EN}(?: to me)?(?: in| to)? {{name}}{{please}}",
    rf"i (?:d |would )?(?:prefer|like|want|rather)(?: to)?(?: {SPEAK_EN})?(?: in)? {{name}}{{please}}",
    rf"(?:possiamo|potremmo|puoi|puo|potete|potresti|potrebbe|potreste) {SPEAK_IT}(?: in)? {{name}}{{please}}",
    r"(?:parla|parli|parlate) {name}",
    r"(?:scrivi|scriva|scrivete|rispondi|risponda|rispondete)(?:mi)?(?: in)? {name}{please}",
    rf"preferi(?:sco|rei) (?:{SPEAK_IT} )?(?:in |l )?{{name}}{{please}}",
    rf"(?:konnen|konnten|koennen|koennten) (?:wir|sie)(?: bitte)?(?: auf| in)? {{name}} {SPEAK_DE}",
    rf"(?:kannst|konntest) du(?: bitte)?(?: auf| in)? {{name}} {SPEAK_DE}",
    r"(?:sprechen sie|sprichst du|sprecht ihr) {name}",
    r"(?:bitte )?(?:schreiben sie|schreibt?|antworten sie|antwortet?)(?: mir)?(?: bitte)? (?:auf|in) {name}{please}",
    rf"(?:ich )?(?:mochte|wurde|hatte gerne?) (?:lieber )?(?:auf )?{{name}}(?: {SPEAK_DE})?{{please}}",
)
_wishes = {
    language: re.compile("|".join(wish.format(name=f"(?:{names})", please=PLEASE) for wish in WISHES))
    for language, names in NAMES.items()
}


def decide_language(text: str, known: Language | None, country: str | None, default: Language) -> Language:
    """The language to answer in. known: what the contact used so far; country: of the phone, for new contacts."""
    if wish := find_wish(text):
        return wish
    believed = known or guess_language(country, default)
    evidence = clean_text(text, drop_common=known is not None)
    words = evidence.split()
    if not words or (known and len(words) == 1 and len(words[0]) < SHORT_WORD):
        return believed
    greeted = {_greeted.get(word) for word in words}
    if not known and len(greeted) == 1 and (language := greeted.pop()):
        return language
    prior = PRIOR if known else FIRST_PRIOR
    if known and _courtesies.fullmatch(fold(text)):
        return believed
    if is_settled(evidence, believed, prior):
        return believed
    scores = weigh_languages(evidence)
    likeliest = max(
        Language,
        key=lambda language: scores[language] * (prior if language is believed else (1 - prior) / 2),
    )
    return believed if known and not may_switch(text, believed, likeliest) else likeliest


def is_settled(text: str, believed: Language, prior: float) -> bool:
    """Whether the telling words alone settle it: the detectors, asked at 1 to 3 ms, could not outweigh them."""
    told = {language: WITNESS ** min(count, WITNESSES) for language, count in count_witnesses(text).items()}
    against = max(told[language] for language in Language if language is not believed)
    worst: float = FLOOR**LANGDETECT_POWER * FLOOR
    return prior * worst * told[believed] > (1 - prior) / 2 * against


def may_switch(text: str, known: Language, other: Language) -> bool:
    """Whether words speak for another language that are no name: "Enel Energia" and "Piazza Walther" are no Italian."""
    words = clean_text(text, drop_common=False)
    counts, many = count_witnesses(words), len(words.split())
    lead = counts[other] - counts[known]
    return lead >= (2 if many <= 2 else 1) or (lead == 0 and many >= LONG)


def find_wish(text: str) -> Language | None:
    """The language a customer explicitly asks for in a clause of its own; the last wish counts."""
    for clause in reversed(re.split(r"[.,;:!?\n…]+", text)):
        words = fold(clause)
        for language, pattern in _wishes.items():
            if words and pattern.fullmatch(words):
                return language
    return None


def guess_language(country: str | None, default: Language) -> Language:
    """The likeliest language of a country's phones; other countries than ours get English."""
    if not country:
        return default
    return Language(COUNTRIES.get(country.upper(), "en"))


def weigh_languages(text: str) -> dict[Language, float]:
    """How well each language explains a text, without any belief beforehand."""
    seeded, lingua, witnesses = ask_langdetect(text), ask_lingua(text), count_witnesses(text)
    return {
        language: seeded[language] ** LANGDETECT_POWER
        * lingua[language]
        * WITNESS ** min(witnesses[language], WITNESSES)
        for language in Language
    }


def count_witnesses(text: str) -> dict[Language, int]:
    """How many words each language has that the others lack, less the fewest of any."""
    found = [_only.get(fold(word)) for word in re.split(r"[\s'’]+", text) if word not in EVERYWHERE]
    counts = {language: found.count(language) for language in Language}
    least = min(counts.values())
    return {language: count - least for language, count in counts.items()}


def clean_text(text: str, drop_common: bool) -> str:
    """Words of letters only, lower case; optionally without the words people write in every language."""
    text = re.sub(r"https?://\S+|\S+@\S+|\S*\d\S*", " ", text[:MAX_CHARS])
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", _loans.sub(" ", text.lower()))
    return " ".join(word for word in words if not (drop_common and word in EVERYWHERE))


def ask_langdetect(text: str) -> dict[Language, float]:
    """Langdetect's verdict; all equal where it finds nothing to judge."""
    detector = load_langdetect().create()
    detector.n_trial = TRIALS
    detector.append(text)
    try:
        found = {verdict.lang: verdict.prob for verdict in detector.get_probabilities()}
    except LangDetectException:
        return dict.fromkeys(Language, 1 / 3)
    return {language: max(found.get(language.value, 0), FLOOR) for language in Language}


def ask_lingua(text: str) -> dict[Language, float]:
    """Lingua's verdict; all equal where it finds nothing to judge."""
    detector = load_lingua()
    found = {
        Language(verdict.language.iso_code_639_1.name.lower()): verdict.value
        for verdict in detector.compute_language_confidence_values(text)
    }
    return {language: max(found.get(language, 0), FLOOR) for language in Language}


@cache
def load_langdetect() -> DetectorFactory:
    """Langdetect with our three profiles, seeded: unseeded it answers differently from call to call."""
    package = find_spec("langdetect")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("langdetect")
    factory = DetectorFactory()
    factory.seed = 0
    for place, language in enumerate(Language):
        profile = Path(package.origin).parent / "profiles" / language.value
        factory.add_profile(LangProfile(**json.loads(profile.read_text("utf-8"))), place, len(Language))
    return factory


@cache
def load_lingua() -> LanguageDetector:
    """Lingua restricted to our three languages, models in memory."""
    languages = (LinguaLanguage.ITALIAN, LinguaLanguage.GERMAN, LinguaLanguage.ENGLISH)
    return LanguageDetectorBuilder.from_languages(*languages).with_preloaded_language_models().build()


def warm_up() -> None:
    """Loads all models, so that the first customer does not wait for them (about half a second)."""
    for text in ("buongiorno vorrei cambiare offerta", "guten tag ich suche", "good morning to you all"):
        weigh_languages(text)
