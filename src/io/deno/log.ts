import type { EventSink } from "../events.ts";
import { isoTime } from "../iso_time.ts";
import { LOG_LEVELS, type LogLevel, type LogLine, logLine } from "../log_line.ts";
import type { LogThreshold } from "../telemetry.ts";

/** Where log lines go and in what form. */
export interface LogTarget {
  /** Takes one line with its line feed. Must not throw. */
  write(line: string): void;
  /** Text for people in place of JSON for machines. */
  readonly text: boolean;
  readonly color: boolean;
}

/**
 * The sink that writes events as log lines, from the threshold up, as it is at that moment.
 *
 * Events are typed and few, so this is all that a log needs; a logging library
 * was measured, and cost an idle broker 5 MiB and its start 15 ms.
 */
export function openLog(threshold: LogThreshold, target: LogTarget): EventSink {
  const format = target.text ? (line: LogLine) => asText(line, target.color) : asJson;
  return (event) => {
    const line = logLine(event, { stacks: threshold.level === "debug" });
    if (LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(threshold.level)) target.write(format(line));
  };
}

function asJson({ level, message, fields }: LogLine): string {
  return `${JSON.stringify({ time: isoTime(Date.now()), level, message, ...fields }, withoutBigint)}\n`;
}

const COLORS: Readonly<Record<LogLevel, number>> = { debug: 90, info: 32, warn: 33, error: 31 };

/** `14:03:07.123 INFO  klite is ready listen=:9092`; a stack on lines of its own. */
function asText({ level, message, fields }: LogLine, color: boolean): string {
  const time = isoTime(Date.now()).slice(11, 23);
  const word = level.toUpperCase().padEnd(5);
  const name = color ? `\x1b[${COLORS[level]}m${word}\x1b[0m` : word;
  const { stack, ...rest } = fields;
  const words = Object.entries(rest).map(([key, value]) => ` ${key}=${valueText(value)}`).join("");
  const trace = typeof stack === "string" ? `\n${stack}` : "";
  return `${time} ${name} ${message}${words}${trace}\n`;
}

/** Quoted where it would run into the next field, break the line or speak to the terminal: clients make names up. */
function valueText(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=\p{C}]+$/u.test(value)) return value;
  const text = JSON.stringify(value, withoutBigint) ?? "undefined";
  return text.replace(/\p{C}/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}

/** JSON has no such numbers, and a log line must never fail. */
function withoutBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
