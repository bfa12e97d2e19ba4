"""Numbers, money, dates and countries as people read them; they are needed outside of conversations too."""

from core.wording import (
    COUNTRIES,
    MONTHS,
    format_date,
    format_money,
    format_month,
    format_number,
    format_percent,
)

__all__ = ["COUNTRIES", "MONTHS", "format_date", "format_money", "format_month", "format_number", "format_percent"]
