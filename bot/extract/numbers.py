"""Every number in a message, with what stands around it saying what it counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.extract.number_words import ARTICLES, find_words

_DIGITS = re.compile(
    r"(?<![^\W_])(?<!\d[.,'’])(?:"
    r"\d{1,3}(?:[.'’\u202f\u00a0 ]\d{3})+(?:,\d+)?"  # 2.700  2'700  2 700  1.234,5
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?"  # 2,700  1,234.5
    r"|\d+(?:[.,]\d+)?)(?!\d)"
)
_THOUSANDS = re.compile(r"\s?(?:k|mila|tausend|tsd\.?|thousand|mille)(?![^\W\d_])", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:\+|\b00)\d[\d\s/.()-]{7,}\d|\b\d{9,}\b|\b3\d{2}[\s./-]\d{6,7}\b|\b3\d{2}[\s.-]\d{3}[\s.-]\d{3,4}\b"
    r"|\b0\d{1,4}[/-]\s?\d{5,}\b|\b0\d{2,4}\s\d{6,}\b"
)
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b\d{1,2}/\d{1,2}\b(?!/|\s*(?:k\b|mila|tausend|tsd|thousand|km\b|€|euro))|\b\d{1,2}\.\d{1,2}\.(?!\d)|\b\d{1,2}:\d{2}\b"
    r"|(?<![\d.,])(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?(?:am|\s?p\.?m)\b",
    re.IGNORECASE,
)
MONTHS = (
    r"(?:genn?aio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|jan|feb|mär"
    r"|apr|mai\b|may\b|jun|jul|aug|sep|o[kc]t|nov|de[zc])"
)
_CODE = re.compile(  # IBAN, POD, meter: letters and digits without a space, or the number of a customer or contract
    r"\b[a-z]{2}\d{2}(?: ?[\da-z]{4}){3,}(?: ?[\da-z]{1,3})?\b|\b[a-z]{2}\d{3}[a-z]\d{6,}\b|\b\d[a-z]{3}\d{8,}\b"
    r"|(?:\b(?:codice|numero|num\.?|nr\.?|n\.?)\s*(?:di )?(?:cliente|contratto|contatore|utenza|polizza|ordine)|\bcliente(?: n\.?)?|\bordine(?: n\.?)?"
    r"|\b(?:kunden|vertrags|zähler|zaehler|policen|bestell|auftrags)[\s-]?(?:nummer|nr\.?)|\b(?:customer|account|policy|meter|contract|order)\s*"
    r"(?:number|no\.?|nr\.?|id)|\bmprn|\bgprn|\bpod|\bpdr)\s*(?:è|e'|ist|lautet|is)?\s*[:#]?\s*[\da-z]*\d[\w/-]*",
    re.IGNORECASE,
)
# What follows a number and tells what it counts; the first that fits decides.
_AFTER = [
    (
        "money",
        r"(?:,-+)?[-\s]*(?:€|\$|£|eur\b|euros?\b|cents?\b|centesimi|ct\b|chf\b|franken|franchi|bucks|quid|/\s?kwh)",
    ),
    (
        "kwh",
        r"[-\s]*(?:k\s?w\s?/?\s?h(?!eat|aus|eiz)|khw|kwt?h|(?:k|ch)ilo[wv]att?[\s-]*(?:or[ae]|stunden?|std|hours?|h)\b|kwora)",
    ),
    ("mwh", r"[-\s]*(?:m\s?w\s?/?\s?h\b|mega[wv]att?[\s-]*(?:or[ae]|stunden?|hours?)\b)"),
    ("kw", r"[-\s]*(?:k\s?w\b|(?:k|ch)ilo[wv]att?s?\b)"),
    ("volume", r"[-\s]*(?:m3|m³|s?mc\b|metri cub|kubik|cubic|cbm\b|standard metr|lit(?:ri|er|re))"),
    ("km", r"[-\s]*(?:t?km\b|kms\b|(?:ch|k)ilomet\w+)"),
    ("miles", r"[-\s]*(?:miles?\b|meilen\b|miglia\b|mi\b(?!\s+\w))"),
    ("percent", r"\s*(?:%|percent|prozent|per cento)"),
    ("area", r"[-\s]*(?:mq\b|m2\b|m²|qm\b|sqm\b|metri quadr|quadratmeter|square|sq\b)"),
    (
        "people",
        r"[-\s]*(?:pers|leute|people|köpf|koepf|adult|erwachsen|bambin|kinder?\b|kids?\b|child|figli|inquilin|coinquilin"
        r"|ragazz|family|mitbewohn|housemate|flatmate|roommate|bewohner|of us\b|in casa|in famiglia)",
    ),
    ("time", r"\s*(?:uhr|o.?clock|[ap]m\b)"),
    ("date", rf"[.\s]*{MONTHS}"),
    (
        "duration",
        r"[-\s]*(?:ann[io]\b|jahre?n?\b|years?\b|yrs?\b|mes[ei]\b|monate?n?\b|months?\b|giorn|tage?n?\b|days?\b|wochen?\b"
        r"|weeks?\b|settiman|stunden?\b|hours?\b|minut|ore\b)",
    ),
    ("rooms", r"[-\s]*(?:zimmer|stanz|local[ei]\b|rooms?\b|bedroom|vani\b|pian[io]\b)"),
    ("street", r"\s+(?:[\w'’]+\s+){0,2}(?:street|road|avenue|lane|st\.|rd\.)"),
]
_BEFORE = [
    ("money", r"(?:€|\$|£|\beur|\beuro|\bchf)\s*$"),
    ("kwh", r"\bkwh\s*[:=]?\s*$"),
    (
        "street",
        r"(?:\b(?:via|viale|v\.le|v\.|piazza|p\.zza|piazzale|corso|c\.so|largo|vicolo|strada|contrada|borgo|calle"
        r"|straße|strasse|weg)\s+[^\d,;:!?]{2,40},?\s*(?:n\.?\s*|nr\.?\s*)?"
        r"|\w*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|street|road|avenue|lane)\s*,?\s*(?:nr\.?|no\.?)?\s*"
        r"|\b(?:civico|interno|scala|hausnummer|haus\s?nr\.?|piano|stock|house number|flat|apartment)\s*)$",
    ),
    ("time", r"\b(?:alle|alle ore|dopo le|verso le|um|gegen|ab|at|after|before)\s*$"),
    ("year", r"\b(?:nel|dal|del|seit|since|im jahr|anno|in)\s*$"),
]
_LIMITS = {"duration": 100, "time": 25}  # "39.99 pm" is paid per month
_AFTER_COMPILED = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _AFTER]
_BEFORE_COMPILED = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _BEFORE]


@dataclass(frozen=True)
class Number:
    """A number in a message. start, end: where it stands, without its unit.

    fraction: its value if a lone separator before three digits were a decimal sign ("2.700" is 2700 or 2.7).
    unit: money, kwh, mwh, kw, volume, km, miles, percent, area, people, time, date, duration, rooms, street, year, or "".
    """

    value: float
    fraction: float
    start: int
    end: int
    unit: str
    written: str
    in_words: bool = False

    @property
    def bare(self) -> bool:
        """Whether it is only digits, as a postcode is written."""
        return self.written.isdigit()

    @property
    def article(self) -> bool:
        """Whether the word may be just an article: "una domanda"."""
        return self.written.lower() in ARTICLES


def mask_distractors(text: str) -> str:
    """The message with # in place of codes, telephone numbers, dates and times of day; positions stay the same."""
    for pattern in (_CODE, _PHONE, _DATE):
        text = pattern.sub(lambda match: "#" * len(match.group()), text)
    return text


