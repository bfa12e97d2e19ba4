from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import Settings, explain_settings

README = Path("README.md").read_text(encoding="utf-8")
SECRETS = {
    "PRONTO_SECRET_KEY": "a",
    "PRONTO_ACCESS_TOKEN": "b",
    "PRONTO_APP_SECRET": "c",
    "PRONTO_VERIFY_TOKEN": "d",
    "PRONTO_API_KEY": "e",
}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained_in_the_readme(name: str) -> None:
    variable = Settings.model_fields[name].alias or f"PRONTO_{name.upper()}"
    assert f"`{variable}`" in README


@pytest.mark.parametrize("missing", SECRETS)
def test_a_default_secret_is_refused_outside_the_demo(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=f"set {missing} "):
        Settings()


def test_own_secrets_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    assert Settings().app_secret.get_secret_value() == "c"


def test_a_wrong_time_zone_says_how_to_write_one() -> None:
    with pytest.raises(ValidationError, match="write one like Europe/Rome"):
        Settings(demo=True, timezone="Rom")


def test_a_form_of_address_that_is_none_is_told_with_its_name() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(demo=True, address="polite")  # type: ignore[arg-type]
    assert explain_settings(caught.value) == "PRONTO_ADDRESS: Input should be 'informal' or 'formal'"


def test_secrets_do_not_show_when_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(demo=True, access_token="EAAG-very-secret")  # type: ignore[arg-type]
    assert "very-secret" not in repr(settings)
