/** What Linux tells of a process in /proc: CPU time and memory. */
import process from "node:process";

/** Clock ticks per second in /proc/PID/stat: 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time of all threads of a process so far, user and system, in seconds. */
export function cpuSeconds(pid: number): number {
  return cpuSecondsOf(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** The same from the text of /proc/PID/stat. */
export function cpuSecondsOf(stat: string): number {
  // The second field is the program's name in parentheses and may hold spaces: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The same by thread: seconds of all threads that have the same name. */
export function threadCpuSeconds(pid: number): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const { name: thread } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const stat = readIfThere(`/proc/${pid}/task/${thread}/stat`);
    if (stat === null) continue;
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    seconds.set(name, (seconds.get(name) ?? 0) + cpuSecondsOf(stat));
  }
  return seconds;
}

/** Processor time of this process so far, in seconds. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/** Processor time that all processes of the machine have taken so far, what the hypervisor took included. */
export function machineCpuSeconds(): number {
  return machineCpuSecondsOf(Deno.readTextFileSync("/proc/stat"));
}

/** The same from the text of /proc/stat. */
export function machineCpuSecondsOf(stat: string): number {
  const [user, nice, system, _idle, _iowait, irq, softirq, steal] = stat.split("\n")[0]!.split(/\s+/).slice(1)
    .map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / TICKS_PER_SECOND;
}

/** A process and all that came of it and still runs; the process itself first. Empty when it has ended. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  let isThere = false;
  for (const { name } of Deno.readDirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : null;
    if (stat === null) continue;
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie is only the news of its end.
    if (state === "Z") continue;
    const pid = Number(name);
    isThere ||= pid === root;
    children.set(Number(parent), [...children.get(Number(parent)) ?? [], pid]);
  }
  if (!isThere) return [];
  const tree = [root];
  // Grows while it is walked.
  for (const pid of tree) tree.push(...children.get(pid) ?? []);
  return tree;
}

/** Resident memory of a process now, in bytes. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** The highest resident memory of a process since it began or since {@link resetPeak}, in bytes. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

/** Lets the peak of a process's resident memory begin anew at what it is now. */
export function resetPeak(pid: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** How often a process has called write and its kin so far. */
export function writeCalls(pid: number): number {
  const found = /^syscw: (\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/io`));
  if (found === null) throw new Error(`process ${pid} tells no syscw`);
  return Number(found[1]);
}

function statusBytes(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  if (found === null) throw new Error(`process ${pid} tells no ${name}`);
  return Number(found[1]) * 1024;
}

/** A file of /proc; null when what it tells of has ended meanwhile. */
function readIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
