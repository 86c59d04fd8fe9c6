"""The files an issue shows: each is read as what it is, or named with why not."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pypdf
import pytest
import pytest_asyncio
from PIL import Image
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from bot.files import MOST_FILES, fetch
from bot.files.links import links_of
from bot.files.reading import MOST_TEXT, read
from bot.sources import File, Known
from bot.sources.files import materials
from bot.store import blobs
from bot.store.database import Database
from linear.auth import ApiKey
from linear.client import Linear
from linear.models import Issue, IssueContext
from linear.sandbox.server import Sandbox

ORIGIN = "https://uploads.linear.app"


def context(description: str = "", **more: object) -> IssueContext:
    state = {"id": "s", "name": "Todo", "type": "unstarted"}
    team = {"id": "t", "key": "ENG", "name": "Engineering"}
    given = {"id": "i", "identifier": "ENG-1", "number": 1, "title": "T", "url": "https://linear.app/acme/issue/ENG-1"}
    return IssueContext(
        issue=Issue.model_validate({**given, "state": state, "team": team, "description": description, **more})
    )


def comment(id: str, body: str, at: str = "2026-11-01T00:00:00.000Z") -> dict[str, object]:
    return {"id": id, "body": body, "createdAt": at}


def document(id: str, content: str, **more: object) -> dict[str, object]:
    return {"id": id, "title": "Doc", "content": content, **more}


# --- content ---------------------------------------------------------------------------------------------------------


def image(width: int = 40, height: int = 30, kind: str = "PNG", mode: str = "RGB") -> bytes:
    made = io.BytesIO()
    Image.new(mode, (width, height)).save(made, kind)
    return made.getvalue()


def animation() -> bytes:
    made = io.BytesIO()
    first, second = Image.new("L", (9, 9), 0), Image.new("L", (9, 9), 255)
    first.save(made, "GIF", save_all=True, append_images=[second])
    return made.getvalue()


def pdf(pages: Sequence[str], *, password: str = "", padding: int = 0) -> bytes:
    """A PDF with a line of text on each page."""
    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    for text in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue() + b"\n%" + b"x" * padding


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a.txt", "a" * 9_000)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_images_are_known_by_content(kind: str) -> None:
    body = image(kind=kind)
    found = read(body, "text/plain", "notes.txt")
    assert (found.body, found.media_type, found.gap) == (body, f"image/{kind.lower()}", "")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(image(5_000, 900), "wide.png", id="wide"),
        pytest.param(image(300, 9_000, "JPEG"), "tall.jpg", id="tall"),
    ],
)
def test_large_images_are_shrunk(body: bytes, name: str) -> None:
    found = read(body, "", name)
    assert max(Image.open(io.BytesIO(found.body)).size) <= 2_000
    assert found.gap == ""


def test_a_heavy_image_gets_light_enough_for_the_service() -> None:
    noise = Image.frombytes("RGB", (1_400, 1_400), random.Random(1).randbytes(1_400 * 1_400 * 3))
    made = io.BytesIO()
    noise.save(made, "PNG")
    assert len(made.getvalue()) > 5_000_000
    found = read(made.getvalue(), "image/png", "noise.png")
    assert 0 < len(found.body) <= 3_750_000, "5 MB in base64"


def test_of_an_animation_the_first_frame_is_shown() -> None:
    found = read(animation(), "image/gif", "a.gif")
    assert found.media_type == "image/png"
    assert found.gap == "of its frames only the first is shown"


def bomb() -> bytes:
    return image(20_000, 9_000, mode="1")


UNREAD = {
    "bomb": (bomb(), "image/png", "a.png", "million pixels"),
    "image cut short": (image(400, 400)[:-500], "image/png", "a.png", "can be read"),
    "not an image": (b"\x89PNG\r\n\x1a\n" + b"?" * 90, "image/png", "a.png", "can be read"),
    "zip": (archive(), "application/zip", "a.zip", "an archive of 1 kB cannot be read here"),
    "word": (archive(), "", "Plan.DOCX", "an office document of 1 kB"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\xff", "", "plan", "an office document"),
    "video": (b"\x00\x00\x00\x20ftypisom\xff\xfe\x00", "video/mp4", "a.mp4", "a video"),
    "heic": (b"\x00\x00\x00\x20ftypheic\xff\xfe\x00", "image/heic", "a.heic", "a HEIC image"),
    "sound": (b"\xff\xfb\x90\x00" * 9, "audio/mpeg", "a.mp3", "a sound"),
    "other": (b"\x00\x01\xfe\xff" * 9, "application/octet-stream", "a", "a file of another kind"),
    "empty": (b"", "text/plain", "a.txt", "it is empty"),
    "blank": (b" \n ", "text/plain", "a.txt", "it is empty"),
    "locked pdf": (pdf(["x"], password="secret"), "application/pdf", "a.pdf", "asks for a password"),
    "broken pdf": (b"%PDF-1.7\nnothing", "application/pdf", "a.pdf", "cannot be opened"),
    "long pdf without text": (pdf([""] * 101), "application/pdf", "a.pdf", "a PDF of 101 pages"),
}


@pytest.mark.parametrize(("body", "media_type", "name", "why"), UNREAD.values(), ids=UNREAD.keys())
def test_what_cannot_be_read_says_why(body: bytes, media_type: str, name: str, why: str) -> None:
    found = read(body, media_type, name)
    assert why in found.gap
    assert (found.body, found.text, found.size) == (b"", "", len(body))


TEXTS = {
    "plain": ("Zeile ü\n".encode(), "Zeile ü\n"),
    "utf-8 with a mark": (b"\xef\xbb\xbfa,b\n", "a,b\n"),
    "utf-16": ("a,ü".encode("utf-16"), "a,ü"),
    "json": (b'{"a": 1}', '{"a": 1}'),
    "svg": (b"<svg/>", "<svg/>"),
}


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_text_is_text_whatever_it_is_called(body: bytes, text: str) -> None:
    assert read(body, "application/octet-stream", "a.bin")[:2] == (text, b"")


def test_of_a_long_text_the_beginning_is_read() -> None:
    found = read(b"x" * (MOST_TEXT + 5), "text/plain", "a.log")
    assert len(found.text) == MOST_TEXT
    assert found.gap == "the first 200,000 of its 200,005 characters are read"


def test_a_pdf_is_shown_and_its_text_kept_for_quotes() -> None:
    body = pdf(["Limits hold", "Second page"])
    found = read(body, "application/pdf", "a.pdf")
    assert (found.body, found.pages, found.gap) == (body, 2, "")
    assert "Limits hold" in found.text
    assert "Second page" in found.text


@pytest.mark.parametrize(
    ("body", "gap"),
    [
        pytest.param(pdf([f"Page {at}" for at in range(101)]), "a PDF of 101 pages", id="pages"),
        pytest.param(pdf(["Page 0", "Page 100"], padding=10_000_001), "a PDF of 2 pages and 10.0 MB", id="bytes"),
    ],
)
def test_of_a_pdf_that_is_too_long_the_text_is_read(body: bytes, gap: str) -> None:
    found = read(body, "application/pdf", "a.pdf")
    assert found.body == b""
    assert "Page 100" in found.text
    assert found.gap.startswith(gap)
    assert found.gap.endswith("cannot be shown; its text is read")


# --- links -----------------------------------------------------------------------------------------------------------

LINKS = {
    "image": (f"![The flow]({ORIGIN}/o/1/flow.png)", [(f"{ORIGIN}/o/1/flow.png", "The flow", True)]),
    "link": (f"[notes.pdf]({ORIGIN}/o/1)", [(f"{ORIGIN}/o/1", "notes.pdf", True)]),
    "link in angles": (f"[a](<{ORIGIN}/o/1>)", [(f"{ORIGIN}/o/1", "a", True)]),
    "bare": (f"See {ORIGIN}/o/a%20b.txt, please.", [(f"{ORIGIN}/o/a%20b.txt", "a b.txt", True)]),
    "no title": (f"![]({ORIGIN}/o/x.png)", [(f"{ORIGIN}/o/x.png", "x.png", True)]),
    "title with brackets": (rf'![a \[b\] "c"]({ORIGIN}/o/x.png)', [(f"{ORIGIN}/o/x.png", "a [b] 'c'", True)]),
    "with a title": (f'![a]({ORIGIN}/o/x.png "hover")', [(f"{ORIGIN}/o/x.png", "a", True)]),
    "twice": (f"{ORIGIN}/o/1 then ![later]({ORIGIN}/o/1?signature=x)", [(f"{ORIGIN}/o/1?signature=x", "later", True)]),
    "in order": (
        f"[two]({ORIGIN}/2) {ORIGIN}/1 ![three]({ORIGIN}/3)",
        [(f"{ORIGIN}/2", "two", True), (f"{ORIGIN}/1", "1", True), (f"{ORIGIN}/3", "three", True)],
    ),
    "image elsewhere": ("![x](https://intra.example/a.png)", [("https://intra.example/a.png", "x", False)]),
    "link elsewhere": ("[x](https://intra.example/a.png)", []),
    "longer host": (f"{ORIGIN}.evil.example/a.png", []),
    "user in it": (f"{ORIGIN}@evil.example/a.png", []),
    "nothing": ("No files here: https://linear.app/acme/issue/ENG-2", []),
}


@pytest.mark.parametrize(("text", "links"), LINKS.values(), ids=LINKS.keys())
def test_files_are_found_in_texts(text: str, links: list[tuple[str, str, bool]]) -> None:
    assert [tuple(each) for each in links_of(context(text), Known(), ORIGIN)] == links


def test_every_text_of_the_issue_is_looked_at_but_our_own() -> None:
    def at(number: int) -> str:
        return f"{ORIGIN}/{number}"

    given = context(
        at(1),
        comments=[
            comment("c2", at(3), "2026-11-02T00:00:00.000Z"),
            comment("c1", at(2)),
            comment("ours", at(90)),
        ],
        attachments=[{"id": "a1", "title": "The log", "url": at(4)}, {"id": "ours", "title": "x", "url": at(91)}],
        documents=[document("d1", at(5)), document("ours", at(92)), document("d0", at(93), trashed=True)],
        project={"id": "p", "name": "P", "content": at(8), "documents": [document("d3", at(7))]},
    )
    known = Known.model_validate({"ours": ["ours"], "linked": [document("d2", at(6))]})
    found = links_of(given, known, ORIGIN)
    assert [each.url for each in found] == [at(number) for number in range(1, 9)]
    assert found[3].title == "The log"


def test_hostile_texts_are_read_in_a_moment() -> None:
    links_of(context("![" * 50_000 + "[a](" * 50_000 + "https://" * 20_000), Known(), ORIGIN)


# --- fetching --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest_asyncio.fixture
async def linear(sandbox: Sandbox) -> AsyncIterator[Linear]:
    async def at_once(_: float) -> None:
        """Nobody waits in a test."""

    async with await Linear.open(
        sandbox.graphql_url, ApiKey(sandbox.access.api_key), files_origin=sandbox.files_origin, sleep=at_once
    ) as opened:
        yield opened


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'files.sqlite'}")
    made.migrate()
    yield made
    made.close()


async def fetched(linear: Linear, database: Database, *urls: str) -> tuple[File, ...]:
    return await fetch(linear, database, context("\n".join(f"![f{at}]({url})" for at, url in enumerate(urls))), Known())


async def test_files_are_fetched_in_order_and_kept(sandbox: Sandbox, linear: Linear, database: Database) -> None:
    picture, paper = image(), pdf(["Hello"])
    urls = [
        sandbox.files.put("a.png", picture, "image/png"),
        sandbox.files.put("b.pdf", paper, "application/pdf"),
        sandbox.files.put("c.md", b"# Notes", "text/markdown"),
        sandbox.files.put("d.zip", archive(), "application/zip"),
        f"{sandbox.url}/uploads/0/gone.png",
        "https://intra.example/e.png",
    ]
    shown, read_, text, packed, gone, foreign = await fetched(linear, database, *urls)
    assert shown.media is not None
    assert read_.media is not None
    assert database.call(blobs.get, shown.media.digest) == picture
    assert database.call(blobs.get, read_.media.digest) == paper
    assert (read_.media.pages, read_.media.media_type) == (1, "application/pdf")
    assert (text.text, text.media, text.gap) == ("# Notes", None, "")
    assert packed.gap == 'the file "f3": an archive of 1 kB cannot be read here'
    assert gone.gap == 'the file "f4": Linear knows no such file, or this key may not see it'
    assert foreign.gap == 'the image "f5" at intra.example: it lies outside Linear and was not fetched'
    known = Known(files=(shown, read_, text, packed, gone, foreign))
    assert [each.name for each in materials(context(), known)] == ["file-1", "file-2", "file-3"]


async def test_no_more_than_twenty_are_read(sandbox: Sandbox, linear: Linear, database: Database) -> None:
    urls = [sandbox.files.put(f"{at}.txt", b"text", "text/plain") for at in range(MOST_FILES + 8)]
    sandbox.files.asked.clear()
    found = await fetched(linear, database, *urls)
    assert len(sandbox.files.asked) == MOST_FILES
    assert [each.text for each in found] == ["text"] * MOST_FILES + [""]
    assert found[-1].gap == '8 files, "f20" to "f27": at most 20 files are read'


async def test_all_together_have_a_bound(sandbox: Sandbox, linear: Linear, database: Database) -> None:
    papers = [pdf([f"Paper {at}"], padding=9_900_000 + at) for at in range(3)]
    found = await fetched(linear, database, *(sandbox.files.put("p.pdf", each) for each in papers))
    assert [each.media is not None for each in found] == [True, True, False]
    assert found[2].gap == 'the file "f2": all files together may have 25 MB'


async def test_images_and_pdfs_fit_one_request(sandbox: Sandbox, linear: Linear, database: Database) -> None:
    papers = [pdf([f"Paper {at}"], padding=8_000_000 + at) for at in range(3)]
    found = await fetched(linear, database, *(sandbox.files.put("p.pdf", each) for each in papers))
    assert [each.media is not None for each in found] == [True, True, False]
    assert "Paper 2" in found[2].text
    assert found[2].gap == 'the file "f2": images and PDFs together may have 20 MB; its text is read'


async def test_a_host_that_is_down_is_a_gap(sandbox: Sandbox, linear: Linear, database: Database) -> None:
    url = sandbox.files.put("a.txt", b"text", "text/plain")
    sandbox.files.answers[url.removeprefix(sandbox.url)] = [503] * 3
    [found] = await fetched(linear, database, url)
    assert found.gap == 'the file "f0": Linear\'s file host answered HTTP 503'
