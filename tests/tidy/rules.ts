/**
 * The house rules that a machine can check. Each takes source text and answers
 * with findings, so that the tests can show them a planted fault too.
 */

/** A source file below the project's root. */
export interface SourceFile {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Who may import whom. A room may always import itself. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  io: ["base"],
  "io/deno": ["base", "io"],
  "io/sim": ["base", "io"],
  protocol: ["base"],
  records: ["base"],
  cluster: ["base", "records"],
  auth: ["base", "io"],
  wal: ["base", "io"],
  objects: ["base", "io", "records"],
  log: ["base", "io", "records", "wal", "objects"],
  replication: ["base", "io", "wal"],
  engine: ["base", "io", "records", "cluster", "wal", "objects", "log", "replication"],
  apis: ["base", "protocol", "records", "cluster", "auth", "engine"],
  server: ["base", "io", "protocol", "auth", "apis"],
  console: ["base", "io", "cluster", "engine"],
  broker: [
    ...["base", "io", "protocol", "records", "cluster", "auth", "wal", "objects", "log", "replication"],
    ...["engine", "apis", "server", "console"],
  ],
  cli: ["base", "io", "protocol", "records", "wal", "objects", "broker"],
  main: ["cli", "broker", "io/deno"],
  tier_worker: ["base", "io", "objects", "io/deno"],
};

/** The room that a file belongs to; `undefined` for files outside `src/` other than the program's two pages. */
function roomOf(path: string): string | undefined {
  if (path === "main.ts" || path === "tier_worker.ts") return path.slice(0, -".ts".length);
  const [src, room, inner] = path.split("/");
  if (src !== "src" || room === undefined) return undefined;
  return room === "io" && (inner === "deno" || inner === "sim") ? `io/${inner}` : room;
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)"(\.[^"]+)"/g;

/** Imports that point against the layers, one line each. Unit tests may import anything. */
export function layerFaults(file: SourceFile): string[] {
  const room = roomOf(file.path);
  if (room === undefined || file.path.endsWith("_test.ts")) return [];
  const allowed = LAYERS[room];
  if (allowed === undefined) return [`${file.path}: room ${room} has no place in the layers`];
  const faults: string[] = [];
  for (const [, specifier] of file.text.matchAll(IMPORT)) {
    const target = new URL(specifier ?? "", `file:///${file.path}`).pathname.slice(1);
    const targetRoom = roomOf(target);
    if (targetRoom === room || (targetRoom !== undefined && allowed.includes(targetRoom))) continue;
    faults.push(`${file.path}: ${room} may not import ${target}`);
  }
  return faults;
}

const AMBIENT =
  /\bDeno\.|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bset(?:Timeout|Interval|Immediate)\(|\bcrypto\.(?:getRandomValues|randomUUID)\(|\bconsole\.\w+\(/;
const AMBIENT_IMPORT =
  /"(?:node:(?:fs|net|http|https|os|process|child_process|timers|dgram|tls|worker_threads|crypto)(?:\/\w+)?)"/;

/** Clock, disk, network, timers or randomness taken from the air instead of from `src/io/`. */
export function ambientFaults(file: SourceFile): string[] {
  if (!file.path.startsWith("src/") || file.path.startsWith("src/io/") || file.path.endsWith("_test.ts")) {
    return [];
  }
  return linesMatching(
    file,
    (line) => AMBIENT.test(line) || AMBIENT_IMPORT.test(line),
    "reaches for the world outside src/io",
  );
}

/** Waiting in the rules: state could change between the look and the decision. */
export function awaitFaults(file: SourceFile): string[] {
  if (!file.path.startsWith("src/cluster/")) return [];
  return linesMatching(
    file,
    (line) => /\bawait\b|\basync\b|\bPromise\b/.test(line),
    "waits inside the rules",
  );
}

function linesMatching(file: SourceFile, matches: (line: string) => boolean, fault: string): string[] {
  return file.text.split("\n").flatMap((line, index) =>
    matches(withoutComment(line)) ? [`${file.path}:${index + 1}: ${fault}: ${line.trim()}`] : []
  );
}

function withoutComment(line: string): string {
  if (/^\s*(?:\*|\/\*)/.test(line)) return "";
  return line.replace(/\/\/.*$/, "");
}
