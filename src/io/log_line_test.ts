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
