/** Reads what is committed, with a client that had no part in writing it: kcat. */
import { runCommand } from "../support/run_command.ts";

/** One record. */
export interface ReadRecord {
  readonly partition: number;
  readonly key: string;
  /** What it says when `isNumber` was given is the number in its eight bytes. */
  readonly value: string;
}

/** All records that a read_committed consumer sees from the beginning to the end, in the order of their partitions. */
export async function readCommitted(
  bootstrap: string,
  topic: string,
  { isNumber = false } = {},
): Promise<ReadRecord[]> {
  const where = ["-b", bootstrap, "-C", "-q", "-e", "-t", topic, "-o", "beginning"];
  const how = ["-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=50", "-f", "%p\t%k\t%s\n"];
  const { stdout } = await runCommand(["kcat", ...where, ...(isNumber ? ["-s", "value=q"] : []), ...how]);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").map((line) => {
    const [partition, key = "", value = ""] = line.split("\t");
    return { partition: Number(partition), key, value };
  });
}

/** The values by what `by` says, each list in its order. */
export function valuesBy(
  records: readonly ReadRecord[],
  by: "partition" | "key",
): Map<string, readonly string[]> {
  const groups = Map.groupBy(records, (record) => String(record[by]));
  return new Map([...groups].map(([name, found]) => [name, found.map(({ value }) => value)]));
}

/** Where two sets of lists are not the same; null when they are. */
export function findUnlike(
  expected: ReadonlyMap<string, readonly string[]>,
  actual: ReadonlyMap<string, readonly string[]>,
): string | null {
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    const wanted = expected.get(name) ?? [];
    const found = actual.get(name) ?? [];
    const length = Math.max(wanted.length, found.length);
    for (let index = 0; index < length; index++) {
      if (wanted[index] === found[index]) continue;
      return `${name}: record ${index} is ${found[index] ?? "missing"}, expected ${
        wanted[index] ?? "no more"
      }`;
    }
  }
  return null;
}
