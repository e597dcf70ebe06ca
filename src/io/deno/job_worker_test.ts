import { deepEqual, equal, rejects } from "node:assert/strict";
import { AssertionError } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import { DenoClock } from "./clock.ts";
import { JobWorker } from "./job_worker.ts";
import { SimClock } from "../sim/clock.ts";

const PAGE = new URL("../../../tests/support/odd_page.ts", import.meta.url);

function workerOf(config: unknown = { some: "config" }, page = PAGE): JobWorker {
  return new JobWorker({ page, config, clock: new DenoClock(), idleMs: 0 });
}

Deno.test("a Worker starts with the first call and knows its config", async () => {
  const worker = workerOf();
  equal(worker.isRunning, false);
  deepEqual(await worker.call("config", null), { some: "config" });
  equal(worker.isRunning, true);
  deepEqual(await worker.call("bytes", null), new Uint8Array(1024).fill(7));
  await worker.close();
  equal(worker.isRunning, false);
});

Deno.test("errors come over as what they were", async () => {
  const worker = workerOf();
  await rejects(worker.call("refuse", "this"), (error) => {
    return error instanceof KliteError && error.code === "DISK_FULL" && error.retriable &&
      error.message === "no room for this" && (error.stack ?? "").includes("odd_page.ts");
  });
  await rejects(worker.call("assert", null), (error) => {
    return error instanceof AssertionError && error.message === "two and two are five";
  });
  await worker.close();
});

Deno.test("a page that cannot be opened answers each call with the reason", async () => {
  const worker = workerOf("unopenable");
  for (let time = 0; time < 2; time++) {
    await rejects(worker.call("count", null), { code: "STORE_REFUSED", message: "no such bucket" });
  }
  await worker.close();
});

Deno.test("the death of a Worker fails all that was under way; the next call starts another", async () => {
  const worker = workerOf();
  equal(await worker.call("count", null), 1);
  const hanging = worker.call("hang", null);
  const dying = worker.call("die", null);
  const isDeath = (error: unknown) =>
    error instanceof KliteError && error.code === "STORE_UNAVAILABLE" && error.retriable &&
    error.message.includes("the Worker's own fault");
  await Promise.all([rejects(hanging, isDeath), rejects(dying, isDeath)]);
  equal(worker.isRunning, false);
  equal(await worker.call("count", null), 1, "a new life");
  await worker.close();
});

Deno.test("a page that is not there fails the call and nothing else", async () => {
  const worker = workerOf(null, new URL("no_such_page.ts", import.meta.url));
  await rejects(worker.call("count", null), { code: "STORE_UNAVAILABLE" });
  await worker.close();
});

Deno.test("closing waits for what is under way", async () => {
  const worker = workerOf();
  const late = worker.call("late", 42);
  await worker.close();
  equal(await late, 42);
  await rejects(worker.call("count", null), { code: "STORE_UNAVAILABLE" });
});

Deno.test("closing does not wait for long for what takes long", async () => {
  const clock = new SimClock();
  const worker = new JobWorker({ page: PAGE, config: null, clock, idleMs: 0 });
  await worker.call("count", null);
  const hanging = worker.call("hang", null);
  const failing = rejects(hanging, { code: "STORE_UNAVAILABLE" });
  const closing = worker.close();
  await clock.advance(10_000);
  await Promise.all([closing, failing]);
});

Deno.test("a Worker with nothing to do ends, and starts again when needed", async () => {
  const clock = new SimClock();
  const worker = new JobWorker({ page: PAGE, config: null, clock, idleMs: 60_000 });
  equal(await worker.call("count", null), 1);
  await clock.advance(50_000);
  equal(await worker.call("count", null), 2);
  await clock.advance(59_000);
  equal(worker.isRunning, true, "the wait begins anew with each call");
  const late = worker.call("late", 1);
  await clock.advance(120_000);
  equal(worker.isRunning, true, "it is at work");
  await late;
  await clock.advance(60_000);
  equal(worker.isRunning, false);
  equal(await worker.call("count", null), 1);
  await worker.close();
});
