/**
 * Bits that turn, and files that end early, at all kinds of places of all that a cluster keeps: after a restart and
 * while the broker runs, what is damaged is found and repaired, or refused in words that say where. No record is ever
 * served that is not what was produced.
 */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { produce, textBatch } from "../support/requests.ts";
import { PARTITIONS, RECORDS, RottenWorld, type Template, valueAt } from "../support/rotten_world.ts";

/** What happens to one file of the data directory, or to one object. */
interface Harm {
  readonly where: "disk" | "bucket";
  readonly name: string;
  /** A bit that turns, or the length that is left. */
  readonly what: { readonly at: number; readonly bit: number } | { readonly length: number };
}

const MINUTE_MS = 60_000;
/** Each so many places; `ROT_STEP=1` takes them all. */
const STEP = Number(Deno.env.get("ROT_STEP") ?? 11);
/** Of a batch's header, a batch's records, a footer's entry, an entry of the log. */
const BATCH_HEADER_BYTES = 61;
const FOOTER_ENTRY_BYTES = 32;
const ENTRY_HEADER_BYTES = 40;
const SEGMENT_HEADER_BYTES = 64;

function harms(where: Harm["where"], name: string, bytes: Uint8Array, places: readonly number[]): Harm[] {
  const flips = places.filter((at) => at >= 0 && at < bytes.length).map((at) => ({ at, bit: at % 8 }));
  const cuts = [0, Math.floor(bytes.length / 2), bytes.length - 1].map((length) => ({ length }));
  return [...flips, ...cuts].map((what) => ({ where, name, what }));
}

function harmed(bytes: Uint8Array, what: Harm["what"]): Uint8Array<ArrayBuffer> {
  if ("length" in what) return bytes.slice(0, what.length);
  const changed = bytes.slice();
  if (what.at < changed.length) changed[what.at]! ^= 1 << what.bit;
  return changed;
}

/** From `from`, so many bytes, each `step`th. */
function range(from: number, count: number, step = 1): number[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => from + index * step);
}

/** Where the entries of a log file begin. */
function entriesOf(bytes: Uint8Array): number[] {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  for (let at = SEGMENT_HEADER_BYTES; at + ENTRY_HEADER_BYTES < bytes.length;) {
    const payloadBytes = data.getUint32(at + 8, true);
    if (data.getUint32(at, true) === 0) break;
    found.push(at);
    at += Math.ceil((ENTRY_HEADER_BYTES + payloadBytes) / 8) * 8;
  }
  return found;
}

function logPlaces(bytes: Uint8Array): number[] {
  const entries = entriesOf(bytes);
  const some = [entries[0], entries[Math.floor(entries.length / 2)], entries.at(-1)];
  const inEntries = some.flatMap((at) =>
    at === undefined ? [] : [
      ...range(at, ENTRY_HEADER_BYTES, 7),
      ...range(at + ENTRY_HEADER_BYTES, BATCH_HEADER_BYTES, 9),
      at + 500,
    ]
  );
  return [...range(0, SEGMENT_HEADER_BYTES, 5), ...inEntries, bytes.length - 5];
}

function objectPlaces(bytes: Uint8Array): number[] {
  const rows = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 8);
  const footerAt = bytes.length - 8 - rows * FOOTER_ENTRY_BYTES;
  return [
    ...range(0, BATCH_HEADER_BYTES, 2),
    ...[300, footerAt - 3],
    ...range(footerAt, FOOTER_ENTRY_BYTES, 3),
    ...range(bytes.length - 8, 8),
  ];
}

function allHarms({ files, objects }: Template): Harm[] {
  const all: Harm[] = [];
  for (const [name, bytes] of files) {
    if (name.startsWith("wal/")) all.push(...harms("disk", name, bytes, logPlaces(bytes)));
    else if (name.startsWith("snapshots/") || name.endsWith(".json")) {
      all.push(...harms("disk", name, bytes, [...range(0, 12), ...range(12, bytes.length, 97)]));
    }
  }
  const keys = [...objects.keys()].filter((key) => key.endsWith(".obj"));
  const some = [keys[0], keys[Math.floor(keys.length / 2)], keys.at(-1)];
  for (const [key, bytes] of objects) {
    if (some.includes(key)) all.push(...harms("bucket", key, bytes, objectPlaces(bytes)));
    else if (key.endsWith(".json")) all.push(...harms("bucket", key, bytes, range(0, bytes.length, 61)));
  }
  return all;
}

/** What a life on damaged files came to. */
type Outcome = "refused" | "unharmed" | "repaired" | "unreadable" | "torn";

/** Reads everything: each record is what was produced, or its partition says that it cannot be read. */
async function readAll(copy: RottenWorld, why: string): Promise<{ missing: number; failed: number }> {
  let missing = 0;
  let failed = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const found = await copy.read(partition);
    failed += found.failedAt.length;
    for (const [offset, value] of found.values) {
      // Offsets behind a torn end are given out again.
      if (offset < RECORDS && value !== "more") {
        assert.equal(value, valueAt(partition, offset), `${why}: ${partition}/${offset}`);
      }
    }
    for (let offset = 0; offset < RECORDS; offset++) if (!found.values.has(offset)) missing++;
  }
  return { missing: missing - failed, failed };
}

