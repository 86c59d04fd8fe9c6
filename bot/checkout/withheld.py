"""Files of a repository whose content is never shown: keys, passwords, git's own. No I/O."""

from __future__ import annotations

import re

_EXAMPLE = re.compile(r"(^|[._-])(dist|example|sample|schema|template|tpl)([._-]|$)")
_ENVIRONMENT = re.compile(r"\.env([._-].*|rc)?|.+\.env")
_SECRETS = re.compile(
    r"""
    id_(rsa|dsa|ecdsa|ed25519)(?!.*\.pub$).*                # SSH keys
    | .*\.(pem|key|p8|p12|pfx|ppk|jks|keystore|kdbx|gpg)    # keys and stores of keys
    | \.(netrc|pgpass|htpasswd|git-credentials|npmrc|pypirc|dockercfg|boto|s3cfg)
    | _netrc | credentials | credentials\.(json|ya?ml|toml|xml) | kubeconfig
    | (client[_-]secret|service[_-]?account).*\.json
    | secrets?\.(json|ya?ml|toml|ini|properties|xml)
    | .*\.tfstate(\..*)?
    | (master|credentials)\.key
    """,
    re.VERBOSE,
)
_DIRECTORIES = {".aws", ".docker", ".gnupg", ".kube", ".ssh"}
_GIT = {".git", "git~1"}


def withheld(path: str) -> str:
    """Why a file is not shown, as half a sentence ("may hold secrets"); empty for one that may be shown.

    Examples of such files (`.env.example`) may be shown: they say which settings there are.
    """
    *directories, name = (part.rstrip(". ").casefold() for part in path.split("/"))
    if _GIT.intersection((*directories, name)):
        return "belongs to git itself"
    if not name or "" in directories:
        return "has a name that leads out of the repository"
    if _DIRECTORIES.intersection(directories):
        return "may hold secrets"
    if _EXAMPLE.search(name):
        return ""
    return "may hold secrets" if _ENVIRONMENT.fullmatch(name) or _SECRETS.fullmatch(name) else ""
