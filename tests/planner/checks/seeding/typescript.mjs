// Reads {id, text} a line, and writes what the TypeScript compiler says of it, empty where nothing: of its syntax, of what
// stands twice, and of `?` behind a type. Names and types are not looked at.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ts = createRequire(`${process.cwd()}/`)("typescript");
const PLAIN = new Set([2300, 2393, 2451, 1117, 2567, 17019, 17020]);

function fault(text) {
  const name = "a.ts";
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  if (file.parseDiagnostics.length) return file.parseDiagnostics[0];
  const host = {
    getSourceFile: (asked) => (asked === name ? file : undefined),
    getDefaultLibFileName: () => "lib.d.ts",
    writeFile: () => undefined,
    getCurrentDirectory: () => "",
    getCanonicalFileName: (asked) => asked,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (asked) => asked === name,
    readFile: () => undefined,
  };
  const program = ts.createProgram([name], { noLib: true, noResolve: true, target: ts.ScriptTarget.ES2022 }, host);
  return program.getSemanticDiagnostics(file).find((each) => PLAIN.has(each.code));
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  const found = fault(text);
  const said = found ? `TS${found.code}: ${ts.flattenDiagnosticMessageText(found.messageText, " ")}` : "";
  console.log(JSON.stringify({ id, version: ts.version, said }));
}
