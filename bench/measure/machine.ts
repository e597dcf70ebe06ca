/** What the figures were measured on, without anything that names the machine. */

/** A machine as reports state it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** Type of the file system that held the data. */
  readonly filesystem: string;
  readonly deno: string;
}

/** Describes this machine; `dir` is where the brokers' data goes. */
export function describeMachine(dir: string): Machine {
  const cpuInfo = Deno.readTextFileSync("/proc/cpuinfo");
  return {
    cpu: /^model name\s*:\s*(.+)$/m.exec(cpuInfo)?.[1]?.trim() ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
    system: `Linux ${Deno.osRelease()} ${Deno.build.arch}`,
    filesystem: filesystemOf(Deno.realPathSync(dir), Deno.readTextFileSync("/proc/self/mounts")),
    deno: Deno.version.deno,
  };
}

/** The type of the file system that `path` lies on, from the text of /proc/self/mounts. */
export function filesystemOf(path: string, mounts: string): string {
  let [longest, type] = ["", "unknown"];
  for (const line of mounts.split("\n")) {
    const [, at, kind] = line.split(" ");
    if (at === undefined || kind === undefined) continue;
    const holdsPath = path === at || path.startsWith(at.endsWith("/") ? at : `${at}/`);
    // Of mounts on the same place the last one is seen.
    if (holdsPath && at.length >= longest.length) [longest, type] = [at, kind];
  }
  return type;
}
