"""Numbers, money, dates and countries as people read them in Italian, German and English."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

SYMBOLS = {"EUR": "€", "CHF": "CHF", "GBP": "£", "USD": "$"}
MONTHS = {
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
}
COUNTRIES = {
    "IT": {"it": "Italia", "de": "Italien", "en": "Italy"},
    "DE": {"it": "Germania", "de": "Deutschland", "en": "Germany"},
    "AT": {"it": "Austria", "de": "Österreich", "en": "Austria"},
    "CH": {"it": "Svizzera", "de": "Schweiz", "en": "Switzerland"},
    "LI": {"it": "Liechtenstein", "de": "Liechtenstein", "en": "Liechtenstein"},
    "GB": {"it": "Gran Bretagna", "de": "Großbritannien", "en": "Great Britain"},
}


def format_number(number: Decimal | float, language: str, decimals: int = 0) -> str:
    """1.234,5 in Italian and German, 1,234.5 in English."""
    plain = f"{number:,.{decimals}f}"
    return plain if language == "en" else plain.translate(str.maketrans(",.", ".,"))


def format_money(amount: Decimal, currency: str, language: str) -> str:
    """1.234,56 € in Italian and German, €1,234.56 in English."""
    symbol, number = SYMBOLS.get(currency, currency), format_number(amount, language, 2)
    if language != "en":
        return f"{number} {symbol}"
    return f"{symbol} {number}" if symbol.isalpha() else f"{symbol}{number}"


def format_percent(percent: Decimal, language: str) -> str:
    """9,1% in Italian, 9,1 % in German, 9.1% in English."""
    return f"{format_number(percent, language, 1)}{' ' if language == 'de' else ''}%"


def format_date(day: date, language: str) -> str:
    """15 gennaio 2027, 15. Januar 2027, 15 January 2027."""
    return f"{day.day}{'.' if language == 'de' else ''} {MONTHS[language].split()[day.month - 1]} {day.year}"


def format_month(month: str, language: str) -> str:
    """The month written 2025-10 in words."""
    year, number = month.split("-")
    return f"{MONTHS[language].split()[int(number) - 1]} {year}"
