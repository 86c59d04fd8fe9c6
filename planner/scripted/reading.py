"""Reads a brief by rules: which sentences ask for something, what it is about, how large it is. No I/O.

Rules know no meaning. They look at form: bullets, "must" and its kin, question marks, code spans, numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planner.brief import Brief
from planner.visible import visible

_SOURCE_CHARS = 40_000  # read of each source; what stands later seldom asks for something new
_ALL_CHARS = 200_000
_MAX_REQUIREMENTS = 12
_MAX_QUESTIONS = 4
_MAX_ENTITIES = 3
_MAX_EXISTING = 5
_TINY_WORDS = 90
_TINY_SENTENCES = 5
_SHORTEST, _SHORTEST_WIDE, _LONGEST = 15, 6, 500
_LONGEST_ITEM = 240


@dataclass(frozen=True)
class Sentence:
    """A sentence with its place. `text` stands letter for letter in the source."""

    text: str
    source: str
    url: str
    bullet: bool

    @property
    def plain(self) -> str:
        """Without Markdown around it, on one line."""
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(self.text.split()))
        return re.sub(r"\*\*|__|^#+ ", "", text).strip()


@dataclass(frozen=True)
class Reading:
    """What the rules made of a brief.

    `existing` are sentences on the system as it is, `files` paths of the repository that were shown. `words` is
    everything readable in lower case, for looking words up.
    """

    title: str
    requirements: tuple[Sentence, ...]
    questions: tuple[Sentence, ...]
    existing: tuple[Sentence, ...]
    files: tuple[str, ...]
    entities: tuple[str, ...]
    words: str
    headline: str
    tiny: bool


def read(brief: Brief) -> Reading:
    """Read a brief. The same brief always reads the same; no text of any size or script fails."""
    named = visible(brief.title).text.strip()[:200]
    title = " ".join(named.split()) or brief.identifier or "Untitled"
    sentences: list[Sentence] = []
    texts: list[str] = []
    room = _ALL_CHARS
    for name, (text, url) in brief.sources().items():
        part = text[: min(room, _SOURCE_CHARS)]
        room -= len(part)
        texts.append(part)
        if name != "title":
            sentences += _sentences(part, name, url)
    asked = tuple(each for each in sentences if re.search(r"[?？؟]\W*$", each.text))  # noqa: RUF001 - other scripts
    told = [each for each in sentences if each not in set(asked)]
    kinds = {each.name: each.source for each in brief.materials}
    headline = f"{title} {visible(brief.description).text[:_SOURCE_CHARS]}".lower()
    return Reading(
        title=title,
        requirements=_requirements(told, kinds)
        or (Sentence(named or title, "title" if named else "", brief.url if named else "", bullet=False),),
        questions=tuple(dict.fromkeys(asked))[:_MAX_QUESTIONS],
        existing=_existing(told),
        files=tuple(each.name.removeprefix("repo:") for each in brief.materials if each.name.startswith("repo:")),
        entities=_entities(title, headline),
        words=" ".join(texts).lower(),
        headline=headline,
        tiny=_is_tiny(brief, headline, sentences),
    )


def is_quality(text: str) -> bool:
    """Whether a sentence says how well rather than what."""
    return _QUALITY.search(text) is not None


_QUALITY = re.compile(
    r"\b(within|at most|at least|under|up to|per (second|minute|hour|day)|latency|p9\d|fast|slow|secure|encrypt\w*|"
    r"audit|availab\w+|uptime|scal\w+|retention|gdpr|performance|memory|timeout|never|lost|twice)\b"
    r"|\d+ ?(ms|s|sec|seconds?|minutes?|hours?|days?|%|mb|gb|rps|秒|分|時間|日|件)\b",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\b(must|should|shall|needs?|have to|has to|want|allow|support|require[sd]?|expects?|ensure|make sure|add|let|"
    r"cannot|can't|may not|never|always|only|at most|at least|"
    r"muss|müssen|soll|sollen|darf|brauchen|doit|doivent|devrait|faut|debe|deben|necesita\w*|deve|precisa\w*)\b"
    r"|必要|べき|したい|ください|してほしい|できる|需要|必须|应该|应当|должн|нужн|해야|필요|يجب",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]?\][ \t]+)?")
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"'”’)\]*_`]*(?=\s|$)|[。！？؟]+[」』）]?|$)", re.DOTALL)  # noqa: RUF001 - other scripts
_ABBREVIATED = re.compile(r"\b(e\.g|i\.e|etc|vs|approx|no|ca|z\.B|bzw)\.$", re.IGNORECASE)


def _sentences(text: str, source: str, url: str) -> Iterator[Sentence]:
    for block, bullet in _blocks(text):
        # An item of a list is one thought, unless it is a paragraph.
        whole = block.strip()
        for each in (whole,) if bullet and len(whole) <= _LONGEST_ITEM else _split(block):
            wide = not each.isascii()
            if (
                len(each) >= (_SHORTEST_WIDE if wide else _SHORTEST)
                and len(each) <= _LONGEST
                and re.search(r"\w", each)
            ):
                yield Sentence(each, source, url, bullet)


def _split(block: str) -> Iterator[str]:
    held = ""
    start = 0
    for match in _SENTENCE.finditer(block):
        if not held:
            start = match.start()
        held = block[start : match.end()].strip()
        if _ABBREVIATED.search(held):
            continue
        yield held
        held = ""
    if held:
        yield held


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    # Paragraphs and list items as they stand; headings, tables, fences and bare labels say nothing by themselves.
    lines: list[str] = []
    bullet = fenced = False
    for line in text.split("\n"):
        bare = line.strip()
        starts_item = _BULLET.match(line)
        if lines and (starts_item or not bare or bare.startswith(("#", "|", "```", "~~~"))):
            yield "\n".join(lines), bullet
            lines, bullet = [], False
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
        elif fenced or not bare or bare.startswith(("#", "|")) or (bare.endswith(":") and not starts_item):
            continue
        elif starts_item:
            lines, bullet = [line[starts_item.end() :]], True
        else:
            lines.append(line)
    if lines:
        yield "\n".join(lines), bullet


_TODAY = re.compile(
    r"\b(today|currently|at the moment|so far|existing|we (already )?(use|run|have)|already|"
    r"(is|are) (written )?in `|runs? (on|in)|lives? in|heute|derzeit|bereits|aujourd'hui|actualmente)\b|現在|既に",
    re.IGNORECASE,
)


def _existing(told: list[Sentence]) -> tuple[Sentence, ...]:
    said = (each for each in told if _TODAY.search(each.text) and not each.source.startswith("repo"))
    return tuple({each.plain.lower(): each for each in said}.values())[:_MAX_EXISTING]


def _requirements(told: list[Sentence], kinds: dict[str, str]) -> tuple[Sentence, ...]:
    seen: set[str] = set()
    scored: list[tuple[int, int, Sentence]] = []
    for at, each in enumerate(told):
        if each.plain.lower() in seen:
            continue
        seen.add(each.plain.lower())
        wanted = _WANTED.search(each.text) is not None
        kind = kinds.get(each.source, "description")
        score = 3 * wanted + 3 * (each.bullet and kind == "description") + is_quality(each.text)
        score += {"description": 2, "guidance": 3, "comment": 1, "document": 0}.get(kind, -2)
        scored.append((score, at, each))
    enough = [item for item in scored if item[0] >= 4]  # noqa: PLR2004 - two signs, or one in the description
    chosen = sorted(enough, key=lambda item: (-item[0], item[1]))[:_MAX_REQUIREMENTS] or scored[:3]
    return tuple(each for _, _, each in sorted(chosen, key=lambda item: item[1]))


# Words that name no thing of the business.
_PLAIN_TEXT = """
about above after again against also always another back because been before being below between both but bug came
cannot card case cases change changes come comes could customer customers day days description does doing done down
during each every everything feature fix from gets give goes good half handle have here hour hours https into issue
just keep know last less like list look made make makes many may minute minutes more most much must name need needs
never next nothing number often only other over own page people plan problem public really request requests right
same second seconds see seen send should show since some something still such support take team than that their them
then there these they thing things this those three through ticket time times today twice under until update used
user users using very want week well what when where which while will with within without work works would year your
allow large small whole long first great able even ever late data size sent full file files service system adds
added adding uses lets once itself build create creates created idempotent slow fast
"""
_PLAIN_WORDS = frozenset(_PLAIN_TEXT.split())
_CODE_NAME = re.compile(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+)*)`")


def _entities(title: str, headline: str) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for word in re.findall(r"\b[a-z]{4,18}\b", headline):
        if word not in _PLAIN_WORDS:
            counts[_singular(word)] += 1
    for word in re.findall(r"\b[a-z]{4,18}\b", title.lower()):
        if word not in _PLAIN_WORDS and not word.endswith(("ing", "ly")):
            counts[_singular(word)] += 3
    for match in _CODE_NAME.finditer(headline):
        if "_" in match[1] and len(match[1]) <= 30:  # noqa: PLR2004 - longer ones are no table names
            counts[_singular(match[1])] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], headline.find(item[0]), item[0]))
    named = [word for word, count in ranked if count > 1 and not word.endswith(("ing", "ly", "ed"))]
    return tuple(named[:_MAX_ENTITIES]) or ("record",)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - "ties" stays
        return f"{word[:-3]}y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _is_tiny(brief: Brief, headline: str, sentences: Iterable[Sentence]) -> bool:
    if any(each.source in {"document", "child"} for each in brief.materials):
        return False
    about = [each for each in sentences if each.source == "description"]
    bullets = sum(each.bullet for each in about)
    # Scripts without spaces hold more in fewer characters.
    words = len(headline.split()) + sum(not char.isascii() for char in headline) // 3
    return words <= _TINY_WORDS and len(about) <= _TINY_SENTENCES and bullets < 3  # noqa: PLR2004 - a list is a programme
