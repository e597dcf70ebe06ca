import assert from "node:assert/strict";
import { withCurrentConfigs } from "../../docs/write_topic_configs.ts";
import {
  BROKER_CONFIGS,
  CLIENT_METRICS_CONFIGS,
  configDocumentation,
  GROUP_CONFIGS,
  TOPIC_CONFIGS,
} from "../../src/cluster/configs/mod.ts";
import { APIS } from "../../src/apis/mod.ts";

Deno.test("docs/compatibility.md names the APIs that are served, at their versions", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/compatibility.md", import.meta.url));
  const rows = text.matchAll(/^\| (\d+) \| (\w+) \| (\d+)–(\d+) \|/gm);
  const written = Array.from(rows, ([, key, name, first, last]) => `${key} ${name} ${first}–${last}`);
  const served = APIS.toSorted((a, b) => a.key - b.key).map(({ key, name, versions: [first, last] }) =>
    `${key} ${name} ${first}–${last}`
  );
  assert.deepEqual(written, served);
});

Deno.test("docs/rights.md names the APIs that are served", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/rights.md", import.meta.url));
  const written = Array.from(text.matchAll(/^\| ([A-Z]\w+) \|/gm), ([, name]) => name);
  const served = APIS.toSorted((a, b) => a.key - b.key).map(({ name }) => name);
  assert.deepEqual(written.filter((name) => name !== "API"), served);
});

Deno.test("docs/topic_configs.md has the configs as they are (else: deno task docs)", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/topic_configs.md", import.meta.url));
  assert.equal(withCurrentConfigs(page), page);
});

Deno.test("every config says what it is for", () => {
  const all = [...TOPIC_CONFIGS, ...BROKER_CONFIGS, ...GROUP_CONFIGS, ...CLIENT_METRICS_CONFIGS];
  assert.deepEqual(all.filter(({ name }) => configDocumentation(name) === "").map(({ name }) => name), []);
});
