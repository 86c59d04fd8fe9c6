// Reads {id, text} a line, and writes what Node's JSON parser says of it, empty where nothing.
import { readFileSync } from "node:fs";

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  let said = "";
  try {
    JSON.parse(text);
  } catch (error) {
    said = error.message;
  }
  console.log(JSON.stringify({ id, version: process.versions.v8, said }));
}
