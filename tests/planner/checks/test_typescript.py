"""TypeScript: what cannot be read, what stands twice, and what is right though the grammar is older than that."""

from __future__ import annotations

import pytest

from planner.checks import typescript
from planner.findings import At, Finding
from planner.subject import Fence, Subject, kinds_of


def looked(content: str, language: str = "typescript") -> list[Finding]:
    kinds = kinds_of(language, content)
    fence = Fence(kinds=kinds, language=language, content=content, at=At(block="artefacts.A1", line=1))
    return list(typescript.look(fence, Subject(markdown="", fences=(fence,))))


GOOD = {
    "nothing": "",
    "an interface that is continued": "interface A {\n  a: string;\n}\ninterface A {\n  b: string;\n}\n",
    "a class and its interface": "interface A {\n  a: string;\n}\nclass A {}\n",
    "a value and a type of one name": "const A = 1;\ntype A = typeof A;\n",
    "a namespace and a class": "class A {}\nnamespace A {\n  export const b = 1;\n}\n",
    "overloads": "function a(b: string): void;\nfunction a(b: number): void;\nfunction a(b: unknown) {}\n",
    "overloads of a method": "class A {\n  a(b: string): void;\n  a(b: number): void;\n  a(b: unknown) {}\n}\n",
    "a getter and a setter": "class A {\n  get a() { return 1; }\n  set a(b) {}\n  static a = 1;\n}\n",
    "call signatures": "interface A {\n  (b: string): void;\n  (b: number): void;\n  new (b: string): A;\n}\n",
    "names of inner scopes": "const a = 1;\nfunction b() {\n  const a = 2;\n  return a;\n}\n",
    "var twice": "var a = 1;\nvar a = 2;\n",
    "variance": "interface A<in out T, out U, in V> {\n  a: T;\n}\n",
    "a type of another module": 'declare const a: import("luxon").DateTime<true>;\n',
    "types of another module": 'export type * from "./types";\nexport type * as T from "./types";\n',
    "signatures without semicolons": (
        "export interface A {\n  <T>(a: T): T\n  /** Two. */\n  <T, U>(a: T, b: U): T\n"
        "  // Three.\n  <\n    T\n  >(): T\n}\n"
        "export const b: {\n  <T>(a: T): T\n  <T>(a: T, b: T): T\n} = pick<\n  <T>(a: T) => T\n>(1)\n"
    ),
    "a declared default function": "export default function (a: string): void;\n",
    "members without semicolons": "interface A {\n  a: string\n  b(): void\n}\n",
    "satisfies, using, const parameters": (
        "const a = { b: 1 } satisfies A;\nfunction f<const T>(a: T) { using b = c(); return accessor; }\n"
    ),
    "decorators": '@Controller("orders")\nexport class A {\n  constructor(@Inject(B) private readonly b: B) {}\n}\n',
    "assertions and template types": (
        "function a(b: unknown): asserts b is string {}\ntype C = `${A}-${B}`;\nlet d = e!;\nlet f = <string>g;\n"
    ),
    "Markdown in a comment and in a template": "/*\n```ts\na\n```\n*/\nconst a = `x\n\\`\\`\\`\n`;\n",
    "brackets in strings, templates and patterns": (
        "const a = \"}\" + '(' + `[${b({})}` + String(/[({]/.test(c)); // }\n/* ( */\n"
    ),
    "spread and holes": "const a = [, 1, ...b];\nconst c = { ...d, e, [f]: 1, [f]: 2 };\n",
    "a comparison that looks like a type": "const a = b < c && d > (e);\nfor (let i = 0; i < n; i++) {}\n",
}  # fmt: skip


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_what_is_right_is_left_alone(content: str) -> None:
    assert not looked(content)


def test_jsx_is_read_as_such() -> None:
    assert not looked("export const A = () => <p class={a}>b<br/></p>;\n", "tsx")
    assert not looked("const a = <T,>(b: T) => b;\n", "tsx")


