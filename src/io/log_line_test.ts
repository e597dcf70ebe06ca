import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { KliteError } from "../base/klite_error.ts";
import { errorFields, logLine } from "./log_line.ts";

Deno.test("an operator's error is logged with its code and causes but without a stack", () => {
  const cause = new Error("os error 98");
  const error = new KliteError("ADDRESS_UNAVAILABLE", ":9092 is taken", { cause });
  deepStrictEqual(logLine({ type: "broker_failed", error, advice: "Stop it." }, { stacks: false }), {
    level: "error",
    message: "klite failed",
    fields: {
      error: ":9092 is taken",
      code: "ADDRESS_UNAVAILABLE",
      cause: "os error 98",
      advice: "Stop it.",
    },
  });
});

Deno.test("stacks are for faults in klite, and for everything when asked", () => {
  match(String(errorFields(new TypeError("oops"), false).stack), /TypeError: oops\n\s+at /);
  strictEqual(errorFields(new KliteError("LOCKED", "held"), false).stack, undefined);
  match(String(errorFields(new KliteError("LOCKED", "held"), true).stack), /held\n\s+at /);
});

Deno.test("whatever is thrown can be logged", () => {
  deepStrictEqual(errorFields("just words", true), { error: "just words" });
  const error = new Error("a");
  error.cause = error;
  strictEqual(errorFields(error, false).cause, "a: a: a: a: a: a: a: a");
});

Deno.test("a closed connection's line says whose it was, why, and how many more there were", () => {
  const client = {
    id: 7,
    listener: { name: "PLAINTEXT" },
    remote: { host: "::1", port: 50000 },
    softwareName: "librdkafka",
    softwareVersion: "2.8.0",
  };
  const event = { type: "connection_closed", client, reason: "bad_frame", detail: "too long" } as const;
  deepStrictEqual(logLine({ ...event, suppressed: 3 }, { stacks: false }), {
    level: "warn",
    message: "connection closed",
    fields: {
      connection: 7,
      remote: "[::1]:50000",
      software: "librdkafka 2.8.0",
      reason: "bad_frame",
      detail: "too long",
      suppressed: 3,
    },
  });
  strictEqual(logLine({ ...event, reason: "idle", suppressed: 0 }, { stacks: false }).level, "debug");
});
