/** What the JavaScript client programs share: their arguments (see record_program.ts) and their files. */
import { Buffer } from "node:buffer";
import { type DataRecord, decodeFile, encodeFrame } from "../records/data_record.ts";

/** One client's way to write a topic and to read a partition of one. */
export interface ClientProgram {
  write(bootstrap: string, topic: string, codec: string, records: readonly DataRecord[]): Promise<void>;
  /** Yields the first `count` records; gives up by throwing. */
  read(bootstrap: string, topic: string, partition: number, count: number): AsyncIterable<DataRecord>;
}

/** How many records are handed to a client in one call. */
const CHUNK_RECORDS = 500;

/** How long a reader waits for the next record. */
export const IDLE_LIMIT_MS = 30_000;

/** Does what the arguments say and ends the process: clients keep timers that would hold it. */
export async function runProgram(program: ClientProgram): Promise<never> {
  const [command, bootstrap = "", ...rest] = Deno.args;
  if (command === "write") {
    const [topic = "", codec = "", file = ""] = rest;
    await program.write(bootstrap, topic, codec, decodeFile(await Deno.readFile(file)));
  } else {
    for (let i = 0; i < rest.length; i += 3) {
      const [topic = "", counts = "", file = ""] = rest.slice(i, i + 3);
      await readTopic(program, bootstrap, topic, counts.split(",").map(Number), file);
    }
  }
  Deno.exit(0);
}

/** The records in pieces that a client sends at once, order kept. */
export function* chunksOf(records: readonly DataRecord[]): Generator<readonly DataRecord[]> {
  for (let at = 0; at < records.length; at += CHUNK_RECORDS) yield records.slice(at, at + CHUNK_RECORDS);
}

/** Throws when the broker put a partition's part of a chunk elsewhere than expected. */
export function checkBaseOffset(chunk: readonly DataRecord[], partition: number, offset: bigint): void {
  const first = chunk.find((record) => record.partition === partition);
  if (first === undefined || BigInt(first.offset) !== offset) {
    throw new Error(`partition ${partition}: offset ${offset} acknowledged, expected ${first?.offset}`);
  }
}

async function readTopic(
  program: ClientProgram,
  bootstrap: string,
  topic: string,
  counts: readonly number[],
  file: string,
): Promise<void> {
  const frames: Uint8Array[] = [];
  for (const [partition, count] of counts.entries()) {
    if (count === 0) continue;
    for await (const record of program.read(bootstrap, topic, partition, count)) {
      frames.push(encodeFrame(record));
    }
  }
  await Deno.writeFile(file, Buffer.concat(frames));
}
