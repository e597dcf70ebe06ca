import assert from "node:assert/strict";
import {
  cpuSeconds,
  cpuSecondsOf,
  machineCpuSecondsOf,
  processTree,
  residentBytes,
  threadCpuSeconds,
} from "./process.ts";

Deno.test("the CPU time of a process is found behind a name with spaces and parentheses", () => {
  const stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 9 0 12345 1000 200";
  assert.equal(cpuSecondsOf(stat), 3.25);
});

Deno.test("the CPU time of the machine leaves out idling and waiting", () => {
  const stat = "cpu  100 20 30 9000 800 4 5 6 0 0\ncpu0 50 10 15 4500 400 2 2 3 0 0\n";
  assert.equal(machineCpuSecondsOf(stat), 1.65);
});

Deno.test("a process belongs to its own tree and so do its children, but not what has ended", async () => {
  const shell = new Deno.Command("sh", { args: ["-c", "sleep 20 & wait"] }).spawn();
  while (processTree(shell.pid).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const tree = processTree(shell.pid);
  assert.equal(tree[0], shell.pid);
  assert.ok(tree.every((pid) => residentBytes(pid) >= 0));
  for (const pid of tree) Deno.kill(pid, "SIGKILL");
  await shell.status;
  assert.deepEqual(processTree(shell.pid), []);
});

Deno.test("the CPU time of threads adds up by their names", () => {
  let sum = 0;
  for (const seconds of threadCpuSeconds(Deno.pid).values()) sum += seconds;
  assert.ok(Math.abs(sum - cpuSeconds(Deno.pid)) < 1);
});
