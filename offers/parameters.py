"""The index and the losses that variable prices are computed with."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from functools import cache
from pathlib import Path

from offers.cost import Parameters

TABLES = Path(__file__).parent / "tables"
PARAMETERS = TABLES / "placet_parameters_2025-11-21.csv.gz"

# The regulator's parameter file has no index. This is the arithmetic mean of the PUN Index GME of the last full month
# before the catalogue's date; replace it together with the catalogue.
INDEX_PER_KWH = Decimal("0.111")
INDEX_MONTH = "2025-10"
INDEX_SOURCE = "GME, PUN Index GME, October 2025, as reported by vocedelnordest.it and papernest.it"


@cache
def load_parameters() -> Parameters:
    """The index above and the network losses (`lambda`) of the regulator's parameter file."""
    with gzip.open(PARAMETERS, "rt", encoding="utf-8", newline="") as file:
        values = {row["nome_parametro"]: Decimal(row["valore"]) for row in csv.DictReader(file)}
    return Parameters(INDEX_PER_KWH, INDEX_MONTH, INDEX_SOURCE, losses=values["lambda"])
