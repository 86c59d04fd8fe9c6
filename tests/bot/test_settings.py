"""Settings: one line for whatever is wrong, and nothing chosen by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rules import Rules, TeamRules, seconds
from bot.settings import LINEAR_API_URL, Settings, SettingsError


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
        ("NEEDS_PLAN_MAX_USD_PER_PLAN", "0", "greater than 0. Example: NEEDS_PLAN_MAX_USD_PER_PLAN=5"),
        ("NEEDS_PLAN_MAX_USD_PER_DAY", "inf", "finite number"),
        (
            "NEEDS_PLAN_SWEEP",
            "hourly",
            "it has 1 field; cron has five: minute, hour, day, month, weekday. Leave it empty",
        ),
        (
            "NEEDS_PLAN_SWEEP",
            "99 * * * *",
            "bad minute. Leave it empty to switch the sweep off. Example: NEEDS_PLAN_SW",
        ),
        ("NEEDS_PLAN_THINKING", "hard", "'adaptive' or 'off'"),
        ("NEEDS_PLAN_GIT_TOKENS", "ghp_hush", "part 1 of 1 is not host=token"),
        ("NEEDS_PLAN_GIT_TOKENS", "github.com=ghp_hush,https://x.org=hush", "part 2 of 2 is not host=token"),
        ("NEEDS_PLAN_GIT_TOKENS", "github.com=", "Example: NEEDS_PLAN_GIT_TOKENS=github.com=ghp_..."),
        ("NEEDS_PLAN_GIT_TOKENS", "github.com=hush,GitHub.com=hush", "GitHub.com is there twice"),
        ("NEEDS_PLAN_GIT_TOKENS", "github.com=hush hush", "the token for github.com holds blanks"),
        ("LINEAR_FILES_ORIGIN", "uploads.linear.app", "is no origin; write scheme and host"),
        ("LINEAR_FILES_ORIGIN", "ftp://uploads.linear.app", "is no origin"),
        ("LINEAR_FILES_ORIGIN", "https://uploads.linear.app@evil.example", "is no origin"),
        ("LINEAR_FILES_ORIGIN", "https://uploads.linear.app/files", "says more than scheme and host"),
        ("LINEAR_FILES_ORIGIN", "https://[x", "LINEAR_FILES_ORIGIN is wrong"),
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
    assert "hush" not in str(caught.value)


def test_an_empty_setting_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_PLAN_PORT", "")
    monkeypatch.setenv("LINEAR_API_KEY", "")
    assert Settings.load().port == 8080
    assert Settings.load().linear_api_key is None


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_sweep_that_is_set_to_nothing_is_off(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().sweep == "*/15 * * * *"
    if where == "environment":
        monkeypatch.setenv("NEEDS_PLAN_SWEEP", " ")
    else:
        Path(".env").write_text("NEEDS_PLAN_SWEEP=\n")
    assert not Settings.load().sweep
    monkeypatch.setenv("NEEDS_PLAN_SWEEP", "0 9 * * 1-5")
    assert Settings.load().sweep == "0 9 * * 1-5"


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("NEEDS_PLAN_LABEL=plan-me\nNEEDS_PLAN_PORT=1234\n")
    monkeypatch.setenv("NEEDS_PLAN_PORT", "4321")
    assert (Settings.load().label, Settings.load().port) == ("plan-me", 4321)


WRONG_RULES = {
    "nearly right": ("max_subissue = 3", "`max_subissue` is not a rule of this version. Did you mean `max_subissues`?"),
    "unknown": ("zebra = 1", "Known are: agents, repositories,"),
    "no sweep at all": ("sweep_max = 0", "`sweep_max` is wrong: input should be greater than or equal to 1"),
    "too small": ("max_subissues = 0", "`max_subissues` is wrong: input should be greater than or equal to 1"),
    "an example": ('give_up_after = "soon"', 'is no duration; write for example "6h". Example: give_up_after = "6h"'),
    "no TOML": ("teams = [", "cannot be read"),
    "no TOML, and both kinds of teams": ('teams = ["ENG"]\n[teams.ENG]\nagent = \n', "line 3"),
    "our own name for teams": ('served = ["ENG"]', "`served` is not a rule of this version. Did you mean `teams`?"),
    "teams in words": ('teams = "ENG"', '`teams` is wrong: should be a list. Example: teams = ["ENG"]'),
    "a number for a team": (
        "teams = [1]",
        '`teams` is wrong: input should be a valid string. Example: teams = ["ENG"]',
    ),
    "a list in words": ('web_domains = "x.org"', 'should be a list. Example: web_domains = ["docs.aws.amazon.com"]'),
    "an address for a host": ('web_domains = ["https://x.org"]', "`https://x.org`, which is no host name"),
    "any host": ('web_domains = ["*"]', "`*`, which is no host name"),
    "no truth value": ("allow_code = 7", "`allow_code` is wrong"),
    "nearly right in a table": (
        '[teams.ENG]\nrepositry = "x"',
        "`teams.ENG.repositry` is not a rule of this version. Did you mean `repository`?",
    ),
    "right in another table": (
        "[projects.Payments]\nmax_usd_per_day = 3",
        "`projects.Payments.max_usd_per_day` is not a rule of this version. Known are: repository, agent.",
    ),
    "a name with blanks": ('[projects."Pay me"]\nagnet = "x"', '`projects."Pay me".agnet` is not a rule'),
    "wrong in a table": (
        "[teams.ENG]\nmax_usd_per_day = -1",
        "`teams.ENG.max_usd_per_day` is wrong: input should be greater than 0. Example: max_usd_per_day = 20",
    ),
    "missing in a table": (
        '[labels."plan-frontend"]',
        '`[labels.plan-frontend]` lacks `agent`. Example: agent = "frontend-architect"',
    ),
    "no table": (
        '[teams]\nENG = "api"',
        "`teams.ENG` is wrong: should be a table. Example: [teams.ENG] with repository",
    ),
    "no tables": ('labels = ["x"]', '`labels` is wrong: should be a table. Example: [labels."Name"]'),
}


@pytest.mark.parametrize(("toml", "says"), WRONG_RULES.values(), ids=WRONG_RULES.keys())
def test_a_wrong_rule_is_named_with_the_nearest_right_one(toml: str, says: str) -> None:
    Path("needs-plan.toml").write_text(toml)
    with pytest.raises(SettingsError, match=r"needs-plan\.toml") as caught:
        Settings.load()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


CONTRACT = """\
teams = ["ENG"]                # only these teams are served
agents = "agents"
repositories = ["github.com/acme/*"]
repository_agents = false
mcp = ".mcp.json"
web_domains = []
allow_code = false
max_subissues = 12