def find_numbers(text: str, language: str) -> list[Number]:
    """All numbers of a masked message, from left to right."""
    found = [_make_number(text, match.start(), match.end(), match.group()) for match in _DIGITS.finditer(text)]
    for value, start, end in find_words(text, language):
        if any(number.start <= start < number.end for number in found):
            continue
        unit = _name_unit(text, start, end, float(value))
        found.append(Number(float(value), float(value), start, end, unit, text[start:end], in_words=True))
    return sorted(found, key=lambda number: number.start)


def _make_number(text: str, start: int, end: int, written: str) -> Number:
    value, fraction = _read_digits(written)
    if thousands := _THOUSANDS.match(text, end):
        value, end = fraction * 1000, thousands.end()
        fraction, written = value, text[start:end]
    return Number(value, fraction, start, end, _name_unit(text, start, end, value), written)


def _read_digits(written: str) -> tuple[float, float]:
    """(value, value with a lone separator read as decimal sign)."""
    plain = re.sub(r"[\s'’\u202f\u00a0]", "", written)
    separators = re.sub(r"\d", "", plain)
    if not separators:
        return float(plain), float(plain)
    last = separators[-1]
    if len(set(separators)) > 1:  # 1.234,5 and 1,234.5: the last sign is the decimal one
        value = float(plain.replace(separators[0], "").replace(last, "."))
        return value, value
    groups = plain.split(last)
    fraction = float(plain.replace(last, ".")) if len(groups) == 2 else float(plain.replace(last, ""))
    if all(len(group) == 3 for group in groups[1:]) and groups[0] != "0":
        return float(plain.replace(last, "")), fraction
    return fraction, fraction


def _name_unit(text: str, start: int, end: int, value: float) -> str:
    for name, pattern in _AFTER_COMPILED:
        if pattern.match(text, end) and value < _LIMITS.get(name, float("inf")):
            return name
    before = text[max(0, start - 60) : start]
    for name, pattern in _BEFORE_COMPILED:
        if (name == "time" and value > 24) or (name == "year" and not 1950 <= value <= 2050):
            continue
        if name == "street" and value > 999:
            continue
        if pattern.search(before):
            return name
    return ""
