// Reads {id, text} a line, and writes what graphql-js says of it, empty where nothing. Directives that the text does not
// define, AppSync's scalars and a missing query type are let pass: platforms and other parts bring them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { parse, concatAST, buildASTSchema, validateSchema, visit, version } = require("graphql");
const { validateSDL } = require("graphql/validation/validate");

const scalars = ["Date", "Time", "DateTime", "Timestamp", "Email", "JSON", "URL", "Phone", "IPAddress"];
const builtIn = ["skip", "include", "deprecated", "specifiedBy", "oneOf"];

function fault(text) {
  const own = parse(text);
  const defined = new Set(own.definitions.filter((each) => each.kind === "DirectiveDefinition").map((each) => each.name.value));
  if (own.definitions.every((each) => ["OperationDefinition", "FragmentDefinition"].includes(each.kind))) return "";
  const known = visit(own, {
    Directive: (node) => (defined.has(node.name.value) || builtIn.includes(node.name.value) ? undefined : null),
  });
  const whole = concatAST([known, parse(scalars.map((name) => `scalar AWS${name}`).join("\n"))]);
  const found = validateSDL(whole);
  if (found.length) return found[0].message;
  const errors = validateSchema(buildASTSchema(whole, { assumeValidSDL: true }));
  return errors.find((each) => !each.message.includes("Query root type"))?.message ?? "";
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  let said;
  try {
    said = fault(text);
  } catch (error) {
    said = error.message;
  }
  console.log(JSON.stringify({ id, version, said }));
}
