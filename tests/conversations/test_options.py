import pytest

from conversations.options import choose_option
from core.types import Language, Option

OFFERS = (Option("/a", "Enel Energia Fissa"), Option("/b", "Iren Verde 12"), Option("/c", "Nessuna delle due"))
ANSWERS = (Option("/yes", "Sì, dimmi"), Option("/more", "Più informazioni"), Option("/no", "No grazie"))
PEOPLE = (Option("/p2", "2 persone"), Option("/p3", "3 persone"), Option("/p4", "4 o più"))
BILLS = (Option("/s", "1.500 kWh"), Option("/m", "2.700 kWh"), Option("/l", "4.000 kWh"))


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", "/a"), ("2.", "/b"), ("3)", "/c"), (" 2 ", "/b"), ("1️⃣", "/a"), ("2⃣", "/b"), ("n. 1", "/a"), ("Nr. 2", "/b"),
        ("opzione 2", "/b"), ("Option 1 bitte", "/a"), ("number 2 please", "/b"), ("la 2", "/b"), ("die 1", "/a"),
        ("la prima", "/a"), ("La prima, grazie!", "/a"), ("prendo la seconda", "/b"), ("la seconda offerta", "/b"),
        ("das zweite", "/b"), ("Das erste Angebot bitte", "/a"), ("ich nehme das dritte", "/c"), ("die zweite", "/b"),
        ("the first one", "/a"), ("second", "/b"), ("I'll take the 2nd", "/b"), ("the last one", "/c"), ("l'ultima", "/c"),
        ("uno", "/a"), ("zwei", "/b"), ("number three", "/c"), ("Enel Energia Fissa", "/a"), ("enel", "/a"),
        ("quella di Iren", "/b"), ("iren verde", "/b"), ("nessuna delle due", "/c"), ("Enel energia fisa", "/a"),
        ("4", None), ("0", None), ("12345", None), ("non la prima", None), ("not the first", None), ("una domanda", None),
        ("quanto costa la prima?", None), ("enel?", None), ("", None), ("👍", None), ("la prima o la seconda", None),
        ("energia per i primi due anni", None), ("1 2", None), ("sono in due", None), ("boh", None),
    ],
)  # fmt: skip
def test_typed_words_choose_an_offered_option(text: str, chosen: str | None) -> None:
    option = choose_option(text, OFFERS, language=Language.IT)
    assert (option.id if option else None) == chosen


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("sì", "/yes"), ("Si dimmi", "/yes"), ("no", "/no"), ("no, grazie", "/no"), ("più informazioni", "/more"),
     ("informazzioni", None), ("piu informazoni", "/more"), ("no, 20121", None), ("Sì, 20121 Milano", None)],
)  # fmt: skip
def test_titles_are_matched_without_accents_and_with_a_slip(text: str, chosen: str | None) -> None:
    option = choose_option(text, ANSWERS, language=Language.IT)
    assert (option.id if option else None) == chosen


@pytest.mark.parametrize("text", ["2", "2.", "2️⃣", "due", "12"])
def test_a_bare_number_answers_a_question_that_wants_one(text: str) -> None:
    assert choose_option(text, OFFERS, takes_number=True) is None


@pytest.mark.parametrize(("text", "chosen"), [("la seconda", "/b"), ("opzione 1", "/a"), ("Option 2", "/b")])
def test_pointing_chooses_even_where_a_number_is_wanted(text: str, chosen: str) -> None:
    option = choose_option(text, OFFERS, takes_number=True)
    assert option is not None
    assert option.id == chosen


@pytest.mark.parametrize(
    ("text", "chosen"), [("2", "/p2"), ("3", "/p3"), ("tre persone", None), ("1", None), ("7", None)]
)
@pytest.mark.parametrize("takes_number", [True, False])
def test_numbers_in_titles_count_before_places(text: str, chosen: str | None, takes_number: bool) -> None:
    option = choose_option(text, PEOPLE, takes_number)
    assert (option.id if option else None) == chosen


def test_quantities_in_titles_are_no_numbers_of_a_list() -> None:
    assert choose_option("2", BILLS) == BILLS[1]


def test_a_quantity_typed_out_chooses_its_title() -> None:
    assert choose_option("2.700 kwh", BILLS, takes_number=True) == BILLS[1]


def test_prima_is_praise_in_german() -> None:
    assert choose_option("Prima!", OFFERS, language=Language.DE) is None


def test_prima_is_the_first_in_italian() -> None:
    assert choose_option("prima", OFFERS, language=Language.IT) == OFFERS[0]


def test_nothing_is_chosen_where_nothing_is_offered() -> None:
    assert choose_option("1", ()) is None


def test_equal_titles_choose_nothing() -> None:
    assert choose_option("enel", (Option("/a", "Enel"), Option("/b", "Enel"))) is None


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Ho una domanda", "ho ancora una domanda"), ("Ho una domanda", "avrei una domanda"),
        ("Ich habe eine Frage", "hab ne frage"), ("Ich habe eine Frage", "ich hab da noch eine Frage"),
        ("Ich habe eine Frage", "frage"), ("I have a question", "I've got a question"),
        ("I have a question", "a question please"),
    ],
)  # fmt: skip
def test_who_has_a_question_means_that_button(title: str, said: str) -> None:
    cart = (Option("/affirm", "Zur Kasse"), Option("/more_info", title), Option("/deny", "No grazie"))
    option = choose_option(said, cart)
    assert option is not None
    assert option.id == "/more_info"
