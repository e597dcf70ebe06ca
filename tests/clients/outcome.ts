/** What the suites behind the record suite report: one line for each thing that was checked. */

/** One thing that was checked. */
export interface Outcome {
  /** A client in one of its modes, a program, a tool. */
  readonly subject: string;
  readonly version: string;
  readonly check: string;
  /** What is wrong; null when nothing is. */
  readonly failure: string | null;
}

/** Figures of a run for people, such as how many records it took; by subject. */
export type Notes = ReadonlyMap<string, string>;

/** All that a suite found out. */
export interface OutcomeReport {
  readonly title: string;
  readonly outcomes: readonly Outcome[];
  readonly notes: Notes;
}

/** Runs `work` for every item, a few at a time. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
