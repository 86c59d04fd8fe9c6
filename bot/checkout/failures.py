"""What git says when a repository cannot be fetched, as one sentence for people. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple


class RepositoryUnavailable(Exception):
    """A repository cannot be read. The message is one sentence for people, with what to do; it holds no credential.

    `passing`: it may well work later without anybody doing anything, so an older copy may be read meanwhile.
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.passing = passing


class _Known(NamedTuple):
    """`sign`: what git says (2.30 to 2.50, `LC_ALL=C.UTF-8`); `sentence` may name {name}, {host} and {token}."""

    sign: re.Pattern[str]
    sentence: str
    passing: bool = False


def _known(sign: str, sentence: str, *, passing: bool = False) -> _Known:
    return _Known(re.compile(sign, re.IGNORECASE), sentence, passing)


_KNOWN = (
    _known(
        r"could not read (username|password)|terminal prompts disabled|authentication failed|error: 401",
        "{host} wants a token for {name}, or there is no such repository: {token}.",
    ),
    _known(r"error: 403|http 403", "{host} does not let us read {name}: {token}."),
    _known(
        r"unable to update url base from redirection|error: 30\d",
        "{host} answers that {name} lies elsewhere; redirects are not followed. Write its address as it is now.",
    ),
    _known(
        r"error: 429|error: 5\d\d|http 5\d\d|http 429",
        "{host} could not serve {name} just now.",
        passing=True,
    ),
    _known(r"could not resolve host", "{host} is not known: check the address, and the network.", passing=True),
    _known(
        r"certificate|ssl(_| )|gnutls",
        "{host} could not be trusted: its certificate does not check out. Nothing was read from it.",
    ),
    _known(r"operation too slow", "{host} answered too slowly to fetch {name}.", passing=True),
    _known(
        r"failed to connect|couldn't connect|connection (refused|timed out|reset)|network is unreachable"
        r"|no route to host|empty reply|recv failure|early eof|unexpected disconnect|the remote end hung up|timed out"
        r"|transfer closed|rpc failed",
        "{host} could not be reached.",
        passing=True,
    ),
    _known(r"couldn't find remote ref|no such ref", "{name} is empty: it has no commit on its default branch."),
    _known(
        r"not our ref|unadvertised object|no such remote ref|couldn't find remote",
        "The commit this plan was begun with is gone from {name}.",
    ),
    _known(r"mismatched algorithms", "{name} names its objects by SHA-256, which cannot be read here."),
    _known(
        r"no space left on device", "There is no room left to keep a copy of {name}: free space in the data folder."
    ),
    _known(r"dubious ownership", "{name} belongs to another user of this machine, and git does not read it."),
    _known(
        r"dumb http transport",
        "{host} serves {name} as plain files only, which is not supported: it needs git's own HTTP service.",
    ),
    _known(
        r"not found|does not appear to be a git repository|not valid: is this a git repository|error: 4\d\d",
        "There is no repository {name} at {host}, or it needs a token: check the address; {token}.",
    ),
)


_DAMAGED = re.compile(
    r"fatal: not a git repository|bad object|corrupt|unable to read|could not parse|invalid sha1 pointer|loose object"
    r"|packfile .* (cannot|index)|missing necessary objects|unable to parse config|bad config|bad shallow line",
    re.IGNORECASE,
)


def is_damage(said: str) -> bool:
    """Whether the copy here is broken, rather than what it is a copy of."""
    return bool(_DAMAGED.search(_own(said)))


def explained(said: str, *, name: str, host: str, has_token: bool) -> RepositoryUnavailable:
    """What went wrong, from git's own words. `host` is empty for a local path."""
    token = (
        f"the one for {host} in NEEDS_PLAN_GIT_TOKENS may not read it or has run out"
        if has_token
        else f"put one for {host} into NEEDS_PLAN_GIT_TOKENS"
    )
    own = _own(said)
    if not host and "does not appear to be a git repository" in own:
        return RepositoryUnavailable(f"There is no git repository {name} at the local path that the rules name.")
    host = host or "This machine"
    for known in _KNOWN:
        if known.sign.search(own):
            return RepositoryUnavailable(
                known.sentence.format(name=name, host=host, token=token), passing=known.passing
            )
    return RepositoryUnavailable(f"git could not fetch {name} from {host}: try it by hand, `git ls-remote` says more.")


def _own(said: str) -> str:
    """Git's own lines without what they quote: a server's words and a repository's name say what they like."""
    lines = (line for line in said.splitlines() if _GONE.fullmatch(line) or not line.startswith(_OF_SERVERS))
    return re.sub(r"'[^'\n]*'", "''", "\n".join(lines))


_OF_SERVERS = ("remote:", "fatal: remote error")
# Here it is the server that must say so, in git's words.
_GONE = re.compile(r"fatal: remote error: upload-pack: not our ref [0-9a-f]{40}\s*")
