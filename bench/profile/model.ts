/** What V8 tells of a process, in the shapes of the DevTools protocol, and what is taken beside it. */

/** A function, or one of V8's own names in parentheses, such as `(garbage collector)`. Lines count from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A function as one path of calls reached it. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly hitCount?: number;
  readonly children?: readonly number[];
  /** Hits by line; here lines count from 1. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/** What a .cpuprofile file holds: which node was seen running at each sample. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** One function on one path of calls, with the bytes that it allocated itself, estimated from samples. */
export interface AllocationNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

/** What a .heapprofile file holds. */
export interface AllocationProfile {
  readonly head: AllocationNode;
}

/** Which of the two is taken. */
export type ProfileKind = "cpu" | "allocations";

/** An order for whoever knows when the load that counts begins and ends. */
export interface ProfileOrder {
  readonly kind: ProfileKind;
  /** `host:port` of the broker's inspector. */
  readonly inspector: string;
  /** Where the {@link TakenProfile} goes, as JSON. */
  readonly file: string;
}

/** A profile of exactly the time that counted. */
export interface TakenProfile {
  readonly cpu: CpuProfile | null;
  readonly allocations: AllocationProfile | null;
  /** Processor seconds of the process's threads meanwhile, by the threads' name. */
  readonly threads: Readonly<Record<string, number>>;
}
