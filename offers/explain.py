"""The reason for a next best offer in words, in three languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from core.wording import COUNTRIES, format_date, format_money, format_month, format_number, format_percent

WORDS = {
    "it": {
        "place": "luogo: {place}",
        "consumption_told": "consumo: {kwh} kWh all'anno, detto dal contatto",
        "consumption_contract": "consumo: {kwh} kWh all'anno, dal contratto",
        "consumption_estimate": "consumo: {kwh} kWh all'anno, stima per una famiglia di {persons} ({said_by})",
        "driver_bonus_malus": "classe di merito {no_claims}, {km} km all'anno, assicurazione in {country}",
        "driver_sf_class": "classe SF {no_claims}, {km} km all'anno, assicurazione in {country}",
        "driver_no_claims_years": "anni senza sinistri: {no_claims}, {km} km all'anno, assicurazione in {country}",
        "today": "oggi: {cost} all'anno con {supplier}",
        "today_unknown": "oggi: {cost} all'anno",
        "offer": "con {supplier}, {name}: {cost} all'anno",
        "saving": "risparmio: {amount} all'anno ({percent})",
        "energy_only": "solo la parte del fornitore, senza imposte e costi di rete",
        "premium_only": "confronta i premi, non le coperture; franchigia {excess}",
        "index": "prezzo variabile, calcolato con l'indice di {month}",
        "until": "si può firmare fino al {on}",
        "sample": "offerta inventata, per provare Pronto",
    },
    "de": {
        "place": "Ort: {place}",
        "consumption_told": "Verbrauch: {kwh} kWh im Jahr, vom Kontakt genannt",
        "consumption_contract": "Verbrauch: {kwh} kWh im Jahr, aus dem Vertrag",
        "consumption_estimate": "Verbrauch: {kwh} kWh im Jahr, Schätzung für einen Haushalt mit {persons} ({said_by})",
        "driver_bonus_malus": "Bonus-Malus-Klasse {no_claims}, {km} km im Jahr, versichert in: {country}",
        "driver_sf_class": "SF-Klasse {no_claims}, {km} km im Jahr, versichert in: {country}",
        "driver_no_claims_years": "schadenfreie Jahre: {no_claims}, {km} km im Jahr, versichert in: {country}",
        "today": "heute: {cost} im Jahr bei {supplier}",
        "today_unknown": "heute: {cost} im Jahr",
        "offer": "bei {supplier}, {name}: {cost} im Jahr",
        "saving": "Ersparnis: {amount} im Jahr ({percent})",
        "energy_only": "nur der Anteil des Lieferanten, ohne Steuern und Netzentgelte",
        "premium_only": "vergleicht die Beiträge, nicht die Leistungen; Selbstbeteiligung {excess}",
        "index": "variabler Preis, berechnet mit dem Index von {month}",
        "until": "Abschluss möglich bis {on}",
        "sample": "erfundenes Angebot, um Pronto auszuprobieren",
    },
    "en": {
        "place": "place: {place}",
        "consumption_told": "consumption: {kwh} kWh a year, told by the contact",
        "consumption_contract": "consumption: {kwh} kWh a year, from the contract",
        "consumption_estimate": "consumption: {kwh} kWh a year, an estimate for a household of {persons} ({said_by})",
        "driver_bonus_malus": "no-claims class {no_claims}, {km} km a year, insured in {country}",
        "driver_sf_class": "SF class {no_claims}, {km} km a year, insured in {country}",
        "driver_no_claims_years": "years without claims: {no_claims}, {km} km a year, insured in {country}",
        "today": "today: {cost} a year with {supplier}",
        "today_unknown": "today: {cost} a year",
        "offer": "with {supplier}, {name}: {cost} a year",
        "saving": "saving: {amount} a year ({percent})",
        "energy_only": "the supplier's part only, without taxes and network charges",
        "premium_only": "compares premiums, not what is covered; excess {excess}",
        "index": "variable price, computed with the index of {month}",
        "until": "can be signed until {on}",
        "sample": "an invented offer, to try Pronto",
    },
}


def explain_offer(reason: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """A stored reason as phrases, one per fact; in English where we do not talk the language."""
    return [explain_fact(fact, language if language in WORDS else "en") for fact in reason]


def explain_fact(fact: Mapping[str, Any], language: str) -> str:
    name, values = fact["fact"], {key: word(key, fact, language) for key in fact}
    if name == "consumption":
        name += f"_{fact['source']}"
    elif name == "driver":
        name += f"_{fact['system']}"
    elif name == "today" and not fact["supplier"]:
        name = "today_unknown"
    elif name == "place":
        known = [fact["postcode"], fact["place"]]
        values["place"] = " ".join(part for part in known if part) or values["country"]
    return WORDS[language][name].format_map(values)


def word(key: str, fact: Mapping[str, Any], language: str) -> str:
    """One value of a fact as people read it."""
    value = fact[key]
    if key in ("cost", "amount", "excess"):
        return format_money(Decimal(value), fact["currency"], language)
    if key == "name" and isinstance(value, Mapping):
        return str(value[language])
    write = FORMATS.get(key)
    return write(value, language) if write else str(value)


FORMATS: dict[str, Callable[[Any, str], str]] = {
    "kwh": lambda value, language: format_number(Decimal(value), language),
    "km": format_number,
    "percent": lambda value, language: format_percent(Decimal(value), language),
    "month": format_month,
    "on": lambda value, language: format_date(date.fromisoformat(value), language),
    "country": lambda value, language: COUNTRIES.get(value, {}).get(language, str(value)),
}
