/** What a broker at rest does without must not come back by an import: it costs megabytes that nobody sees. */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
/** Imports and re-exports of values, on one line or several. */
const STATIC = /^(?:import|export)\s+(?!type\b)[^;"']*?from\s+"(\.[^"]+)"|^import\s+"(\.[^"]+)"/gm;

/** All files that are loaded with `entry`. */
async function loadedWith(entry: string): Promise<string[]> {
  const found = new Set<string>([new URL(entry, ROOT).href]);
  // Grows while it is walked.
  for (const file of found) {
    const text = await Deno.readTextFile(new URL(file));
    for (const [, from, bare] of text.matchAll(STATIC)) found.add(new URL(from ?? bare ?? "", file).href);
  }
  return Array.from(found, (file) => file.slice(ROOT.href.length));
}

/** All that runs before the first request is answered. */
async function loadedAtStart(): Promise<string[]> {
  const entries = ["main.ts", "src/cli/start.ts", "src/broker/mod.ts"];
  return Array.from(new Set((await Promise.all(entries.map(loadedWith))).flat()));
}

Deno.test("a broker that nobody has asked anything has loaded no API but ApiVersions, no rule of groups or configs, no decompressor, nothing of the object tier, of SASL, of ACLs or of quotas and no other command", async () => {
  const loaded = await loadedAtStart();
  for (const file of ["src/apis/mod.ts", "src/engine/engine.ts", "src/cli/options.ts"]) {
    assert.ok(loaded.includes(file), file);
  }
  const early = loaded.filter((file) =>
    /^src\/apis\/\w+\/(?!(?:unsupported_)?api_versions|features)/.test(file) ||
    /^src\/engine\/(?:groups|tier)\/(?!load)/.test(file) ||
    /^src\/(?:auth\/(?!mod|mechanisms)|broker\/authentication)/.test(file) ||
    /^src\/(?:engine\/security\/(?:acl_|rights_)|cluster\/security\/acls\/(?!acls|acl_codes|acl_index|records))/
      .test(file) ||
    /^src\/(?:engine\/quotas\/(?!quota_gate)|cluster\/security\/quotas\/(?!client_quotas|records))/.test(
      file,
    ) ||
    /^src\/(?:objects|broker\/restore)\/(?!object_keys)/.test(file) ||
    /^src\/(?:engine\/records\/|records\/(?:mod|compression|validate)\.ts)/.test(file) ||
    /^src\/protocol\/generated\/(?!api_key|api_versions)/.test(file) ||
    /^src\/cluster\/groups\/\w+\/decide_/.test(file) ||
    /^src\/cluster\/configs\/(?!config_def|records|set_configs|topic_configs)/.test(file) ||
    /^src\/(?:broker\/inspect|console\/metrics)\//.test(file) ||
    /^src\/cli\/(?:commands|dispatch|help|reference|health|version|\w+\/)/.test(file)
  );
  assert.deepEqual(early, []);
});

Deno.test("what stands as import() is read when it is called: otherwise the runtime holds the text of all of it from the start, twice its size", async () => {
  const { tasks }: { tasks: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  for (const task of ["start", "dev"]) assert.match(tasks[task] ?? "", / --unstable-lazy-dynamic-imports /);
});

Deno.test("what is loaded at start has no letter beyond Latin-1: with one, all of the file takes two bytes a letter", async () => {
  const texts = await Promise.all(
    (await loadedAtStart()).map(async (file) =>
      [file, await Deno.readTextFile(new URL(file, ROOT))] as const
    ),
  );
  const wide = texts.flatMap(([file, text]) => {
    const letter = /[\u0100-\u{10ffff}]/u.exec(text)?.[0];
    return letter === undefined ? [] : [`${file}: ${letter}`];
  });
  assert.deepEqual(wide, []);
});

Deno.test("what is loaded at start stays small: a megabyte of it is two and a half of a broker at rest", async () => {
  const sizes = (await loadedAtStart()).map((file) => Deno.statSync(new URL(file, ROOT)).size);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 500_000 && bytes < 900_000, `${bytes} bytes in ${sizes.length} files`);
});

Deno.test("no package belongs to the program that is loaded when a broker starts", async () => {
  const anyImport = /(?<!typeof )\b(?:from|import)\s*\(?\s*"((?:\.|npm:|node:)[^"]+)"/g;
  const found = new Set<string>([new URL("main.ts", ROOT).href]);
  const packages: string[] = [];
  for (const file of found) {
    const text = await Deno.readTextFile(new URL(file));
    for (const [statement, from = ""] of text.matchAll(anyImport)) {
      if (from.startsWith("npm:")) packages.push(`${file.slice(ROOT.href.length)}: ${statement}`);
      else if (from.startsWith(".")) found.add(new URL(from, file).href);
    }
  }
  assert.ok(found.size > 100);
  assert.deepEqual(packages, []);
});
