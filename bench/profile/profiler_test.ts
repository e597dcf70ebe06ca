import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../../tests/support/broker_ready.ts";
import { cpuSeconds } from "../measure/process.ts";
import type { ProfileKind, ProfileOrder, TakenProfile } from "./model.ts";
import { RunningProfile } from "./profiler.ts";
import { allocationShares, cpuShares } from "./shares.ts";

/** Works and allocates for good, in a function whose name is to be seen. */
const PROGRAM = `interface Kept { readonly value: number }
const kept: Kept[] = [];
function spinAndAllocate(): void {
  for (let count = 0; count < 100_000; count++) kept[count % 100] = { value: count };
  setTimeout(spinAndAllocate, 0);
}
spinAndAllocate();
console.log("running");
`;

Deno.test("a profile names the functions of another process, at the lines of their source", async () => {
  const dir = await Deno.makeTempDir();
  const program = join(dir, "program.ts");
  await Deno.writeTextFile(program, PROGRAM);
  const inspector = `127.0.0.1:${freePort()}`;
  const child = new Deno.Command(Deno.execPath(), {
    // A compiler that put the function into its caller would take its name away.
    args: ["run", "-q", "--v8-flags=--no-opt,--no-maglev", `--inspect=${inspector}`, program],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.getReader();
  try {
    await output.read();
    const take = (kind: ProfileKind) =>
      profile({ kind, inspector, file: join(dir, `${kind}.json`) }, child.pid);
    const cpu = await take("cpu");
    assert.ok(cpu.cpu !== null);
    assert.ok(cpuShares(cpu.cpu).byFunction.some(([name]) => /^spinAndAllocate .*program\.ts:3$/.test(name)));
    assert.ok(Object.values(cpu.threads).some((seconds) => seconds > 0));
    const heap = await take("allocations");
    assert.ok(heap.allocations !== null);
    const [first] = allocationShares(heap.allocations.head).byFunction;
    assert.match(first?.[0] ?? "", /^spinAndAllocate /);
  } finally {
    child.kill("SIGKILL");
    await output.cancel();
    await child.status;
    await Deno.remove(dir, { recursive: true });
  }
});

/** Profiles until the process has had a tenth of a second of CPU, however busy the machine is. */
async function profile(order: ProfileOrder, pid: number): Promise<TakenProfile> {
  const running = await RunningProfile.begin(order, pid);
  const enough = cpuSeconds(pid) + 0.1;
  while (cpuSeconds(pid) < enough) await new Promise((resolve) => setTimeout(resolve, 20));
  await running.end();
  return JSON.parse(await Deno.readTextFile(order.file));
}
