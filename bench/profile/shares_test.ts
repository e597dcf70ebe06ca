import assert from "node:assert/strict";
import type { AllocationNode, CallFrame, CpuProfile } from "./model.ts";
import { allocationShares, cpuShares } from "./shares.ts";

const ROOT = new URL("../../", import.meta.url).href;

function frame(functionName: string, path = "", lineNumber = 0): CallFrame {
  const url = path.startsWith("src/") ? ROOT + path : path;
  return { functionName, scriptId: "1", url, lineNumber, columnNumber: 0 };
}

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)") },
    { id: 2, callFrame: frame("append", "src/wal/writer.ts", 9), positionTicks: [{ line: 12, ticks: 2 }] },
    { id: 3, callFrame: frame("(garbage collector)") },
    { id: 4, callFrame: frame("(idle)") },
    { id: 5, callFrame: frame("append", "src/wal/writer.ts", 9), positionTicks: [{ line: 13, ticks: 1 }] },
    { id: 6, callFrame: frame("writeAt", "src/io/deno/disk.ts", 4) },
    { id: 7, callFrame: frame("op_write") },
    { id: 8, callFrame: frame("read", "ext:deno_net/01_net.js") },
  ],
  startTime: 1_000,
  endTime: 1_800,
  samples: [2, 2, 3, 5, 4, 6, 7, 8],
  timeDeltas: [0, 100, 100, 100, 100, 100, 100, 100],
};

Deno.test("each sample counts until the next, the last until the end", () => {
  const { byFunction } = cpuShares(PROFILE);
  assert.deepEqual(byFunction[0], ["append  src/wal/writer.ts:10", 300]);
  assert.equal(byFunction.reduce((sum, [, micros]) => sum + micros, 0), 800);
});

Deno.test("time goes to rooms, to the runtime, to native code, to garbage collection and to idling", () => {
  assert.deepEqual(Object.fromEntries(cpuShares(PROFILE).byPlace), {
    "src/wal": 300,
    "(garbage collector)": 100,
    "(idle)": 100,
    "src/io/deno": 100,
    "(native)": 100,
    "(runtime's JavaScript)": 100,
  });
});

Deno.test("lines share what their function took on each path", () => {
  const lines = Object.fromEntries(cpuShares(PROFILE).byLine);
  assert.deepEqual(lines, { "src/wal/writer.ts:12  append": 200, "src/wal/writer.ts:13  append": 100 });
});

Deno.test("allocations add up over all paths to a function", () => {
  const leaf = (selfSize: number): AllocationNode => {
    return { callFrame: frame("take", "src/base/pool.ts", 3), selfSize, children: [] };
  };
  const { byPlace, byFunction } = allocationShares({
    callFrame: frame("(root)"),
    selfSize: 0,
    children: [leaf(100), { callFrame: frame("handle", "src/apis/x.ts"), selfSize: 5, children: [leaf(50)] }],
  });
  assert.deepEqual(byFunction, [["take  src/base/pool.ts:4", 150], ["handle  src/apis/x.ts:1", 5]]);
  assert.deepEqual(byPlace, [["src/base", 150], ["src/apis", 5]]);
});
