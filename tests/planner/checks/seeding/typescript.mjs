// Reads {id, text} a line, and writes what the TypeScript compiler says of its syntax, empty where nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ts = createRequire(`${process.cwd()}/`)("typescript");
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  const found = ts.createSourceFile("a.ts", text, ts.ScriptTarget.ES2022, true).parseDiagnostics[0];
  const said = found ? `TS${found.code}: ${ts.flattenDiagnosticMessageText(found.messageText, " ")}` : "";
  console.log(JSON.stringify({ id, version: ts.version, said }));
}
