from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from core.settings import get_settings
from core.types import AddressForm, Language
from offers.company import SHIPPED, load_company, read_company
from offers.yaml_file import FileError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped facts to break."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "facts"))


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_everything_shipped_is_a_sample_and_says_so() -> None:
    assert read_company().sample
    for file in SHIPPED.glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        assert "SAMPLE" in text
        assert "\nsample: true\n" in text


def test_the_shipped_company_is_complete() -> None:
    company = read_company()
    assert [branch.city.en for branch in company.branches] == [
        "Milan",
        "Bologna",
        "Bolzano",
        "Munich",
        "Berlin",
        "Rome",
    ]
    assert {kind for branch in company.branches for kind in branch.kinds} == {"gym", "shop", "insurance", "energy"}
    assert len(company.products) == len(company.policies) == 8
    assert {policy.country for policy in company.policies} == {"IT", "DE", "GB"}
    assert all(rule.country in {"IT", "DE", "AT", "CH"} for rule in company.shop.shipping)


def test_the_shipped_links_lead_nowhere_real() -> None:
    for file in SHIPPED.glob("*.yml"):
        for url in re.findall(r"https?://\S+", file.read_text(encoding="utf-8")):
            assert url.split("/")[2].endswith("example.com")


@pytest.mark.parametrize("address", list(AddressForm))
def test_how_to_steps_are_short_and_three_in_every_language(address: AddressForm) -> None:
    for product in read_company(SHIPPED, address).products:
        if product.how_to:
            for language in Language:
                steps = product.how_to.steps.say(language)
                assert len(steps) == 3
                assert all(len(step) <= 60 for step in steps)


def test_the_formal_edition_stands_in_where_there_is_one() -> None:
    pause = read_company(SHIPPED, AddressForm.FORMAL).membership.pause
    assert (pause.how.say("de")[:15], pause.how.say("it")[:9]) == ("Schreiben Sie e", "Lo scriva")
    assert pause.how.say("en") == read_company().membership.pause.how.say("en")


def test_values_stay_what_was_written() -> None:
    rome = read_company().branches[-1]
    assert rome.postcode == "00184"
    assert read_company().products[0].sizes == ("39", "40", "41", "42", "43", "44")


def test_a_name_written_once_is_the_same_in_every_language() -> None:
    bozen = read_company().branches[2]
    assert (bozen.city.say("de"), bozen.city.say("it"), bozen.street.say("de")) == (
        "Bozen",
        "Bolzano",
        "Laubengasse 30",
    )
    assert {read_company().branches[0].name.say(language) for language in Language} == {"Milano Centro"}


def test_an_unknown_language_reads_english() -> None:
    assert read_company().products[0].name.say("fr") == "Brezza running shoes"


def test_the_setting_names_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace(folder / "membership.yml", "notice_days: 30", "notice_days: 45")
    monkeypatch.setenv("PRONTO_DEMO", "1")
    monkeypatch.setenv("PRONTO_COMPANY_DIR", str(folder))
    get_settings.cache_clear()
    try:
        assert load_company().membership.notice_days == 45
        assert load_company() is load_company()
    finally:
        get_settings.cache_clear()


def test_without_the_setting_the_sample_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRONTO_DEMO", "1")
    monkeypatch.delenv("PRONTO_COMPANY_DIR", raising=False)
    get_settings.cache_clear()
    try:
        assert load_company() is load_company()
        assert load_company().sample
    finally:
        get_settings.cache_clear()


