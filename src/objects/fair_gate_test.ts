import { deepEqual, equal, rejects } from "node:assert/strict";
import { FairGate } from "./fair_gate.ts";

Deno.test("lanes take turns, and within a lane the first comes first", async () => {
  const gate = new FairGate(1);
  const order: string[] = [];
  const task = (name: string) => gate.run(name[0]!, () => Promise.resolve(void order.push(name)));
  await Promise.all(["a1", "a2", "a3", "a4", "b1", "c1", "b2"].map(task));
  deepEqual(order, ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
  equal(gate.isBusy, false);
});

Deno.test("no more run at once than may, and a failure makes room for the next", async () => {
  const gate = new FairGate(3);
  let running = 0;
  let most = 0;
  const task = (index: number) =>
    gate.run(String(index % 5), async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (index % 2 === 0) throw new Error(`task ${index}`);
    });
  const done = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => task(index)));
  equal(done.filter(({ status }) => status === "rejected").length, 20);
  equal(most, 3);
  await rejects(gate.run("x", () => Promise.reject(new Error("alone"))), /alone/);
  equal(gate.isBusy, false);
});
