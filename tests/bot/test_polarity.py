from __future__ import annotations

import pytest

from bot.extract.polarity import read_polarity

YES = """sì|si|siii|ok|okk|va bene|ma sì dai|perché no|no no va benissimo|no, va bene|nessun problema|non c'è problema|come no|👍
passt schon|kein problem|ja gerne|geht klar|auf jeden Fall|ja passt, danke|warum nicht|nah yeah|sure why not|no worries
yes please|sounds good|no problem at all|d'accordo|einverstanden"""
NO = """no|noo|no grazie|non va bene|non credo|certo che no|non mi interessa|ma no|meglio di no|👎|nein danke|nö|lieber nicht
passt nicht|ja nein|eher nicht|auf keinen Fall|kein Interesse|yeah nah|not really|nope|no thanks|no way|not interested"""
NEITHER = """quanto costa?|va bene, ma quanto dura il contratto|no, 20123 milano centro storico bello|jein|20123||ciao
ist das kostenlos?|i use about three thousand"""


def split(block: str) -> list[str]:
    return block.replace("\n", "|").split("|")


@pytest.mark.parametrize("text", split(YES))
def test_it_means_yes(text: str) -> None:
    assert read_polarity(text) is True


@pytest.mark.parametrize("text", split(NO))
def test_it_means_no(text: str) -> None:
    assert read_polarity(text) is False


@pytest.mark.parametrize("text", split(NEITHER))
def test_it_is_neither_yes_nor_no(text: str) -> None:
    assert read_polarity(text) is None