[teams.ENG]
repository = "https://github.com/acme/api"
agent = "backend-architect-planner"
max_usd_per_day = 20

[projects."Payments"]
repository = "../payments"

[labels."needs-plan-frontend"]
agent = "frontend-architect"
"""


def test_a_whole_file() -> None:
    Path("needs-plan.toml").write_text(CONTRACT)
    rules = Settings.load().rules
    assert rules.served == ("ENG",)
    assert rules.for_team("eng").repository == "https://github.com/acme/api"
    assert rules.for_team("OPS") == TeamRules()
    assert rules.for_project("payments").repository == "../payments"
    assert rules.for_project("Another").agent is None
    assert Settings.load().trigger_labels == {"needs-plan": "", "needs-plan-frontend": "frontend-architect"}


SERVED = {
    "nothing said": ("max_subissues = 3", None, ()),
    "a list": ('teams = ["ENG", "OPS"]', ("ENG", "OPS"), ()),
    "no team at all": ("teams = []", (), ()),
    "only tables": ('[teams.ENG]\nagent = "a"\n[teams.OPS]', None, ("ENG", "OPS")),
    "both": ('teams = ["ENG"]\n[teams.OPS]\nagent = "a"', ("ENG",), ("OPS",)),
    "both, over lines": ("# teams = [1]\nteams = [\n  'ENG',\n]\n\n[teams.ENG]", ("ENG",), ("ENG",)),
    "both, after a list over lines": ('web_domains = [\n"x.org"\n]\nteams = ["ENG"]\n[teams.ENG]', ("ENG",), ("ENG",)),
    "both, with quotes and blanks": (' "teams"\t= ["ENG"]\n[ teams . ENG ]', ("ENG",), ("ENG",)),
    "both, and the word in a text": (
        'mcp = """\nteams = [1]\n"""\nteams = ["ENG"]\n[teams.ENG]',
        ("ENG",),
        ("ENG",),
    ),
    "windows lines and mark": ('\ufeffteams = ["ENG"]\r\n[teams.ENG]\r\n', ("ENG",), ("ENG",)),
}


@pytest.mark.parametrize(("toml", "served", "tables"), SERVED.values(), ids=SERVED.keys())
def test_which_teams_are_served(toml: str, served: tuple[str, ...] | None, tables: tuple[str, ...]) -> None:
    Path("needs-plan.toml").write_bytes(toml.encode())
    rules = Settings.load().rules
    assert rules.served == served
    assert tuple(rules.teams) == tables


def test_folders_are_relative_to_the_rules_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("etc").mkdir()
    Path("etc/rules.toml").write_text('agents = "agents"\nmcp = "/srv/mcp.json"')
    monkeypatch.setenv("NEEDS_PLAN_CONFIG", "etc/rules.toml")
    rules = Settings.load().rules
    assert rules.agents == str(Path("etc/agents"))
    assert rules.mcp == "/srv/mcp.json"
    assert Settings.load().rules_folder == Path("etc")


def test_the_main_label_may_have_an_agent_of_its_own() -> None:
    Path("needs-plan.toml").write_text('[labels."needs-plan"]\nagent = "mine"')
    assert Settings.load().trigger_labels == {"needs-plan": "mine"}


def test_a_label_cannot_ask_for_a_plan_and_say_that_it_is_there() -> None:
    Path("needs-plan.toml").write_text('[labels.Planned]\nagent = "mine"')
    with pytest.raises(SettingsError, match="the label `Planned` asks for a plan and says how one ended"):
        Settings.load()


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
    monkeypatch.setenv("NEEDS_PLAN_GIT_TOKENS", "github.com=hush-hush")
    assert "hush-hush" not in repr(Settings.load())
    assert Settings.load().webhook_secrets == ("hush-hush",)


def test_several_webhook_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAR_WEBHOOK_SECRET", "new, old,,")
    assert Settings.load().webhook_secrets == ("new", "old")


def test_git_tokens_go_by_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().git_token_by_host == {}
    monkeypatch.setenv("NEEDS_PLAN_GIT_TOKENS", "GitHub.com = ghp_a=b , git.acme.example:8443=glpat-x,")
    assert Settings.load().git_token_by_host == {"github.com": "ghp_a=b", "git.acme.example:8443": "glpat-x"}


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://uploads.linear.app/", "https://uploads.linear.app"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("HTTPS://Uploads.Linear.App", "https://uploads.linear.app"),
    ],
)
def test_the_file_host(value: str, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAR_FILES_ORIGIN", value)
    assert Settings.load().linear_files_origin == origin


MCP = '{"mcpServers": {"figma": {"type": "http", "url": "https://${HOST}/mcp", "headers": {"X-Key": "${FIGMA_KEY}"}}}}'


def test_mcp_servers_take_names_from_the_environment_and_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().mcp_servers() == {}
    Path("needs-plan.toml").write_text('mcp = ".mcp.json"')
    Path(".mcp.json").write_text(MCP)
    Path(".env").write_text("HOST=wrong.example\nFIGMA_KEY=hush-hush\n")
    monkeypatch.setenv("HOST", "mcp.figma.example")
    servers = Settings.load().mcp_servers()
    assert list(servers) == ["figma"]
    assert servers["figma"].at == "https://mcp.figma.example"
    assert "hush" not in repr(servers)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            None, "`mcp` in the rules file names .mcp.json, which cannot be read: No such file", id="not there"
        ),
        pytest.param(b"\xff", "cannot be read: it is not UTF-8", id="bytes"),
        pytest.param(MCP.encode(), "the variable HOST is not set", id="a name that nobody set"),
        pytest.param(b"{}", ".mcp.json has no `mcpServers`", id="no servers"),
    ],
)
def test_a_wrong_mcp_file_is_named_in_one_line(text: bytes | None, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOST", raising=False)
    Path("needs-plan.toml").write_text('mcp = ".mcp.json"')
    if text is not None:
        Path(".mcp.json").write_bytes(text)
    with pytest.raises(SettingsError) as caught:
        Settings.load().mcp_servers()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
