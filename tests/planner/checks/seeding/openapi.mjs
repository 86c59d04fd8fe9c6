// Reads {id, text} a line, and writes what two other validators say of the OpenAPI document, empty where nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Validator } = await load("@seriousme/openapi-schema-validator");
const { validate } = await load("@readme/openapi-parser");
const yaml = await load("js-yaml");
const version = require("@seriousme/openapi-schema-validator/package.json").version;
const words = (errors) => JSON.stringify(errors).replaceAll(/\\n.*?(?=")/g, "");

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  let said = "";
  try {
    const document = yaml.load(text, { schema: yaml.JSON_SCHEMA });
    const first = await new Validator().validate(structuredClone(document));
    // The second one does not read 3.2 yet.
    const second = String(document?.openapi).startsWith("3.2") ? { valid: true } : await validate(structuredClone(document));
    if (!first.valid) said = typeof first.errors === "string" ? first.errors : words(first.errors);
    else if (!second.valid) said = `openapi-parser: ${second.errors[0].message.split("\n")[0]}`;
  } catch (error) {
    said = `js-yaml or a validator: ${String(error.message).split("\n")[0]}`;
  }
  console.log(JSON.stringify({ id, version, said }));
}
