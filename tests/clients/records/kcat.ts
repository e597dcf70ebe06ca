/**
 * kcat, the librdkafka command line tool. It reads anything, byte for byte, but
 * partition and headers are given once per run of the program, so the data set
 * is written in segments, each of one partition and one set of headers.
 */
import { Buffer } from "node:buffer";
import {
  allPartitions,
  type Client,
  type Reader,
  recordCounts,
  type TopicData,
  type Writer,
} from "./client.ts";
import { assignOffsets, type DataHeader, type DataRecord } from "./data_record.ts";
import { CommandError, onPath, runCommand } from "../../support/run_command.ts";

const SEGMENTS = 6;
const PARTITIONS = 3;
/** Long enough not to occur in the data. */
const RECORD_END = "<~klite:end~>";
const KEY_END = "<~klite:key~>";
const EMPTY = new Uint8Array();

/** The client. */
export const kcat: Client = { name: "kcat", writer: makeWriter(), reader: makeReader(), prepare };

async function prepare(): Promise<string> {
  if (!(await onPath("kcat"))) await installPackage();
  const { stdout } = await runCommand(["kcat", "-V"]);
  const text = new TextDecoder().decode(stdout);
  const version = /Version (\S+)/.exec(text)?.[1] ?? "?";
  return `${version} (librdkafka ${/librdkafka (\S+)/.exec(text)?.[1] ?? "?"})`;
}

async function installPackage(): Promise<void> {
  const install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "kcat"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    await runCommand(install, { env });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // The package lists of a fresh machine are empty.
    await runCommand(["apt-get", "update", "-q"], { env });
    await runCommand(install, { env });
  }
}

function makeWriter(): Writer {
  return {
    limits: "one header set per run, text header values, no timestamps, empty and null not in one run",
    partitions: PARTITIONS,
    setsTimestamps: false,
    express: (records) => assignOffsets(segmentsOf(records).flatMap(expressSegment)),
    write: async (bootstrap, topic) => {
      for (const [index, segment] of segmentsOf(topic.records).entries()) {
        await writeSegment(bootstrap, topic, segment, nullsForEmpty(index));
      }
    },
  };
}

function makeReader(): Reader {
  return {
    limits: "header values up to a zero byte",
    partitionsOf: allPartitions,
    read: async (bootstrap, targets) => {
      for (const { topic, outputFile } of targets) {
        const parts: Uint8Array[] = [];
        for (const [partition, count] of recordCounts(topic).entries()) {
          if (count === 0) continue;
          const where = ["-b", bootstrap, "-C", "-q", "-t", topic.name, "-p", String(partition)];
          const what = ["-o", "beginning", "-c", String(count), "-f", formatOf(topic)];
          const how = [...what, "-X", "check.crcs=true"];
          parts.push((await runCommand(["kcat", ...where, ...how])).stdout);
        }
        await Deno.writeFile(outputFile, Buffer.concat(parts));
      }
    },
    render,
  };
}

function formatOf(topic: TopicData): string {
  return `%p %o${topic.timestampsKnown ? " %T" : ""} %K %S [%k] [%s] {%h}\\n`;
}

function render(record: DataRecord, topic: TopicData): Uint8Array {
  const { key, value, headers } = record;
  const parts: (string | Uint8Array)[] = [
    `${record.partition} ${record.offset}${topic.timestampsKnown ? ` ${record.timestampMs}` : ""}`,
    ` ${key?.length ?? -1} ${value?.length ?? -1} [`,
    key ?? "",
    "] [",
    value ?? "",
    "] {",
    ...headers.flatMap((header, i) => [`${i === 0 ? "" : ","}${header.name}=`, shownHeader(header.value)]),
    "}\n",
  ];
  return Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part) : part));
}

/** Header values are printed as C strings: up to the first zero byte. */
function shownHeader(value: Uint8Array | null): Uint8Array | string {
  if (value === null) return "NULL";
  const end = value.indexOf(0);
  return end < 0 ? value : value.subarray(0, end);
}

/** The same cut for the data set and for what is made of it: by position. */
function segmentsOf(records: readonly DataRecord[]): DataRecord[][] {
  const size = Math.ceil(records.length / SEGMENTS);
  return Array.from({ length: SEGMENTS }, (_, i) => records.slice(i * size, (i + 1) * size))
    .filter((segment) => segment.length > 0);
}

/** In every second segment kcat sends null for what is empty; in the others, what is empty stays so. */
function nullsForEmpty(segmentIndex: number): boolean {
  return segmentIndex % 2 === 1;
}

function expressSegment(segment: readonly DataRecord[], index: number): DataRecord[] {
  const source = segment.find(({ headers }) => headers.length > 1)?.headers ?? [];
  const headers = index === 0 ? [] : source.map(asText);
  return segment.map((record) => ({
    ...record,
    ...(nullsForEmpty(index) ? withNulls(record) : withoutNulls(record)),
    partition: index % PARTITIONS,
    headers,
  }));
}

function withNulls({ key, value }: DataRecord): Pick<DataRecord, "key" | "value"> {
  return { key: key?.length ? key : null, value: value?.length ? value : null };
}

/** A null value cannot be said, and a line with neither key nor value is passed over. */
function withoutNulls({ key, value }: DataRecord): Pick<DataRecord, "key" | "value"> {
  return { key: key ?? (value?.length ? null : EMPTY), value: value ?? EMPTY };
}

/** Headers are program arguments, hence text; `=` would end the name. */
function asText({ name, value }: DataHeader): DataHeader {
  return { name, value: value === null ? null : Buffer.from(printable(value)) };
}

function printable(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\0", "0");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return Buffer.from(bytes).toString("hex");
  }
}

async function writeSegment(
  bootstrap: string,
  topic: TopicData,
  segment: readonly DataRecord[],
  nulls: boolean,
): Promise<void> {
  const [first] = segment;
  if (first === undefined) return;
  const decoder = new TextDecoder();
  const headers = first.headers.flatMap(({ name, value }) => [
    "-H",
    value === null ? name : `${name}=${decoder.decode(value)}`,
  ]);
  const where = ["-b", bootstrap, "-P", "-t", topic.name, "-p", String(first.partition)];
  const how = ["-z", topic.codec, "-X", "enable.idempotence=true", "-D", RECORD_END, "-K", KEY_END];
  await runCommand(["kcat", ...where, ...how, ...(nulls ? ["-Z"] : []), ...headers], {
    stdin: Buffer.concat(segment.flatMap(linesOf)),
  });
}

function linesOf({ key, value }: DataRecord): Uint8Array[] {
  const end = Buffer.from(RECORD_END);
  if (key === null && value !== null) return [value, end];
  return [key ?? EMPTY, Buffer.from(KEY_END), value ?? EMPTY, end];
}
