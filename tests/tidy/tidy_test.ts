import assert from "node:assert/strict";
import { ambientFaults, awaitFaults, layerFaults, LAYERS, type SourceFile } from "./rules.ts";

const ROOT = new URL("../../", import.meta.url);

function* sourceFiles(folder: string): Generator<SourceFile> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = folder + entry.name;
    if (entry.isDirectory) yield* sourceFiles(`${path}/`);
    else if (path.endsWith(".ts")) yield { path, text: Deno.readTextFileSync(new URL(path, ROOT)) };
  }
}

function sources(): SourceFile[] {
  const pages = ["main.ts", "tier_worker.ts"].map((path) => ({
    path,
    text: Deno.readTextFileSync(new URL(path, ROOT)),
  }));
  return [...pages, ...sourceFiles("src/")];
}

Deno.test("imports follow the layers", () => {
  assert.deepEqual(sources().flatMap(layerFaults), []);
});

Deno.test("only src/io touches clock, disk, network, timers and randomness", () => {
  assert.deepEqual(sources().flatMap(ambientFaults), []);
});

Deno.test("the rules in src/cluster never wait", () => {
  assert.deepEqual(sources().flatMap(awaitFaults), []);
});

Deno.test("every layer named in the table is a known room", () => {
  for (const allowed of Object.values(LAYERS)) {
    for (const room of allowed) assert.ok(room in LAYERS, room);
  }
});

Deno.test("a planted fault is found, so a clean result means something", () => {
  const planted = (path: string, text: string): SourceFile => ({ path, text });
  const upward = planted("src/cluster/x.ts", 'import { Engine } from "../engine/mod.ts";');
  assert.deepEqual(layerFaults(upward), ["src/cluster/x.ts: cluster may not import src/engine/mod.ts"]);
  const real = planted("src/broker/x.ts", 'const disk = await import("../io/deno/disk.ts");');
  assert.equal(layerFaults(real).length, 1);
  const nowhere = planted("src/attic/x.ts", "");
  assert.equal(layerFaults(nowhere).length, 1);

  assert.equal(ambientFaults(planted("src/wal/x.ts", "const t = Date.now();")).length, 1);
  assert.equal(
    ambientFaults(planted("src/wal/x.ts", 'import { readFile } from "node:fs/promises";')).length,
    1,
  );
  assert.equal(ambientFaults(planted("src/wal/x.ts", "// unlike Date.now() this never goes back")).length, 0);
  assert.equal(ambientFaults(planted("src/io/deno/x.ts", "Deno.openSync(path);")).length, 0);

  assert.equal(awaitFaults(planted("src/cluster/x.ts", "  await wal.append();")).length, 1);
});
