/**
 * Feeds every decoder, at every version, bytes that are random, cut short or mutated:
 *
 *     deno task fuzz [SEED [INPUTS]]
 *
 * The outcome must be a value or a ProtocolError, the value must not be large beyond measure for its bytes, and what
 * was read must come back from the encoder. A failure is printed with its bytes; the seed replays the whole run.
 */
import assert from "node:assert/strict";
import { readMessages } from "../../codegen/generate.ts";
import type { Message } from "../../codegen/model.ts";
import { versionsOf } from "../../codegen/version_range.ts";
import type { DataCodec } from "../../src/protocol/codec.ts";
import { allMessages } from "../../src/protocol/generated/all_messages.ts";
import { decodeRequestHeader } from "../../src/protocol/header.ts";
import { ProtocolError } from "../../src/protocol/protocol_error.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { randomMessage } from "../wire/random_message.ts";
import { SeededRandom } from "../wire/seeded_random.ts";
import { mutate } from "./mutate.ts";

/** Valid encodings kept for each message and version, from which inputs are made by mutation. */
const samplesEach = 6;
/** A sample beyond this is mostly payload, where a mutation meets no decoder. */
const maxSampleBytes = 2000;
/** Every n-th input that decodes is also encoded and decoded again. */
const roundTripEvery = 4;
/** The heap that a decoded value may take for each byte of its input: an empty struct of 3 bytes can take 150. */
const maxHeapPerByte = 60;
const heapAllowance = 4096;

interface Target {
  readonly name: string;
  readonly version: number;
  readonly samples: readonly Uint8Array<ArrayBuffer>[];
  decode(reader: Reader): unknown;
  /** Absent where nothing encodes what is decoded. */
  encode?(writer: Writer, value: unknown): void;
}

/** What came of a run. */
export interface FuzzOutcome {
  readonly inputs: number;
  readonly values: number;
  readonly protocolErrors: number;
  /** Each with the bytes that show it. */
  readonly failures: readonly string[];
  /** The most heap bytes that a value took for each byte of its input, inputs of a few bytes not counted. */
  readonly worstHeapPerByte: number;
}

/** Runs `inputs` inputs, all decided by `seed`. */
export async function fuzzDecoders(seed: number, inputs: number): Promise<FuzzOutcome> {
  const random = new SeededRandom(seed);
  const targets = await makeTargets(random);
  const reader = new Reader();
  const writer = new Writer();
  const failures: string[] = [];
  let values = 0;
  let protocolErrors = 0;
  let worstHeapPerByte = 0;
  for (let index = 0; index < inputs; index++) {
    const target = random.pick(targets);
    const input = makeInput(target, random);
    try {
      const value = target.decode(reader.reset(input));
      values++;
      const heap = heapBytes(value);
      if (input.length >= 64) worstHeapPerByte = Math.max(worstHeapPerByte, heap / input.length);
      assert.ok(heap <= input.length * maxHeapPerByte + heapAllowance, `the value takes ${heap} bytes`);
      if (index % roundTripEvery === 0) checkRoundTrip(target, value, reader, writer);
    } catch (error) {
      if (error instanceof ProtocolError) protocolErrors++;
      else failures.push(`${target.name} v${target.version}: ${String(error)}\n  ${input.toHex()}`);
    }
  }
  return { inputs, values, protocolErrors, failures, worstHeapPerByte };
}

function checkRoundTrip(target: Target, value: unknown, reader: Reader, writer: Writer): void {
  if (target.encode === undefined) return;
  try {
    target.encode(writer.reset(), value);
  } catch (error) {
    // U+FFFD, which stands for a byte that was no UTF-8, takes three: a string can outgrow what may be sent.
    if (error instanceof ProtocolError && error.message.includes("too long to be sent")) return;
    throw new Error("what was decoded cannot be encoded", { cause: error });
  }
  const again = target.decode(reader.reset(writer.bytes()));
  assert.equal(reader.remaining, 0, "bytes are left over");
  assert.deepEqual(again, value);
}

async function makeTargets(random: SeededRandom): Promise<Target[]> {
  const messages = await readMessages("kafka-message-specs");
  const targets: Target[] = messages.flatMap((message) => {
    const codec = allMessages.find((candidate) => candidate.name === message.name);
    if (codec === undefined) throw new Error(`${message.name} has no codec`);
    return versionsOf(message.versions).map((version) => codecTarget(message, codec, version, random));
  });
  const header = targets.filter((target) => target.name === "RequestHeader").flatMap((target) =>
    target.samples
  );
  targets.push({ name: "decodeRequestHeader", version: 0, samples: header, decode: decodeRequestHeader });
  return targets;
}

function codecTarget(
  message: Message,
  codec: DataCodec<unknown>,
  version: number,
  random: SeededRandom,
): Target {
  const samples: Uint8Array<ArrayBuffer>[] = [];
  while (samples.length < samplesEach) {
    const writer = new Writer();
    codec.encode(writer, randomMessage(message, version, random), version);
    if (writer.position <= maxSampleBytes) samples.push(writer.bytes().slice());
  }
  return {
    name: message.name,
    version,
    samples,
    decode: (reader) => codec.decode(reader, version),
    encode: (writer, value) => codec.encode(writer, value, version),
  };
}

function makeInput(target: Target, random: SeededRandom): Uint8Array<ArrayBuffer> {
  if (random.oneIn(8)) return random.bytes(random.below(200));
  const sample = random.pick(target.samples);
  if (random.oneIn(4)) return sample.subarray(0, random.below(sample.length + 1));
  const input = sample.slice();
  for (let left = 1 + random.below(4); left > 0; left--) mutate(input, random);
  if (!random.oneIn(4)) return input;
  const longer = new Uint8Array(input.length + random.below(64));
  longer.set(input);
  return longer;
}

/** About what a value takes on the heap. Views of the input count for themselves, not for what they show. */
function heapBytes(value: unknown): number {
  if (typeof value === "string") return 24 + value.length * 2;
  if (typeof value === "bigint") return 24;
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Uint8Array) return 100;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 8 + heapBytes(item), 32);
  return Object.values(value).reduce((sum: number, item) => sum + 8 + heapBytes(item), 24);
}

if (import.meta.main) {
  const seed = Number(Deno.args[0] ?? 1);
  const inputs = Number(Deno.args[1] ?? 1_000_000);
  if (!Number.isInteger(seed) || !Number.isInteger(inputs)) {
    console.error("usage: decoder_fuzz.ts [SEED [INPUTS]]");
    Deno.exit(2);
  }
  const outcome = await fuzzDecoders(seed, inputs);
  for (const failure of outcome.failures.slice(0, 20)) console.error(failure);
  console.log(
    `seed ${seed}: ${outcome.inputs} inputs, ${outcome.values} values, ${outcome.protocolErrors} protocol errors, ` +
      `${outcome.failures.length} failures, at most ${outcome.worstHeapPerByte.toFixed(1)} heap bytes a byte`,
  );
  if (outcome.failures.length > 0) Deno.exit(1);
}
