// Reads {id, text} a line, and writes what dynalite, a stand-in of DynamoDB, says of each table, empty where nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const dynalite = require("dynalite")({ createTableMs: 0, deleteTableMs: 0 });
const version = require("dynalite/package.json").version;
await new Promise((done) => dynalite.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${dynalite.address().port}`;
const ask = async (target, body) => {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${target}`,
    "x-amz-date": "20260101T000000Z",
    authorization: "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b",
  };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { ok: answer.ok, body: await answer.json() };
};

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { id, text } = JSON.parse(line);
  let said = "";
  try {
    const given = JSON.parse(text);
    for (const table of Array.isArray(given) ? given : [given]) {
      const { ok, body } = await ask("CreateTable", table);
      if (!ok) said ||= `${body.message ?? body.Message ?? body.__type}`;
      else await ask("DeleteTable", { TableName: table.TableName });
    }
  } catch (error) {
    said = `JSON.parse: ${error.message}`;
  }
  console.log(JSON.stringify({ id, version, said }));
}
process.exit(0);
