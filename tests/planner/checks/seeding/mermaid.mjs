// Says of each diagram whether Mermaid reads it (`parse`) and draws it (`render`), in a real browser.
// Input: one JSON object a line, {"id", "text"}; output the same, {"id", "version", "said"}; `said` is empty where it is drawn.
// Run by mermaid.py in a folder that has `mermaid` and `puppeteer-core`; CHROMIUM names the browser.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const folder = process.cwd();
const puppeteer = createRequire(join(folder, "package.json"))("puppeteer-core");
const { version } = JSON.parse(readFileSync(join(folder, "node_modules/mermaid/package.json"), "utf8"));

/** A browser with Mermaid in it; some diagrams hang Mermaid, and then only a new one goes on. */
async function started() {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
    protocolTimeout: 20_000,
  });
  const page = await browser.newPage();
  await page.setContent("<html><body></body></html>");
  await page.addScriptTag({ path: join(folder, "node_modules/mermaid/dist/mermaid.min.js") });
  await page.evaluate(() => mermaid.initialize({ startOnLoad: false, securityLevel: "strict" }));
  return { browser, page };
}

async function drawn(text, name) {
  try {
    await mermaid.parse(text);
    await mermaid.render(name, text);
    return "";
  } catch (error) {
    return String(error?.message ?? error) || "no reason given";
  } finally {
    document.body.innerHTML = "";
  }
}

let { browser, page } = await started();
let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, text } = JSON.parse(line);
  let said = "";
  try {
    said = await page.evaluate(drawn, text, `d${number++}`);
  } catch {
    said = "it was not drawn within 20 seconds";
    browser.process()?.kill("SIGKILL");
    ({ browser, page } = await started());
  }
  console.log(JSON.stringify({ id, version, said }));
}
await browser.close();
