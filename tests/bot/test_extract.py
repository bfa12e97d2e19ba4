from __future__ import annotations

import pytest

from bot.extract.find import find_values
from bot.extract.found import Question

KWH, CODE, PEOPLE, WISH, CHOICE = "yearly_kwh", "postcode", "household_size", "preference", "offer_choice"


def read(text: str, slot: str | None, language: str, country: str | None = None) -> dict[str, str | float]:
    return {one.entity: one.value for one in find_values(text, Question(slot, language, country))}


@pytest.mark.parametrize(
    ("text", "slot", "language", "code"),
    [
        ("20123", CODE, "it", "20123"),
        ("cap 20123 milano", None, "it", "20123"),
        ("cap20123", CODE, "it", "20123"),
        ("20 123", CODE, "it", "20123"),
        ("00184 Roma", None, "it", "00184"),
        ("no, 20123", KWH, "it", "20123"),
        ("no, 20123", WISH, "it", "20123"),
        ("20121, anzi 20123", CODE, "it", "20123"),
        ("20123, non 20121", CODE, "it", "20123"),
        ("via Roma 12, 20123 Milano", CODE, "it", "20123"),
        ("Hauptstraße 5, 80331 München", CODE, "de", "80331"),
        ("D-80331", None, "de", "80331"),
        ("ich wohne in 1010 Wien", None, "de", "1010"),
        ("8001", CODE, "de", "8001"),
        ("A-1010", None, "de", "1010"),
        ("my postcode is 80331", None, "en", "80331"),
        ("mi trasferisco a 20123", None, "it", "20123"),
    ],
)
def test_a_postcode_is_found(text: str, slot: str | None, language: str, code: str) -> None:
    assert read(text, slot, language) == {CODE: code}


@pytest.mark.parametrize(
    ("text", "slot", "language", "kwh"),
    [
        ("2.700", KWH, "it", 2700),
        ("2,700 kWh", None, "en", 2700),
        ("2 700 kWh", KWH, "it", 2700),
        ("2'700 kWh", KWH, "de", 2700),
        ("1.234,5 kWh", KWH, "de", 1234.5),
        ("2700kwh", None, "it", 2700),
        ("circa 2700", KWH, "it", 2700),
        ("ca.2700 kwh im Jahr", None, "de", 2700),
        ("2,7 MWh", KWH, "de", 2700),
        ("2.7 mwh a year", KWH, "en", 2700),
        ("2.700 MWh", KWH, "de", 2700),
        ("duemilasettecento", KWH, "it", 2700),
        ("zweitausendsiebenhundert", KWH, "de", 2700),
        ("two thousand seven hundred kwh", KWH, "en", 2700),
        ("tre mila e cinquecento", KWH, "it", 3500),
        ("3mila kwh", KWH, "it", 3000),
        ("3,5k", KWH, "de", 3500),
        ("200 kWh al mese", KWH, "it", 2400),
        ("im Monat so 250 kWh", KWH, "de", 3000),
        ("about 200 a month", KWH, "en", 2400),
        ("450 kwh ogni due mesi", KWH, "it", 2700),
        ("450 kWh a bimestre", KWH, "it", 2700),
        ("600 kWh in 3 mesi", KWH, "it", 2400),
        ("tra 2500 e 3000", KWH, "it", 2750),
        ("2500-3000 kWh", KWH, "it", 2750),
        ("zwischen 2500 und 3500 kWh", KWH, "de", 3000),
        ("anzi 3500 kWh", CODE, "it", 3500),
        ("no, 3500", WISH, "it", 3500),
        ("2500 no scusa 3500", KWH, "it", 3500),
        ("3500, non 2500", KWH, "it", 3500),
        ("stop, wait, I meant 3500", KWH, "en", 3500),
        ("3 kw di contatore, 2700 kwh", KWH, "it", 2700),
        ("1200 smc di gas e 2700 kwh", KWH, "it", 2700),
        ("2700 kWh per 85 mq", KWH, "it", 2700),
        ("consumo 3200 kw all'anno", None, "it", 3200),
        ("pago 80 euro al mese per 2700 kwh", KWH, "it", 2700),
        ("12000", KWH, "it", 12000),
        ("2024", KWH, "it", 2024),
    ],
)
def test_a_yearly_consumption_is_found(text: str, slot: str | None, language: str, kwh: float) -> None:
    assert read(text, slot, language) == {KWH: kwh}


@pytest.mark.parametrize(
    ("text", "slot", "language", "people"),
    [
        ("4", PEOPLE, "it", 4),
        ("4", KWH, "it", 4),
        ("quattro", PEOPLE, "it", 4),
        ("siamo in quattro", KWH, "it", 4),
        ("siamo in 4", None, "it", 4),
        ("in casa siamo tre", PEOPLE, "it", 3),
        ("da solo", PEOPLE, "it", 1),
        ("io e mia moglie", PEOPLE, "it", 2),
        ("io, mia moglie e due figli", PEOPLE, "it", 4),
        ("due adulti e due bambini", PEOPLE, "it", 4),
        ("siamo in 4 in un appartamento di 90 mq", KWH, "it", 4),
        ("zu dritt", PEOPLE, "de", 3),
        ("wir sind zu viert", None, "de", 4),
        ("4-Personen-Haushalt", None, "de", 4),
        ("vierköpfige Familie", None, "de", 4),
        ("nur ich", PEOPLE, "de", 1),
        ("just me", PEOPLE, "en", 1),
        ("there are four of us", None, "en", 4),
        ("we're three", PEOPLE, "en", 3),
        ("2 adults and 1 kid", PEOPLE, "en", 3),
        ("a couple", PEOPLE, "en", 2),
        ("con mia moglie", PEOPLE, "it", 2),
        ("io, mia moglie e i gemelli, 4", PEOPLE, "it", 4),
        ("me and my partner plus a baby", PEOPLE, "en", 3),
        ("sono in 3 a casa e spendo troppo di luce", None, "it", 3),
    ],
)
def test_a_household_is_counted(text: str, slot: str | None, language: str, people: float) -> None:
    assert read(text, slot, language) == {PEOPLE: people}


