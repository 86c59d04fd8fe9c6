"""What is withheld, where people see a file, and what git's own words come to."""

from __future__ import annotations

import pytest

from bot.checkout.failures import explained, is_damage
from bot.checkout.mirror import token_for
from bot.checkout.pages import commit_page, file_page, repository_page
from bot.checkout.withheld import withheld


@pytest.mark.parametrize(
    "path",
    [
        *(".env", "api/.env", ".env.local", ".env.production", ".ENV", ".envrc", "config/prod.env", ".env_backup"),
        *(
            "id_rsa",
            "keys/id_ed25519",
            "id_rsa_deploy",
            "tls.pem",
            "server.key",
            "a.p12",
            "a.pfx",
            "x.jks",
            "x.keystore",
        ),
        *(".netrc", ".npmrc", ".pypirc", ".htpasswd", ".aws/credentials", ".ssh/config", ".kube/config", "kubeconfig"),
        *("credentials.json", "service-account-prod.json", "client_secret_1.json", "secrets.yml", "terraform.tfstate"),
        *(".git/config", "sub/.git/HEAD", "x/.GIT/config", ".git ./config", "git~1/config", "../x", "a/../b", "a/./b"),
    ],
)
def test_is_withheld(path: str) -> None:
    assert withheld(path)


@pytest.mark.parametrize(
    "path",
    [
        *(".env.example", ".env.sample", "api/.env.template", ".env.local.example", "example.env", ".env.dist"),
        *("id_rsa.pub", "keys/id_ed25519.pub", "environment.ts", "src/env.ts", ".github/CODEOWNERS", ".gitignore"),
        *(
            "secrets/README.md",
            "src/secrets.ts",
            "src/key.ts",
            "keyboard.ts",
            "credentials.ts",
            "package.json",
            "..a/b",
        ),
        *("docker/Dockerfile", "pem.md", "id_rsa_howto/readme.md", "secrets.example.yml"),
    ],
)
def test_is_shown(path: str) -> None:
    assert not withheld(path)


@pytest.mark.parametrize(
    ("url", "commit", "file"),
    [
        ("https://github.com/acme/api.git", "https://github.com/acme/api/tree/c0ffee", "https://github.com/acme/api/blob/c0ffee/a%20b.md"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/tree/c0ffee", "https://gitlab.com/a/b/c/-/blob/c0ffee/a%20b.md"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/src/c0ffee", "https://bitbucket.org/a/b/src/c0ffee/a%20b.md"),
        ("https://codeberg.org/a/b", "https://codeberg.org/a/b/src/commit/c0ffee", "https://codeberg.org/a/b/src/commit/c0ffee/a%20b.md"),
        ("/srv/git/api.git", "", ""),
        ("http://127.0.0.1:80/a/b", "", ""),
    ],
)  # fmt: skip
def test_pages(url: str, commit: str, file: str) -> None:
    page = repository_page(url)
    assert commit_page(page, "c0ffee") == commit
    assert file_page(page, "c0ffee", "a b.md") == file
    assert file_page(page, "c0ffee", "a\\nb.md") == ""


@pytest.mark.parametrize(
    ("said", "sentence", "passing"),
    [
        ("fatal: unable to access 'https://h/a/': Could not resolve host: h", "h is not known", True),
        ("fatal: unable to access '': SSL certificate problem: self-signed", "h could not be trusted", False),
        ("fatal: unable to access 'https://h/ssl-certificate/': Failed to connect to h port 443 after 2 ms",
         "h could not be reached.", True),
        ("error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec transferred\nfatal: early EOF",
         "h answered too slowly to fetch a/b.", True),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", "h wants a token for a/b", False),
        ("remote: Not found, error: 503\nfatal: repository '' not found", "There is no repository a/b", False),
        ("fatal: write error: No space left on device", "There is no room left", False),
        ("fatal: something new", "git could not fetch a/b from h", False),
        ("", "git could not fetch a/b from h", False),
    ],
)  # fmt: skip
def test_what_git_says(said: str, sentence: str, passing: bool) -> None:
    error = explained(said, name="a/b", host="h", has_token=False)
    assert error.sentence.startswith(sentence)
    assert error.passing is passing


def test_only_gits_own_words_mean_damage() -> None:
    assert is_damage("fatal: not a git repository: '/data/mirrors/a.git'")
    assert not is_damage(
        "remote: fatal: bad object\nfatal: remote error: your disk is corrupt\nfatal: 'corrupt' not found"
    )


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://github.com/acme/api", "one"),
        ("https://GitHub.com/acme/api", "one"),
        ("https://github.com:8443/acme/api", ""),
        ("https://git.acme.com:8443/acme/api", "two"),
        ("https://git.acme.com/acme/api", ""),
        ("https://github.com.evil.com/acme/api", ""),
        ("https://raw.github.com/acme/api", ""),
        ("/srv/github.com/api", ""),
    ],
)
def test_a_token_is_for_one_host(url: str, token: str) -> None:
    assert token_for(url, {"github.com": "one", "git.acme.com:8443": "two"}) == token
