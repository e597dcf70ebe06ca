import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";
import type { EventSink } from "../events.ts";
import { type LogLevel, logLine } from "../log_line.ts";

/** Where log lines go and in what form. */
export interface LogTarget {
  /** Takes one line with its line feed. Must not throw. */
  write(line: string): void;
  /** Text for people in place of JSON for machines. */
  readonly text: boolean;
  readonly color: boolean;
}

/** The sink that writes events as log lines, from `level` up. Replaces an earlier one. */
export function openLog(level: LogLevel, target: LogTarget): EventSink {
  const format = target.text ? textFormatter(target.color) : getJsonLinesFormatter({ properties: "flatten" });
  configureSync({
    reset: true,
    sinks: { lines: (record) => target.write(format(record)) },
    loggers: [
      { category: "klite", sinks: ["lines"], lowestLevel: level === "warn" ? "warning" : level },
      // LogTape logs about itself; klite's operators did not ask.
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
  const logger = getLogger("klite");
  return (event) => {
    const line = logLine(event, { stacks: level === "debug" });
    logger[line.level](line.message, { ...line.fields });
  };
}

const COLORS: Readonly<Record<string, string>> = { debug: "90", info: "32", warning: "33", error: "31" };

/** `14:03:07.123 INFO  klite is ready listen=:9092`; stacks on lines of their own. */
function textFormatter(color: boolean): TextFormatter {
  return (record: LogRecord) => {
    const time = new Date(record.timestamp).toISOString().slice(11, 23);
    const name = (record.level === "warning" ? "WARN" : record.level.toUpperCase()).padEnd(5);
    const level = color ? `\x1b[${COLORS[record.level] ?? "0"}m${name}\x1b[0m` : name;
    const { stack, ...fields } = record.properties;
    const words = Object.entries(fields).map(([key, value]) => ` ${key}=${fieldText(value)}`).join("");
    const trace = typeof stack === "string" ? `\n${stack}` : "";
    return `${time} ${level} ${record.message.join("")}${words}${trace}\n`;
  };
}

function fieldText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  // Quoted where it would blur with the next field or break the line.
  return typeof value !== "string" || /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