@pytest.mark.parametrize(
    ("text", "slot", "language", "wish"),
    [
        ("prezzo fisso", WISH, "it", "fixed"),
        ("il prezzo", WISH, "it", "price"),
        ("la più economica", None, "it", "price"),
        ("Ökostrom", None, "de", "green"),
        ("günstig", WISH, "de", "price"),
        ("egal ob grün, Hauptsache billig", WISH, "de", "price"),
        ("green", WISH, "en", "green"),
        ("a fixed price please", None, "en", "fixed"),
    ],
)
def test_a_preference_is_found(text: str, slot: str | None, language: str, wish: str) -> None:
    assert read(text, slot, language) == {WISH: wish}


@pytest.mark.parametrize(
    ("text", "slot", "language", "choice"),
    [
        ("la prima", CHOICE, "it", "1"),
        ("prima", CHOICE, "it", "1"),
        ("die zweite", CHOICE, "de", "2"),
        ("the second one", CHOICE, "en", "2"),
        ("2", CHOICE, "en", "2"),
        ("1.", CHOICE, "de", "1"),
        ("2\ufe0f\u20e3", CHOICE, "en", "2"),
        ("offerta 2", None, "it", "2"),
    ],
)
def test_an_offer_is_chosen(text: str, slot: str | None, language: str, choice: str) -> None:
    assert read(text, slot, language) == {CHOICE: choice}


@pytest.mark.parametrize(
    ("text", "slot", "language"),
    [
        ("60 euro al mese", KWH, "it"),
        ("pago 60 al mese", KWH, "it"),
        ("my bill is 80 a month", KWH, "en"),
        ("0,25 €/kWh", KWH, "it"),
        ("pago 25 cent/kWh", KWH, "it"),
        ("ho 3 kW di contatore", KWH, "it"),
        ("chiamami al 347 1234567", KWH, "it"),
        ("+39 347 1234567", CODE, "it"),
        ("scade il 12/03/2027", CODE, "it"),
        ("sono in affitto da 3 anni", PEOPLE, "it"),
        ("alle 18", KWH, "it"),
        ("dal 2019", KWH, "it"),
        ("ho una domanda", PEOPLE, "it"),
        ("eine Frage", PEOPLE, "de"),
        ("sei gentile", KWH, "it"),
        ("quanto costa?", None, "it"),
        ("prima!", CHOICE, "de"),
        ("non lo so", KWH, "it"),
        *(("mio marito è mancato a marzo", slot, "it") for slot in (None, CODE, "renewal_decision")),
        ("la bolletta la guarda mia moglie, io no", KWH, "it"),
        ("meine Mutter fragen", PEOPLE, "de"),
        ("mein Sohn ist 18, darf der fahren?", None, "de"),
        ("my son says you are crooks", None, "en"),
        ("ho 3 figli e vivo a Roma", CODE, "it"),
        ("siamo in due, c'è uno sconto?", "renewal_decision", "it"),
        ("posso chiedere a una persona?", KWH, "it"),
        ("no, ne ricevo già mille", "updates_wanted", "it"),
        ("ich nehm die grünen Schuhe", None, "de"),
        ("cerco un'assicurazione più economica per l'auto", None, "it"),
        ("is it really green energy", WISH, "en"),
        ("quale delle due costa meno?", CHOICE, "it"),
        ("does the second come with breakdown cover?", CHOICE, "en"),
        ("20 km zur Arbeit", "km_per_year", "de"),
        ("null Ahnung", "no_claims_class", "de"),
        ("I've been driving 12 years", "no_claims_class", "en"),
        ("can I use my dad's no claims bonus", None, "en"),
        ("ich bitte um einen Anruf", None, "de"),
        ("I'm 6 foot 2", "size", "en"),
        ('/inform{"postcode": "20123"}', CODE, "it"),
        ("", CODE, "it"),
    ],
)
def test_a_distractor_is_no_value(text: str, slot: str, language: str) -> None:
    assert read(text, slot, language) == {}


def test_several_values_in_one_message_are_all_found() -> None:
    assert read("20123, siamo in 4, circa 2.700 kwh, prezzo fisso", CODE, "it") == {
        CODE: "20123",
        PEOPLE: 4,
        KWH: 2700,
        WISH: "fixed",
    }


def test_the_number_beside_a_postcode_is_the_consumption() -> None:
    assert read("20123 2700", CODE, "it") == {CODE: "20123", KWH: 2700}


def test_a_country_is_found_only_while_the_place_is_asked() -> None:
    assert read("Deutschland", "country", "de") == {"country": "DE"}
    assert read("parli italiano?", None, "it") == {}


def test_a_value_says_where_it_stands() -> None:
    (found,) = find_values("il cap è 20123, grazie", Question(CODE, "it"))
    assert "il cap è 20123, grazie"[found.start : found.end] == "20123"
