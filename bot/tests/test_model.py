"""Run with Rasa's Python: `bot/.venv/bin/python -m unittest discover -s bot/tests -t .`."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np

from bot.extract.found import Found
from bot.understand.augment import augment_line
from bot.understand.decide import Limits, classify_text, decide_intent
from bot.understand.lookup import build_lookup
from bot.understand.model import IntentModel, train_model
from bot.understand.ngrams import list_ngrams
from bot.understand.words import normalise_text, split_words

LINES = [
    *((text, "greet") for text in ("ciao", "buongiorno", "hallo", "guten tag", "hello", "good morning")),
    *((text, "affirm") for text in ("sì", "va bene", "ja", "ja gerne", "yes", "sounds good")),
    *((text, "deny") for text in ("no", "no grazie", "nein", "nein danke", "nope", "no thanks")),
    *((text, "inform") for text in ("il cap è 20123", "consumo 2700 kwh", "meine plz ist 80331", "i use 3000 kwh")),
    *((text, "out_of_scope") for text in ("che tempo fa", "wie wird das wetter", "tell me a joke", "order a pizza")),
]


class TestModel(unittest.TestCase):
    model: IntentModel

    @classmethod
    def setUpClass(cls) -> None:
        cls.model = train_model(LINES)

    def test_training_lines_are_understood(self) -> None:
        for text, intent in LINES:
            shares, known = self.model.predict(text)
            self.assertEqual((self.model.labels[int(shares.argmax())], known), (intent, 1.0))

    def test_loading_gives_exactly_what_was_saved(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.model.save(Path(folder))
            loaded = IntentModel.load(Path(folder))
        for text in ("ciao", "va benone", "zzz", ""):
            self.assertTrue(np.array_equal(self.model.predict(text)[0], loaded.predict(text)[0]))

    def test_training_twice_in_any_order_gives_the_same_model(self) -> None:
        again = train_model(list(reversed(LINES)))
        self.assertEqual(self.model.rows, again.rows)
        self.assertTrue(np.array_equal(self.model.weights, again.weights))

    def test_two_intents_are_enough(self) -> None:
        model = train_model([line for line in LINES if line[1] in ("affirm", "deny")])
        self.assertEqual(model.labels[int(model.predict("nein danke")[0].argmax())], "deny")

    def test_words_never_seen_are_not_known(self) -> None:
        self.assertLess(self.model.predict("qwzx pfrrt zzkj")[1], 0.2)


class TestLookup(unittest.TestCase):
    lookup = build_lookup(
        [{"name": "stock", "elements": ["c'è ancora", "spedi*"]}, {"name": "no", "elements": ["don't"]}]
    )

    def find(self, text: str) -> list[str]:
        return self.lookup.find_tables(split_words(text))

    def test_an_apostrophe_is_no_word_of_a_phrase(self) -> None:
        for text in ("c'è ancora?", "c’è ancora", "c è ancora", "ce ancora"):
            self.assertEqual(self.find(text), ["stock"])

    def test_a_word_is_known_with_its_apostrophe_and_without(self) -> None:
        self.assertEqual([self.find(text) for text in ("don't", "dont")], [["no"], ["no"]])

    def test_a_stem_is_known_with_every_ending(self) -> None:
        self.assertEqual(self.find("la spedizione"), ["stock"])


class TestNgrams(unittest.TestCase):
    def test_numbers_case_and_long_letters_do_not_matter(self) -> None:
        self.assertEqual(normalise_text("CIAOOOO  2.700 KWh"), normalise_text("ciaoo 20123 kwh"))

    def test_letters_stay_inside_their_word(self) -> None:
        self.assertNotIn("cab", list_ngrams("a b"))
        self.assertIn("wa b", list_ngrams("a b"))


class TestAugmenting(unittest.TestCase):
    def test_variants_are_the_same_every_time(self) -> None:
        self.assertEqual(augment_line("perché dovrei cambiare"), augment_line("perché dovrei cambiare"))

    def test_accents_digraphs_and_chat_spelling_are_covered(self) -> None:
        self.assertIn(
            "weiss ich nicht, moechte", [line.replace("ß", "ss") for line in augment_line("weiß ich nicht, möchte")]
        )
        self.assertIn("perche no", augment_line("perché no"))
        self.assertIn("xké no", augment_line("perché no"))


class TestDeciding(unittest.TestCase):
    limits = Limits()

    def decide(self, text: str, shares: dict[str, float], **more: object) -> str:
        context: dict[str, object] = {"known": 1.0, "found": [], "answers": [], "question": None, **more}
        return decide_intent(text, shares, limits=self.limits, **context).intent  # type: ignore[arg-type]

    def test_a_clear_message_keeps_its_intent(self) -> None:
        self.assertEqual(self.decide("perché il cap", {"ask": 0.8, "inform": 0.2}), "ask")

    def test_two_close_readings_are_not_understood(self) -> None:
        self.assertEqual(self.decide("mah", {"ask": 0.441, "cancel": 0.439, "inform": 0.12}), "nlu_fallback")

    def test_the_open_question_decides_between_close_readings(self) -> None:
        shares = {"ask": 0.45, "dont_know": 0.43, "inform": 0.12}
        self.assertEqual(
            self.decide("mah", shares, answers=["inform", "dont_know"], question="yearly_kwh"), "dont_know"
        )

    def test_unknown_words_are_not_understood(self) -> None:
        self.assertEqual(self.decide("qwzx", {"ask": 0.9, "inform": 0.1}, known=0.1), "nlu_fallback")

    def test_a_bare_value_is_giving_it(self) -> None:
        found = [Found("postcode", "20123", 0, 5)]
        self.assertEqual(self.decide("20123", {"ask": 0.9, "inform": 0.1}, found=found, known=0.0), "inform")

    def test_a_question_that_mentions_a_value_stays_a_question(self) -> None:
        found = [Found("yearly_kwh", 2700.0, 6, 10)]
        text = "sono 2700 kwh tanti per una famiglia come la nostra?"
        self.assertEqual(self.decide(text, {"ask": 0.95, "inform": 0.05}, found=found), "ask")

    def test_what_often_comes_up_beside_a_question_is_likelier_while_it_is_open(self) -> None:
        shares, text = {"find_branch": 0.5, "ask_no_claims": 0.3, "inform": 0.2}, "dove sta scritta?"
        self.assertEqual(self.decide(text, shares), "find_branch")
        self.assertEqual(self.decide(text, shares, beside=["ask_no_claims"]), "ask_no_claims")
        self.assertEqual(self.decide("lo cerco", shares, beside=["ask_no_claims"]), "find_branch")

    def test_the_answer_to_the_open_question_outweighs_the_words_around_it(self) -> None:
        shares, found = {"drifted_away": 0.99, "inform": 0.001}, [Found("km_per_year", 8000.0, 0, 4)]
        text = "8000 hab den wagen kaum noch in benutzung"
        self.assertEqual(self.decide(text, shares, found=found, answers=["inform"], question="km_per_year"), "inform")

    def test_a_yes_in_the_words_of_a_no_is_a_yes(self) -> None:
        self.assertEqual(self.decide("no no va benissimo", {"deny": 0.7, "affirm": 0.3}), "affirm")

    def test_choosing_an_offer_is_told_from_giving_a_value(self) -> None:
        found = [Found("offer_choice", "2", 0, 10)]
        shares = {"inform": 0.5, "choose_offer": 0.5}
        self.assertEqual(self.decide("la seconda", shares, found=found, answers=["choose_offer"]), "choose_offer")

    def test_model_and_context_work_together(self) -> None:
        model = train_model(LINES)
        self.assertEqual(classify_text(model, "passt schon", [], [], None, self.limits).intent, "affirm")


if __name__ == "__main__":
    unittest.main()
