"""Settings: one line for whatever is wrong, and nothing chosen by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import LINEAR_API_URL, Rules, Settings, SettingsError, seconds


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = Settings.load()
    assert settings.label == "needs-plan"
    assert settings.linear_api_url == LINEAR_API_URL
    assert settings.provider == "anthropic"
    assert settings.database == f"sqlite:///{Path.cwd() / '.needs-plan' / 'needs-plan.sqlite'}"
    assert settings.rules == Rules()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("NEEDS_PLAN_PORT", "many", "NEEDS_PLAN_PORT is wrong"),
        ("NEEDS_PLAN_PORT", "70000", "Example: NEEDS_PLAN_PORT=8080"),
        ("NEEDS_PLAN_PROVIDER", "oracle", "'foundry' or 'scripted'"),
        ("NEEDS_PLAN_CONCURRENCY", "0", "greater than or equal to 1"),
        ("NEEDS_PLAN_DATABASE_URL", "mysql://x", "begins with neither sqlite:/// nor postgresql://"),
        ("NEEDS_PLAN_EFFORT", "extreme", "NEEDS_PLAN_EFFORT is wrong"),
        ("NEEDS_PLAN_LOG", "xml", "NEEDS_PLAN_LOG is wrong"),
        ("NEEDS_PLAN_CONFIG", "nowhere.toml", "nowhere.toml, which is not there"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert says in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_setting_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_PLAN_PORT", "")
    monkeypatch.setenv("LINEAR_API_KEY", "")
    assert Settings.load().port == 8080
    assert Settings.load().linear_api_key is None


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("NEEDS_PLAN_LABEL=plan-me\nNEEDS_PLAN_PORT=1234\n")
    monkeypatch.setenv("NEEDS_PLAN_PORT", "4321")
    assert (Settings.load().label, Settings.load().port) == ("plan-me", 4321)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("max_subissue = 3", "Did you mean `max_subissues`?"),
        ("zebra = 1", "Known are: teams, give_up_after, max_subissues"),
        ("max_subissues = 0", "`max_subissues` is wrong"),
        ('give_up_after = "soon"', "is no duration; write for example \"6h\". Example: give_up_after = '6h'"),
        ("teams = [", "cannot be read"),
    ],
)
def test_a_wrong_rule_is_named_with_the_nearest_right_one(toml: str, says: str) -> None:
    Path("needs-plan.toml").write_text(toml)
    with pytest.raises(SettingsError, match=r"needs-plan\.toml") as caught:
        Settings.load()
    assert says in str(caught.value)


@pytest.mark.parametrize(("text", "value"), [("90s", 90), ("15m", 900), ("6h", 21600), ("2d", 172800), ("1.5h", 5400)])
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load()
    with pytest.raises(SettingsError, match="LINEAR_API_KEY is not set"):
        settings.need_linear()
    with pytest.raises(SettingsError, match="LINEAR_WEBHOOK_SECRET is not set"):
        settings.need_webhook_secret()
    with pytest.raises(SettingsError, match="ANTHROPIC_API_KEY is not set"):
        settings.need_model(allow_scripted=False)


def test_the_stand_in_is_refused_against_linear_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_PLAN_PROVIDER", "scripted")
    with pytest.raises(SettingsError, match="--allow-scripted"):
        Settings.load().need_model(allow_scripted=False)
    Settings.load().need_model(allow_scripted=True)
    Settings.load().need_model(allow_scripted=False, against_linear=False)
    monkeypatch.setenv("LINEAR_API_URL", "http://127.0.0.1:9/graphql")
    Settings.load().need_model(allow_scripted=False)


def test_secrets_do_not_show_when_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINEAR_API_KEY", "LINEAR_CLIENT_SECRET", "LINEAR_WEBHOOK_SECRET", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "hush-hush")
    assert "hush-hush" not in repr(Settings.load())
    assert Settings.load().webhook_secrets == ("hush-hush",)


def test_several_webhook_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAR_WEBHOOK_SECRET", "new, old,,")
    assert Settings.load().webhook_secrets == ("new", "old")
