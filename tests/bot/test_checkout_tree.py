"""How a repository's tree is drawn."""

from __future__ import annotations

from bot.checkout.listing import Listing, Node, parse, shown
from bot.checkout.tree import drawn


def listing(*paths: str) -> Listing:
    return Listing({path: Node(path, "100644", 1, "a" * 40) for path in sorted(paths)}, ("acme/api", "api"))


def test_directories_stand_before_files() -> None:
    assert drawn(listing("a.txt", "src/x.ts", "src/deep/y.ts", "z/one.md")) == (
        "src/\n  deep/\n    y.ts\n  x.ts\nz/\n  one.md\na.txt"
    )


def test_a_chain_of_directories_is_one_line() -> None:
    assert drawn(listing("src/main/java/App.java", "src/main/java/Log.java", "pom.xml")) == (
        "src/main/java/\n  App.java\n  Log.java\npom.xml"
    )


def test_what_does_not_fit_is_counted() -> None:
    wide = listing(*(f"packages/p{number:04}/src/m{part}/f.ts" for number in range(500) for part in range(4)))
    lines = drawn(wide).splitlines()
    assert 100 < len(lines) <= 200
    assert lines[0] == "packages/"
    assert lines[-1] == "  ... 471 more"
    assert any(line.startswith("  p0028/src/") for line in lines)
    assert drawn(wide, most_lines=1) == "packages/  (2,000 files)"
    assert drawn(listing(*"abc"), most_lines=1) == "(3 files)"
    assert drawn(listing()) == ""


def test_what_says_little_is_opened_last() -> None:
    paths = [f"node_modules/m{number}/index.js" for number in range(25)]
    lines = drawn(listing("src/deep/er/app.ts", "src/deep/x.ts", "src/y.ts", *paths), most_lines=10).splitlines()
    assert lines[0] == "node_modules/  (25 files)"
    assert lines[-1] == "  y.ts"
    assert "      app.ts" in lines or "    er/" in lines


def test_names_are_text_of_one_line() -> None:
    raw = {
        b"plain.txt": "plain.txt",
        "ü.txt".encode(): "ü.txt",
        b"a\nb": "a\\nb",
        b"a\\nb": "a\\\\nb",
        b"\xff": "\\xff",
        "\u202e".encode(): "\\u202e",
        "\U000e0041".encode(): "\\U000e0041",
        b"\x1b[31m": "\\u001b[31m",
    }
    assert {name: shown(name) for name in raw} == raw
    assert len(set(raw.values())) == len(raw)


def test_of_two_entries_of_one_name_the_first_counts() -> None:
    rows = [f"100644 blob {digit * 40}       {digit}\tx" for digit in "12"]
    (node,) = parse("\0".join(rows).encode()).values()
    assert (node.size, node.object) == (1, "1" * 40)
