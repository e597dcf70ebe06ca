import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { KliteEvent } from "../events.ts";
import type { LogLevel } from "../log_line.ts";
import { LogThreshold } from "../telemetry.ts";
import { openLog } from "./log.ts";

const STARTED: KliteEvent = { type: "broker_started", listen: ":9092", clusterId: "c 1", startMs: 41.6 };
const FAILED: KliteEvent = { type: "broker_failed", error: "a {brace} is not a placeholder", advice: "" };

function lines(
  level: LogLevel,
  events: readonly KliteEvent[],
  form: { text: boolean; color: boolean },
): string[] {
  const written: string[] = [];
  const sink = openLog(new LogThreshold(level), { ...form, write: (line) => written.push(line) });
  for (const event of events) sink(event);
  return written;
}

Deno.test("without a terminal each event is one JSON object on one line", () => {
  const [started = "", failed = ""] = lines("info", [STARTED, FAILED], { text: false, color: false });
  const { time, ...rest } = JSON.parse(started);
  match(time, /^\d{4}-\d\d-\d\dT/);
  deepStrictEqual(rest, {
    level: "info",
    message: "klite is ready",
    listen: ":9092",
    clusterId: "c 1",
    startMs: 42,
  });
  strictEqual(JSON.parse(failed).error, "a {brace} is not a placeholder");
  strictEqual(started.indexOf("\n"), started.length - 1);
});

Deno.test("on a terminal a line is text with the fields behind the message", () => {
  const [started = ""] = lines("info", [STARTED], { text: true, color: false });
  match(started, /^\d\d:\d\d:\d\d\.\d{3} INFO {2}klite is ready listen=:9092 clusterId="c 1" startMs=42\n$/);
  const [colored = ""] = lines("info", [STARTED], { text: true, color: true });
  strictEqual(colored.includes("\x1b[32mINFO \x1b[0m klite is ready"), true);
});

Deno.test("a name that a client has made up says nothing to the terminal", () => {
  const denied: KliteEvent = {
    type: "access_denied",
    principal: "User:\x1b]0;mine\x07",
    remote: "10.0.0.1",
    operation: "READ",
    resourceType: "TOPIC",
    name: "a\nb\x9b2J\u202ec",
    suppressed: 0,
  };
  const [text = ""] = lines("info", [denied], { text: true, color: false });
  match(text, /WARN {2}access denied principal="User:\\u001b\]0;mine\\u0007" remote=10\.0\.0\.1 /);
  match(text, /name="a\\nb\\u\{9b\}2J\\u\{202e\}c"\n$/);
});

Deno.test("events below the level are not written", () => {
  const config: KliteEvent = { type: "config_loaded", settings: { listen: ":9092" } };
  const all = [config, STARTED, FAILED];
  strictEqual(lines("debug", all, { text: false, color: false }).length, 3);
  strictEqual(lines("info", all, { text: false, color: false }).length, 2);
  strictEqual(lines("warn", all, { text: false, color: false }).length, 1);
  strictEqual(lines("error", all, { text: false, color: false }).length, 1);
});

Deno.test("a stack goes below its line as text and into a field as JSON", () => {
  const failed: KliteEvent = { type: "broker_failed", error: new TypeError("oops"), advice: "Report it." };
  const [text = ""] = lines("info", [failed], { text: true, color: false });
  match(text, /ERROR klite failed error=oops advice="Report it\."\nTypeError: oops\n\s+at /);
  const [json = ""] = lines("info", [failed], { text: false, color: false });
  match(JSON.parse(json).stack, /^TypeError: oops\n/);
});

Deno.test("the level can be changed while lines are written", () => {
  const written: string[] = [];
  const threshold = new LogThreshold("error");
  const sink = openLog(threshold, { text: true, color: false, write: (line) => written.push(line) });
  sink(STARTED);
  threshold.level = "info";
  sink(STARTED);
  strictEqual(written.length, 1);
});
