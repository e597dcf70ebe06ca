/**
 * Clients that are libraries: each is driven by a small program in its own
 * language, and all of those programs take the same arguments:
 *
 *     write BOOTSTRAP TOPIC CODEC FILE          produce the records of FILE
 *     read BOOTSTRAP (TOPIC COUNTS FILE)...     read COUNTS[i] records of partition i into FILE
 *
 * Files are in the format of data_record.ts; COUNTS is a list such as 120,80,0.
 */
import { Buffer } from "node:buffer";
import {
  allPartitions,
  type Client,
  type Reader,
  type ReadTarget,
  recordCounts,
  type TopicData,
  type Writer,
} from "./client.ts";
import { type DataRecord, encodeFrame, eraseTimestamps } from "./data_record.ts";
import { runCommand } from "../../support/run_command.ts";
import type { PreparedProgram } from "../programs.ts";

/** One such client. */
export interface RecordProgramOptions {
  readonly name: string;
  readonly prepare: () => Promise<PreparedProgram>;
  readonly writeLimits?: string;
  readonly readLimits?: string;
  /** The data set as far as the client can write it. Default: all of it. */
  readonly express?: (record: DataRecord) => DataRecord;
  /** A record as the client shows it to its reader. Default: as it is. */
  readonly view?: (record: DataRecord) => DataRecord;
}

const PARTITIONS = 3;
const TIMEOUT_MS = 600_000;

/** Makes a client of a program. */
export function recordProgram(options: RecordProgramOptions): Client {
  const { name, express = same, view = same } = options;
  let program: PreparedProgram | null = null;
  const run = async (args: readonly string[]) => {
    if (program === null) throw new Error(`${name} was not prepared`);
    await runCommand([...program.command, ...args], { env: program.env ?? {}, timeoutMs: TIMEOUT_MS });
  };
  const writer: Writer = {
    limits: options.writeLimits ?? "",
    partitions: PARTITIONS,
    setsTimestamps: true,
    express: (records) => records.map(express),
    write: (bootstrap, topic) => writeWith(run, bootstrap, topic),
  };
  const reader: Reader = {
    limits: options.readLimits ?? "",
    partitionsOf: allPartitions,
    read: (bootstrap, targets) => readWith(run, bootstrap, targets),
    render: (record, topic) =>
      encodeFrame(view(topic.timestampsKnown ? record : { ...record, timestampMs: 0 })),
  };
  const prepare = async () => {
    program = await options.prepare();
    return program.version;
  };
  return { name, writer, reader, prepare };
}

type Run = (args: readonly string[]) => Promise<void>;

async function writeWith(run: Run, bootstrap: string, topic: TopicData): Promise<void> {
  const file = await Deno.makeTempFile({ prefix: "klite-records-" });
  try {
    await Deno.writeFile(file, Buffer.concat(topic.records.map(encodeFrame)));
    await run(["write", bootstrap, topic.name, topic.codec, file]);
  } finally {
    await Deno.remove(file);
  }
}

async function readWith(run: Run, bootstrap: string, targets: readonly ReadTarget[]): Promise<void> {
  const what = targets.flatMap(({ topic, outputFile }) => [
    topic.name,
    recordCounts(topic).join(","),
    outputFile,
  ]);
  await run(["read", bootstrap, ...what]);
  for (const { topic, outputFile } of targets) {
    if (topic.timestampsKnown) continue;
    const file = await Deno.readFile(outputFile);
    eraseTimestamps(file);
    await Deno.writeFile(outputFile, file);
  }
}

function same(record: DataRecord): DataRecord {
  return record;
}