async function scrubbed(copy: RottenWorld): Promise<void> {
  const before = copy.eventsOf("scrub_done").length;
  for (let times = 0; copy.eventsOf("scrub_done").length === before; times++) {
    assert.ok(times < 60, "a scrub ends");
    await copy.sim.clock.advance(10_000);
  }
}

function outcomeOf(copy: RottenWorld, failed: number, missing: number): Outcome {
  if (missing > 0) return "torn";
  if (failed > 0) return "unreadable";
  const said = copy.sim.events.some(({ type }) =>
    ["object_repaired", "log_damaged", "log_damage_bypassed", "snapshot_damaged", "stored_snapshot_damaged"]
      .includes(type)
  );
  return said ? "repaired" : "unharmed";
}

/** A refusal says what is wrong with which file, and what can be done. */
function assertPlain(refusal: string, why: string): void {
  assert.match(refusal, /is damaged|is no JSON|newer klite|cannot be read|can be read/, why);
  assert.match(refusal, /Restore|Use that version|Remove it|was written by a newer/, why);
}

/** Damage that was there before the start. */
async function liveAfter(template: Template, harm: Harm): Promise<Outcome> {
  const why = `${JSON.stringify(harm)} before the start`;
  const copy = await RottenWorld.of(template);
  const { where, name, what } = harm;
  if (where === "disk") copy.write(name, harmed(template.files.get(name)!, what));
  else copy.store.corrupt(name, (bytes) => harmed(bytes, what));
  const refusal = await copy.tryStart({ scrubIntervalMs: MINUTE_MS });
  if (refusal !== null) {
    assertPlain(refusal, why);
    return "refused";
  }
  return await live(copy, harm, why);
}

/** Damage that comes while the broker runs; a file that it has open cannot be cut without its doing. */
async function liveThrough(template: Template, harm: Harm): Promise<Outcome> {
  const why = `${JSON.stringify(harm)} while it runs`;
  const copy = await RottenWorld.of(template);
  await copy.start({ scrubIntervalMs: MINUTE_MS });
  const { where, name, what } = harm;
  if (where === "bucket") copy.store.corrupt(name, (bytes) => harmed(bytes, what));
  else if ("at" in what && copy.sim.disk.exists(name)) copy.sim.disk.flipBit(name, what.at, what.bit);
  return await live(copy, harm, why);
}

async function live(copy: RottenWorld, harm: Harm, why: string): Promise<Outcome> {
  const { missing, failed } = await readAll(copy, why);
  const isAllGone = "length" in harm.what && harm.what.length === 0;
  // The last commit proves nothing of itself: what is torn there looks like what a loss of power leaves. Nor does the
  // newest file, if all of it is gone.
  assert.ok(
    missing === 0 || (harm.name.startsWith("wal/") && (missing <= 2 || isAllGone)),
    `${why}: ${missing} are missing`,
  );
  await scrubbed(copy);
  const more = textBatch(["more"], copy.sim.clock.nowMs());
  const { errorCode } = await copy.sim.run(produce(copy.sim.connect(), copy.topic, more));
  assert.equal(errorCode, ErrorCode.NONE, why);
  const later = await readAll(copy, why);
  assert.ok(later.failed <= failed, `${why}: what could be read can be read`);
  if (later.failed > 0) assert.ok(copy.eventsOf("records_unreadable").length > 0, why);
  await scrubbed(copy);
  assert.ok(copy.eventsOf("records_unreadable").length <= 2, `${why}: it is said once`);
  const outcome = outcomeOf(copy, later.failed, later.missing);
  await copy.sim.stop();
  const refusal = await copy.tryStart();
  if (refusal !== null) {
    assertPlain(refusal, why);
    return "refused";
  }
  const last = await readAll(copy, why);
  assert.deepEqual([last.failed, last.missing], [later.failed, later.missing], why);
  await copy.sim.stop();
  return outcome;
}

for (const [when, life] of [["before a start", liveAfter], ["while a broker runs", liveThrough]] as const) {
  Deno.test(`damage anywhere, ${when}, is found and repaired, or refused in words; nothing wrong is ever served`, async () => {
    const template = await RottenWorld.template();
    const counts = new Map<string, number>();
    for (const harm of allHarms(template).filter((_, index) => index % STEP === 0)) {
      const kind = harm.name.endsWith(".obj")
        ? "object"
        : harm.name.split("/").at(harm.where === "disk" ? 0 : -1)!;
      const outcome = await life(template, harm);
      const key = `${kind.replace(/-\d+/, "")} ${outcome}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (
      const outcome of [
        "object repaired",
        "object unreadable",
        "wal repaired",
        "wal refused",
        "klite.json refused",
      ]
    ) {
      assert.ok(counts.has(outcome), `${outcome}, ${when}: ${JSON.stringify([...counts])}`);
    }
  });
}