BROKEN = [
    ("products.yml", ", en: Brezza running shoes}", "}", r"name\.en: is missing: add it"),
    ("products.yml", "it: Scarpe da corsa Brezza", 'it: ""', r"name\.it: is empty"),
    ("products.yml", "price: 89.90", "price: 89,90", "89,90.*write it like 1299.90"),
    ("products.yml", "price: 89.90", "price: -1", "write 0 or more"),
    ("products.yml", "price: 89.90", "prize: 89.90", r"price: is missing|prize: is not known"),
    ("products.yml", "- sku: SOC-01", "- sku: RUN-01", "stands here twice"),
    ("products.yml", "related_sku: SOC-01", "related_sku: SOC-99", "there is no product 'SOC-99'"),
    ("products.yml", "size_table: shoes", "size_table: hats", "use clothes, shoes"),
    ("products.yml", "2026-12-10", "10.12.2026", "write it like 2026-12-24"),
    ("products.yml", "https://shop.example.com/checkout/run-01", "shop", "write it with https://"),
    ("branches.yml", "monday: [07:00-22:00]", "monday: 7-22", "write them like 09:00-13:00"),
    ("branches.yml", "monday: [07:00-22:00]", "monday: 18:00-02:00", "split it at midnight"),
    ("branches.yml", "monday: [07:00-22:00]", "monday: [09:00-13:00, 12:00-18:00]", "overlap or are not in order"),
    ("branches.yml", "      sunday: [09:00-13:00]\n", "", r"sunday: is missing: add it"),
    ("branches.yml", "Europe/Rome", "Rome", "write one like Europe/Rome"),
    ("branches.yml", "kinds: [gym, shop]", "kinds: [gym, spa]", "'spa' does not fit"),
    ("branches.yml", "01-01", "13-01", "12-24 for every year"),
    ("branches.yml", "sample: true", "sample: perhaps", "neither true nor false"),
    ("shop.yml", "days: 30", "days: 10", "write 14 or more"),
    ("shop.yml", "until_on: 2027-01-31", "until_on: 2026-01-31", "exchange them"),
    ("shop.yml", "country: DE", "country: IT", "stands here twice"),
    ("membership.yml", "valid_until: sunday", "valid_until: soon", "soon"),
    ("policies.yml", "{best: 2, worst: 5", "{best: 3, worst: 5", "leave a gap"),
    ("policies.yml", "{best: 1, worst: 1", "{best: 0, worst: 1", "'0' is no class in IT"),
    ("policies.yml", "{up_to: 8000, factor: 0.88}", "{factor: 0.88}", "only the last has no up_to"),
    ("policies.yml", "country: IT", "country: FR", "use IT, AT, DE, GB"),
]


@pytest.mark.parametrize(("name", "old", "new", "problem"), BROKEN)
def test_a_slip_is_told_with_file_line_and_remedy(folder: Path, name: str, old: str, new: str, problem: str) -> None:
    replace(folder / name, old, new)
    with pytest.raises(FileError, match=problem) as caught:
        read_company(folder)
    assert re.match(rf"{name}, line \d+: ", str(caught.value))


def test_the_line_is_the_one_of_the_slip(folder: Path) -> None:
    file = folder / "products.yml"
    replace(file, "price: 129.00", "price: a lot")
    line = file.read_text(encoding="utf-8").splitlines().index("    price: a lot") + 1
    with pytest.raises(FileError) as caught:
        read_company(folder)
    assert (caught.value.line, caught.value.key) == (line, "products.4.price")


def test_a_key_written_twice_is_refused(folder: Path) -> None:
    replace(folder / "shop.yml", "sample: true", "sample: true\nsample: false")
    with pytest.raises(FileError, match="sample: stands here twice: delete one"):
        read_company(folder)


def test_broken_yaml_names_the_line(folder: Path) -> None:
    replace(folder / "shop.yml", "\nshipping:", "\nshipping: [")
    with pytest.raises(FileError, match=r"shop.yml, line \d+: the brackets do not match"):
        read_company(folder)


def test_a_missing_file_says_where_to_get_one(folder: Path) -> None:
    (folder / "shop.yml").unlink()
    with pytest.raises(FileError, match="copy the shipped one there"):
        read_company(folder)


def test_an_empty_file_is_told(folder: Path) -> None:
    (folder / "shop.yml").write_text("", encoding="utf-8")
    with pytest.raises(FileError, match="is missing"):
        read_company(folder)


def test_a_shop_may_have_no_discount(folder: Path) -> None:
    file = folder / "shop.yml"
    file.write_text(re.sub(r"discount: .*", "discount:", file.read_text(encoding="utf-8")), encoding="utf-8")
    assert read_company(folder).shop.discount is None


def test_a_picture_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "media" / "tile.png").unlink()
    with pytest.raises(FileError, match=r"no file 'media/tile\.png'"):
        read_company(folder)


@pytest.mark.parametrize("wrong", ["media/../products.png", "tile.png", "media/tile.gif", "http://nowhere"])
def test_a_picture_is_an_address_or_a_file_of_ours(folder: Path, wrong: str) -> None:
    replace(folder / "products.yml", "media/tile.png", wrong)
    with pytest.raises(FileError, match="media_url"):
        read_company(folder)