FAULTS = {
    "an interface with an equals sign": (
        "interface A = {\n  a: string;\n}\n",
        ("syntax", 1, "An interface has no `=` after its name."),
    ),
    "a type without one": ("type A {\n  a: string;\n}\n", ("syntax", 1, "A type has a `=` after its name.")),
    "an enum with one": ("enum A = {\n  B,\n}\n", ("syntax", 1, "An enum has no `=` after its name.")),
    "a brace that is not closed": (
        "function a() {\n  if (b) {\n    c();\n  d();\n}\n",
        ("syntax", 2, "The `{` that opens here is never closed."),
    ),
    "a brace that is cut off": (
        "interface A {\n  a: {\n    b: string;\n",
        ("syntax", 2, "The `{` that opens here is never closed."),
    ),
    "a brace too many": ("function a() {\n}\n}\n", ("syntax", 3, "This `}` closes nothing.")),
    "one bracket closed by another": ("a(\n  1,\n];\n", ("syntax", 3, "This `]` closes the `(` of line 1.")),
    "a string": ('const a = "b;\nconst c = 1;\n', ("syntax", 1, 'A string that begins with `"` does not end.')),
    "a comment": ("const a = 1;\n/* b\nconst c = 1;\n", ("syntax", 2, "The comment that begins here does not end.")),
    "a comma between parameters": (
        "function a(b: string c: number) {}\n",
        ("syntax", 1, "There should be `,` after `string`."),
    ),
    "a comma between properties": (
        'const a = {\n  b: "c"\n  d: 1,\n};\n',
        ("syntax", 2, 'There should be `,` after `"c"`.'),
    ),
    "dots for the rest": (
        "interface A {\n  a: string;\n  ...\n}\n",
        ("syntax", 3, "Three dots alone stand for nothing here."),
    ),
    "a comment of Python": ("const a = 1; # one\n", ("syntax", 1, "`#` begins no comment here.")),
    "a Markdown fence": ("```ts\nconst a = 1;\n```\n", ("syntax", 1, "A Markdown fence stands in the code.")),
    "a comma twice": ("const a = { b: 1,, c: 2 };\n", ("syntax", 1, "`,` stands twice here.")),
    "a bar twice": ("type A = string || number;\n", ("syntax", 1, "`|` stands twice here.")),
    "a fault beside what the grammar does not know": (
        "interface A<out T> {\n  a: T;\n}\ntype B {\n  a: string;\n}\n",
        ("syntax", 4, "A type has a `=` after its name."),
    ),
    "a member twice": (
        "interface A {\n  a: string;\n  b: string;\n  a: number;\n}\n",
        ("duplicate-member", 4, "`a` stands here for the second time: line 2 of the block has it already."),
    ),
    "a value of an enum twice": (
        "enum A {\n  B,\n  C,\n  B,\n}\n",
        ("duplicate-member", 4, "`B` stands here for the second time: line 2 of the block has it already."),
    ),
    "a key twice": (
        'const a = {\n  b: 1,\n  "b": 2,\n};\n',
        ("duplicate-member", 3, "`b` stands here for the second time: line 2 of the block has it already."),
    ),
    "a method twice": (
        "class A {\n  a() {}\n  a() {}\n}\n",
        ("duplicate-member", 3, "`a` stands here for the second time: line 2 of the block has it already."),
    ),
    "a parameter twice": (
        "const a = (b: string, b: number) => b;\n",
        ("duplicate-member", 1, "Two parameters are called `b`."),
    ),
    "a type twice": (
        "export type A = string;\nexport interface A {\n  a: string;\n}\n",
        ("duplicate-name", 2, "`A` is declared here for the second time; the first is in line 1 of the block."),
    ),
    "a constant twice": (
        "function a() {\n  const b = 1;\n  let b = 2;\n}\n",
        ("duplicate-name", 3, "`b` is declared here for the second time; the first is in line 2 of the block."),
    ),
    "a function twice": (
        "export function a() {}\nexport async function a() {}\n",
        ("duplicate-name", 2, "`a` is declared here for the second time; the first is in line 1 of the block."),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_once_and_where_it_is(content: str, expected: tuple[str, int, str]) -> None:
    found = [(each.rule, each.at.line, each.message) for each in looked(content)]
    assert found == [(f"typescript/{expected[0]}", *expected[1:])]


def test_two_faults_that_lie_apart_are_both_told() -> None:
    text = "type A {\n  a: string;\n}\n" + "const b = 1;\n" * 9 + "interface C = {\n  a: string;\n}\n"
    assert [each.at.line for each in looked(text)] == [1, 13]


HOSTILE = {
    "quotes": "'" * 60_000,
    "backticks": "`" * 60_001,
    "braces": "{" * 60_000,
    "types": "a<" * 30_000,
    "types that fit": "type A = " + "B<" * 90 + "C" + ">" * 90,
    "arrows": "(a)=>" * 12_000,
    "templates": "`${" * 20_000,
    "conditions": "A extends B ? " * 4_000,
    "signatures": " <A\n" * 15_000,
    "signatures after comments": "*/\n <A" * 8_000,
    "comments": "/*" * 30_000,
    "members": "interface A {" + "a: 1;" * 11_000 + "}",
    "names": "const a = 1;\n" * 4_600,
    "what is no code": "a b c {d e} \n" * 4_500,
    "variance": "<in " * 15_000,
    "imports": 'import("' * 7_000,
    "half a surrogate": "const a = '\ud800",
    "control characters": "\x00\x07 = ;",
}


@pytest.mark.parametrize("language", ["typescript", "tsx"])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends_in_findings(content: str, language: str) -> None:
    assert len(looked(content, language)) <= 2
