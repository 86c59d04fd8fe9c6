"""File name patterns."""

from __future__ import annotations

import pytest

from planner.tools.repository.globs import Glob, PatternError, any_of, expand, globs


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.ts", "a.ts", True),
        ("*.ts", "src/deep/a.ts", True),
        ("./*.ts", "src/a.ts", False),
        ("/*.ts", "a.ts", True),
        ("*.ts", "a.tsx", False),
        ("src/*.ts", "src/a.ts", True),
        ("src/*.ts", "src/deep/a.ts", False),
        ("src/*.ts", "lib/src/a.ts", False),
        ("src/**/*.ts", "src/a.ts", True),
        ("src/**/*.ts", "src/x/y/a.ts", True),
        ("**/*.ts", "a.ts", True),
        ("**/test/**", "a/test/b/c", True),
        ("**/test/**", "test/b", True),
        ("**/test/**", "a/test", False),
        ("**", "a/b/c", True),
        ("src/**", "src", False),
        ("src/", "src/a/b", True),
        ("src/**/x/**/y", "src/a/x/b/x/c/y", True),
        ("src/**/x/**/y", "src/a/b/y", False),
        ("*", ".hidden", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[^a-c]x", "dx", True),
        ("[]]x", "]x", True),
        ("[z-a]x", "bx", False),
        ("[x", "[x", True),
        ("[]", "[]", True),
        ("[*]x", "*x", True),
        ("[*]x", "ax", False),
        ("a[*b]*", "abc", True),
        ("a***b", "axxb", True),
        ("a[.]b", "a.b", True),
        ("a.b", "axb", False),
        ("*.{ts,tsx}", "a.tsx", True),
        ("{src,lib}/**/*.{c,h}", "lib/x/a.h", True),
        ("{src,lib}/**/*.{c,h}", "bin/x/a.h", False),
        ("a{b,c{d,e}}f", "acef", True),
        ("*.{ts}", "a.ts", True),
        ("{a", "{a", True),
        ("!*.ts", "a.ts", False),
        ("!*.ts", "a.js", True),
        ("a b.md", "a b.md", True),
        ("*a*a*a*a*a*a*a*a*a*a*a*a*b", "a" * 200, False),
        ("**/a/" * 30 + "b", "a/" * 200 + "c", False),
        ("*\n*", "a\nb", True),
    ],
)
def test_patterns(pattern: str, path: str, *, fits: bool) -> None:
    assert Glob(pattern).matches(path) is fits


def test_braces() -> None:
    assert expand("*.{ts,tsx}") == ("*.ts", "*.tsx")
    assert expand("{a,b}{,.md}") == ("a", "a.md", "b", "b.md")


def test_several_patterns_in_one() -> None:
    assert any_of(globs("*.ts, *.{js,jsx} !*.test.*"), "src/a.jsx")
    assert not any_of(globs("*.ts, *.{js,jsx} !*.test.*"), "src/a.test.ts")
    assert any_of(globs("!*.md"), "a.ts")
    assert any_of((), "a.ts")


@pytest.mark.parametrize("pattern", ["{a,b}" * 7, "x" * 501, "{a,{b,{c,d}}}" * 5])
def test_patterns_are_bounded(pattern: str) -> None:
    with pytest.raises(PatternError):
        expand(pattern)
