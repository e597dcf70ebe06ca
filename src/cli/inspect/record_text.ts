import { isoTime } from "../../io/iso_time.ts";
import { type BytesFormat, bytesJson, bytesText } from "./shown_bytes.ts";
import type { DamagedBatch, ShownRecord } from "./shown_record.ts";

/** Bytes of a key, a value or a header that people are shown; scripts get all of them. */
const SHOWN_BYTES_MAX = 4096;
/** The largest time that ISO 8601 has with four digits of a year, ms; what is beyond is shown as a number. */
const ISO_MS_MAX = 253_402_300_799_999;

/** A record for people: a line, and one for each header. */
export function recordText(
  record: ShownRecord | DamagedBatch,
  format: BytesFormat,
  offsetWidth: number,
): string {
  const offset = String(record.offset).padStart(offsetWidth);
  if ("damaged" in record) return `${offset}  (damaged: ${record.damaged})\n`;
  const time = isoOrNull(record.timestampMs) ?? `(${record.timestampMs})`;
  const begin = `${offset}  ${time.padEnd(24)}  `;
  const { control, producer } = record;
  if (control !== null) {
    const by = producer === null ? "" : ` of producer ${producer.id}, epoch ${producer.epoch}`;
    const coordinator = control.coordinatorEpoch === null
      ? ""
      : `; coordinator epoch ${control.coordinatorEpoch}`;
    return `${begin}[${control.type.toUpperCase()}${by}${coordinator}]\n`;
  }
  const headers = record.headers.map(({ key, value }) =>
    `${" ".repeat(begin.length)}  ${cut(key, "text")} = ${cut(value, format)}\n`
  );
  return `${begin}${cut(record.key, format)}: ${cut(record.value, format)}\n${headers.join("")}`;
}

/** A record for scripts: one line of JSON. */
export function recordJson(
  record: ShownRecord | DamagedBatch,
  of: { readonly topic: string; readonly partition: number },
  format: BytesFormat,
): string {
  const { topic, partition } = of;
  if ("damaged" in record) {
    return `${JSON.stringify({ topic, partition, offset: record.offset, damaged: record.damaged })}\n`;
  }
  const { offset, timestampMs, timestampType, compression, leaderEpoch, producer, control } = record;
  const headers = record.headers.map(({ key, value }) =>
    `{"key":${bytesJson(key, "text")},"value":${bytesJson(value, format)}}`
  );
  const fields: readonly (readonly [name: string, json: string])[] = [
    ["topic", JSON.stringify(topic)],
    ["partition", String(partition)],
    ["offset", String(offset)],
    ["timestamp", JSON.stringify(isoOrNull(timestampMs))],
    ["timestampMs", String(timestampMs)],
    ["timestampType", JSON.stringify(timestampType)],
    ["key", bytesJson(record.key, control === null ? format : "hex")],
    ["value", bytesJson(record.value, control === null ? format : "hex")],
    ["headers", `[${headers.join(",")}]`],
    ["compression", JSON.stringify(compression)],
    ["leaderEpoch", String(leaderEpoch)],
    ["producerId", String(producer?.id ?? null)],
    ["producerEpoch", String(producer?.epoch ?? null)],
    ["sequence", String(producer?.sequence ?? null)],
    ["transactional", String(record.isTransactional)],
    ["control", JSON.stringify(control)],
  ];
  return `{${fields.map(([name, json]) => `"${name}":${json}`).join(",")}}\n`;
}

function isoOrNull(timestampMs: number): string | null {
  return timestampMs < 0 || timestampMs > ISO_MS_MAX ? null : isoTime(timestampMs);
}

function cut(bytes: Uint8Array | null, format: BytesFormat): string {
  if (bytes === null || bytes.length <= SHOWN_BYTES_MAX) return bytesText(bytes, format);
  // In the middle of a character there is nothing to be read.
  let end = SHOWN_BYTES_MAX;
  while (end > SHOWN_BYTES_MAX - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return `${bytesText(bytes.subarray(0, end), format)}… (${bytes.length} bytes)`;
}
