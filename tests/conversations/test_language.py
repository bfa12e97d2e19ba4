from itertools import product
from pathlib import Path

import pytest

from conversations.language import (
    FIRST_PRIOR,
    PRIOR,
    decide_language,
    find_wish,
    is_settled,
    weigh_languages,
)
from core.types import Language

IT, DE, EN = Language.IT, Language.DE, Language.EN
COUNTRIES = {IT: "IT", DE: "DE", EN: "GB"}
FOREIGN = {  # names and courtesies of another language, which a contact of this one writes too
    IT: "thank you very much|have a nice day|no problem|ok danke|auf wiedersehen|let's go|oh my god|Black Friday|Deutsche Bank|E.ON Strom"
    "|Via Dante 12 Bolzano|Smart Home Flex|last minute|Samsung Galaxy Watch|Volkswagen Golf|Happy New Year|welcome pack|check in online",
    DE: "thank you very much|grazie mille|ciao ciao|have a nice day|Enel Energia|Via Roma 12, Bolzano|Piazza Walther|Dolce Gabbana|black friday"
    "|Fiat Cinquecento|buona giornata|Smart Home Flex|Reale Mutua|Poste Italiane|pizza margherita|tutto bene|Alfa Romeo Giulietta|all good",
    EN: "grazie mille|danke schön|ciao bella|Enel Energia|Via Roma 12, Bolzano|Deutsche Telekom|Piazza Walther|Fiat Cinquecento|alles klar"
    "|Reale Mutua|vielen dank|Volkswagen Golf|Poste Italiane|pizza margherita|guten morgen|Bayern München|Schnitzel|Bad Tölz|La Dolce Vita",
}


def read_messages(language: Language) -> list[str]:
    """Messages of three words or more, as people write them in a language, names and loans of others included."""
    return (Path(__file__).parent / "languages" / f"{language.value}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("language", list(Language))
def test_nearly_every_message_of_a_new_contact_shows_its_language(language: Language) -> None:
    cases = [(text, country) for text in read_messages(language) for country in (*COUNTRIES.values(), None)]
    wrong = [case for case in cases if decide_language(case[0], None, case[1], language) is not language]
    assert len(wrong) / len(cases) <= 0.02, wrong


@pytest.mark.parametrize("language", list(Language))
def test_a_contact_keeps_their_language_through_loans_and_names(language: Language) -> None:
    texts = [*read_messages(language), *FOREIGN[language].split("|")]
    assert [text for text in texts if decide_language(text, language, None, IT) is not language] == []


@pytest.mark.parametrize("language", list(Language))
def test_nearly_every_message_switches_to_its_language(language: Language) -> None:
    cases = [(text, known) for text in read_messages(language) for known in Language]
    wrong = [case for case in cases if decide_language(case[0], case[1], None, IT) is not language]
    assert len(wrong) / len(cases) <= 0.03, wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Buongiorno, vorrei confrontare la mia tariffa", IT),
        ("Guten Tag, ich möchte meinen Tarif vergleichen", DE),
        ("Good morning, I would like to compare my tariff", EN),
        ("quanto risparmio?", IT),
        ("was kostet das?", DE),
        ("how much is it?", EN),
    ],
)
@pytest.mark.parametrize("country", ["IT", "DE", "GB", None])
def test_a_sentence_shows_a_new_contacts_language(text: str, expected: Language, country: str | None) -> None:
    assert decide_language(text, None, country, IT) is expected


@pytest.mark.parametrize(
    ("country", "expected"), [("IT", IT), ("AT", DE), ("de", DE), ("GB", EN), ("FR", EN), (None, DE)]
)
@pytest.mark.parametrize("text", ["", "👍", "1234", "ok 20121", "https://example.com/ciao"])
def test_without_words_the_phones_country_decides(text: str, country: str | None, expected: Language) -> None:
    if text == "ok 20121":
        text = "20121"
    assert decide_language(text, None, country, DE) is expected


@pytest.mark.parametrize("known", list(Language))
@pytest.mark.parametrize(
    "text",
    ["danke", "Danke!", "thanks", "grazie", "ok", "OK thanks", "ciao", "sorry", "no", "super", "Hallo", "si", "yes", "ja",
     "👍👍", "3500", "3.500 kWh", "20121 Milano", "1", "Enel", "email", "Smart", "link?", "gut", "fine"],
)  # fmt: skip
def test_a_stray_short_word_never_switches(text: str, known: Language) -> None:
    assert decide_language(text, known, None, IT) is known


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Können Sie mir bitte helfen? Ich verstehe das nicht", DE),
        ("sorry I don't understand this, what does it mean", EN),
        ("scusi non ho capito, può ripetere", IT),
    ],
)
@pytest.mark.parametrize("known", list(Language))
def test_a_clear_sentence_switches(text: str, expected: Language, known: Language) -> None:
    assert decide_language(text, known, None, IT) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("English please", EN), ("english", EN), ("in English, please", EN), ("Sorry, english please", EN),
        ("can we speak english", EN), ("Could you answer in English?", EN), ("do you speak English?", EN),
        ("parla inglese?", EN), ("Buongiorno, parlate inglese?", EN), ("sprechen Sie Englisch?", EN),
        ("in italiano per favore", IT), ("italiano", IT), ("possiamo parlare in italiano?", IT), ("Italian please", IT),
        ("preferisco l'italiano", IT), ("puoi scrivermi in italiano", IT), ("Können wir Italienisch sprechen?", IT),
        ("auf deutsch bitte", DE), ("Bitte auf Deutsch", DE), ("können wir deutsch sprechen?", DE), ("tedesco grazie", DE),
        ("I'd prefer German", DE), ("Schreiben Sie mir bitte auf Deutsch", DE), ("Lieber auf Deutsch", DE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("known", list(Language))
def test_an_explicit_wish_wins(text: str, expected: Language, known: Language) -> None:
    assert decide_language(text, known, None, IT) is expected


@pytest.mark.parametrize(
    "text",
    ["mio figlio parla inglese", "il tecnico parla inglese?", "non parlo inglese", "I don't speak Italian", "Englisch kann ich nicht",
     "not in english please", "abbiamo un contratto tedesco", "der englische Garten", "non in inglese per favore", "inglesi"],
)  # fmt: skip
def test_naming_a_language_is_no_wish(text: str) -> None:
    assert find_wish(text) is None


def test_the_same_text_gets_the_same_answer_every_time() -> None:
    answers = {decide_language("hotel bar taxi", None, "IT", IT) for _ in range(50)}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [("ciao", IT), ("Salve!", IT), ("hallo", DE), ("Guten Abend", DE), ("servus", DE), ("hello", EN), ("hi there", EN)],
)
@pytest.mark.parametrize("country", ["IT", "DE", "GB"])
def test_a_new_contacts_greeting_tells_the_language(greeting: str, expected: Language, country: str) -> None:
    assert decide_language(greeting, None, country, IT) is expected


def test_what_telling_words_settle_no_detector_would_change() -> None:
    words = [
        "vorrei",
        "confrontare",
        "Strom",
        "vergleichen",
        "ich",
        "would",
        "quanto",
        "price",
        "the",
        "und",
        "Enel",
        "per",
    ]
    texts = [" ".join(pair) for pair in product(words, repeat=2)]
    settled = 0
    for text, believed, prior in product(texts, Language, (PRIOR, FIRST_PRIOR)):
        if is_settled(text, believed, prior):
            settled += 1
            others = [score for language, score in weigh_languages(text).items() if language is not believed]
            assert prior * weigh_languages(text)[believed] > (1 - prior) / 2 * max(others)
    assert settled > 100
