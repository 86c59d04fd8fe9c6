"""The deployment files, as far as they can be checked without a container engine: they are read, never run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
KNOWN = {field.alias for field in Settings.model_fields.values() if field.alias}
PREFIXES = ("ANTHROPIC_", "LINEAR_", "NEEDS_PLAN_")
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}


def named_in(text: str) -> set[str]:
    """Names of settings in `text`."""
    return set(re.findall(r"\b(?:ANTHROPIC|LINEAR|NEEDS_PLAN)_[A-Z_]+[A-Z]\b", text))


@pytest.mark.parametrize("path", ["Dockerfile", "deploy/compose.yaml", ".env.example", "deploy/README.md"])
def test_only_settings_that_exist_are_named(path: str) -> None:
    assert named_in((ROOT / path).read_text()) - KNOWN == set()


def test_the_bot_is_given_only_settings() -> None:
    assert set(COMPOSE["services"]["bot"]["environment"]) - KNOWN == set()


def test_what_compose_fills_in_stands_in_the_example() -> None:
    filled = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "deploy/compose.yaml").read_text()))
    assert filled == COMPOSE_ONLY
    assert all(re.search(rf"^#? ?{name}=", ENV_EXAMPLE, re.MULTILINE) for name in filled)


def test_the_example_shows_every_setting_once_and_sets_no_optional_one() -> None:
    shown = re.findall(r"^#? ?([A-Z][A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE)
    assert sorted(shown) == sorted(KNOWN | COMPOSE_ONLY)
    live = set(re.findall(r"^([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE))
    assert live == {"LINEAR_API_KEY", "LINEAR_WEBHOOK_SECRET", "ANTHROPIC_API_KEY"}


def test_the_example_holds_no_secret() -> None:
    values = re.findall(r"^[A-Z_]+=(.*)$", ENV_EXAMPLE, re.MULTILINE)
    assert all(value == "" for value in values)


def test_the_example_loads_once_its_three_blanks_are_filled(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(re.sub(r"^([A-Z_]+)=$", r"\1=x", ENV_EXAMPLE, flags=re.MULTILINE))
    settings = Settings.load(env)
    settings.need_linear()
    settings.need_webhook_secret()
    settings.need_model(allow_scripted=False)


def test_every_service_restarts_is_watched_and_cannot_gain_rights() -> None:
    for service in COMPOSE["services"].values():
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["read_only"] is True
        assert "/tmp" in service["tmpfs"]  # noqa: S108  # the container's
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_bot_waits_for_a_healthy_database_and_speaks_tcp_to_it() -> None:
    bot = COMPOSE["services"]["bot"]
    assert bot["depends_on"]["postgres"]["condition"] == "service_healthy"
    url = bot["environment"]["NEEDS_PLAN_DATABASE_URL"]
    assert url.startswith("postgresql://plan:")
    assert url.endswith("@postgres:5432/plan")


def test_nothing_is_published_beyond_loopback_and_the_database_not_at_all() -> None:
    assert all(port.startswith("127.0.0.1:") for port in COMPOSE["services"]["bot"]["ports"])
    assert "ports" not in COMPOSE["services"]["postgres"]
    assert COMPOSE["services"]["postgres"]["networks"] == ["database"]
    assert COMPOSE["networks"]["database"] == {"internal": True}


def test_no_secret_stands_in_the_compose_file() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"KEY|SECRET|PASSWORD|TOKEN", name):
                assert value.startswith("${")


def test_the_image_runs_as_nobody_special_and_its_port_is_the_published_one() -> None:
    user = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert re.fullmatch(r"[1-9][0-9]+:[1-9][0-9]+", user)
    assert "NEEDS_PLAN_HOST=0.0.0.0" in DOCKERFILE
    assert COMPOSE["services"]["bot"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "EXPOSE 8080" in DOCKERFILE


def test_the_image_holds_all_that_the_wheel_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    needed = {
        *packages,
        "pyproject.toml",
        "uv.lock",
        project["project"]["readme"],
        *project["project"]["license-files"],
    }
    let_in = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert let_in == needed
    build = DOCKERFILE.partition("AS build")[2].partition("\nFROM ")[0]
    copied = {word for line in re.findall(r"^COPY (.+)$", build, re.MULTILINE) for word in line.split()[:-1]}
    assert copied == needed


def test_every_base_image_names_its_version() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images += [service["image"] for service in COMPOSE["services"].values() if "build" not in service]
    assert images
    assert all(re.search(r":\d", image) for image in images)
