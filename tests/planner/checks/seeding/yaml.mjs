// Reads {id, text} a line, and writes what the package `yaml` says of it, strictly, empty where nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const yaml = require("yaml");
const { version } = require("yaml/package.json");

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  const documents = yaml.parseAllDocuments(text, { prettyErrors: false });
  let said = documents.flatMap((each) => each.errors)[0]?.message ?? "";
  try {
    documents.forEach((each) => each.toJS());
  } catch (error) {
    said ||= error.message;
  }
  console.log(JSON.stringify({ id, version, said }));
}
