"""Run with Rasa's Python: `bot/.venv/bin/python -m unittest discover -s bot/tests -t .`."""

from __future__ import annotations

import unittest
from collections.abc import Sequence

from bot.extract.found import Found
from bot.understand.decide import FALLBACK, Limits, Understood
from bot.understand.parts import choose_leading, find_parts, split_clauses

READINGS = {
    "sì": ("affirm", 1.0),
    "quanto costa?": ("ask_cost", 0.98),
    "ciao": ("greet", 0.9),
    "vorrei confrontare le offerte": ("energy_comparison", 0.99),
    "grazie": ("thank", 0.9),
    "no": ("deny", 1.0),
    "posso fare il reso?": ("ask_returns", 0.95),
    "chi siete": ("bot_challenge", 0.4),
    "vorrei chiederlo a una persona": ("ask_human", 0.9),
    "dove siete a bologna?": ("find_branch", 0.9),
}


def read(clause: str, found: Sequence[Found]) -> tuple[str, float]:
    return ("inform", 1.0) if found else READINGS.get(clause.strip(" ."), (FALLBACK, 0.9))


class TestParts(unittest.TestCase):
    def check(self, text: str, whole: str, intents: list[str], leading: str) -> None:
        parts = find_parts(text, [], read)
        self.assertEqual([part.intent for part in parts], intents)
        self.assertEqual(choose_leading(parts, whole) if parts else whole, leading)

    def test_a_yes_leads_and_the_question_stays_beside_it(self) -> None:
        for text in ("sì, ma quanto costa?", "sì ma quanto costa?", "sì\nquanto costa?", "sì. quanto costa?"):
            self.check(text, "ask_cost", ["affirm", "ask_cost"], "affirm")

    def test_a_greeting_and_a_wish_are_the_wish(self) -> None:
        self.check("ciao, vorrei confrontare le offerte", FALLBACK, ["greet", "energy_comparison"], "energy_comparison")

    def test_thanks_and_a_question_are_the_question(self) -> None:
        self.check("grazie, quanto costa?", "thank", ["thank", "ask_cost"], "ask_cost")

    def test_two_questions_keep_their_order(self) -> None:
        self.check("quanto costa? posso fare il reso?", "ask_returns", ["ask_cost", "ask_returns"], "ask_returns")

    def test_small_talk_alone_has_no_parts(self) -> None:
        self.check("ciao, grazie", "greet", [], "greet")

    def test_a_clause_read_without_confidence_is_no_part(self) -> None:
        self.check("sì, chi siete", "affirm", [], "affirm")

    def test_a_wish_or_question_beside_a_value_leads_because_the_value_is_kept_anyway(self) -> None:
        found = [Found("postcode", "20123", 0, 5)]
        for text, intent in (
            ("20123, quanto costa?", "inform"),
            ("20123, vorrei chiederlo a una persona", "ask_human"),
        ):
            parts = find_parts(text, found, read)
            self.assertEqual(choose_leading(parts, "inform"), intent)

    def test_a_place_looked_for_leads_a_question(self) -> None:
        text = "dove siete a bologna? quanto costa?"
        self.check(text, "ask_cost", ["find_branch", "ask_cost"], "find_branch")

    def test_a_correction_is_never_split(self) -> None:
        found = [Found("postcode", "20123", 4, 9)]
        self.assertEqual(find_parts("no, 20123. quanto costa?", found, read), [])

    def test_numbers_and_pairs_of_things_are_no_clauses(self) -> None:
        for text in ("2.700 kwh", "1,5 kg", "luce e gas insieme"):
            self.assertEqual(split_clauses(text), [(0, len(text))])


class TestNearest(unittest.TestCase):
    def test_two_close_readings_are_offered(self) -> None:
        understood = Understood(((FALLBACK, 0.7), ("ask_cost", 0.3), ("too_expensive", 0.28)))
        self.assertEqual(understood.list_nearest(Limits()), ["ask_cost", "too_expensive"])

    def test_a_clear_or_a_strange_message_has_none(self) -> None:
        clear = Understood((("ask_cost", 0.5), ("too_expensive", 0.45)))
        strange = Understood(((FALLBACK, 0.7), ("ask_cost", 0.3), ("too_expensive", 0.28)), known=0.1)
        spread = Understood(((FALLBACK, 0.9), ("ask_cost", 0.1), ("too_expensive", 0.1)))
        for understood in (clear, strange, spread):
            self.assertEqual(understood.list_nearest(Limits()), [])


if __name__ == "__main__":
    unittest.main()
