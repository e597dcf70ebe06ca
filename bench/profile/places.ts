/** Which part of klite, of Deno or of the machine a function belongs to. */
import type { CallFrame } from "./model.ts";

const ROOT = new URL("../../", import.meta.url).href;

/** Time in which the main thread had nothing to do. */
export const IDLE = "(idle)";
export const GARBAGE_COLLECTOR = "(garbage collector)";
/** System calls and the runtime's own code in Rust and C++. */
export const NATIVE = "(native)";
/** V8's and Deno's functions that are written in JavaScript. */
export const RUNTIME = "(runtime's JavaScript)";
const ELSEWHERE = "(elsewhere)";

/** The room of a function of klite's, such as `src/wal`; else one of the names in parentheses. */
export function placeOf({ functionName, url }: CallFrame): string {
  if (functionName === "(idle)") return IDLE;
  if (functionName === "(garbage collector)") return GARBAGE_COLLECTOR;
  if (url.startsWith("wasm:")) return "src/base (WebAssembly)";
  if (url.startsWith("ext:") || url.startsWith("node:")) return RUNTIME;
  // V8's own: (program), (root), built-in functions; and Deno's ops, called from JavaScript.
  if (url === "") return NATIVE;
  const path = pathOf(url);
  return /^src\/(?:io\/deno|[^/]+)(?=\/)/.exec(path)?.[0] ?? (url.startsWith(ROOT) ? path : ELSEWHERE);
}

/** A function and where it is written, for people. */
export function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  return url === "" ? name : `${name}  ${pathOf(url)}:${lineNumber + 1}`;
}

/** The path below the project's root. */
export function pathOf(url: string): string {
  return url.startsWith(ROOT) ? url.slice(ROOT.length) : url;
}
