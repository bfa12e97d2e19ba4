"""Whether two names mean the same supplier: "Enel" and "ENEL ENERGIA S.P.A." do."""

from __future__ import annotations

import re
from functools import lru_cache

# What a company's name ends with in law and nobody says.
FORMS = {
    *("spa", "srl", "srls", "sapa", "sas", "snc", "scarl", "scrl", "soc", "coop"),
    *("gmbh", "ag", "kg", "kgaa", "ohg", "se", "ltd", "plc", "llc", "sa", "co"),
}
NOT_WORDS = re.compile(r"[^\w]+")


@lru_cache(maxsize=8192)
def read_supplier(name: str) -> tuple[str, ...]:
    """The words of a name that tell who it is, in small letters; legal forms only where nothing else is there."""
    words = tuple(word for word in NOT_WORDS.split(name.casefold().replace(".", "")) if word)
    return tuple(word for word in words if word not in FORMS) or words


def is_same_supplier(one: str, other: str) -> bool:
    """Whether one name begins with all of the other: to propose somebody their own supplier would be worse than not."""
    first, second = read_supplier(one), read_supplier(other)
    shared = min(len(first), len(second))
    return shared > 0 and first[:shared] == second[:shared]
