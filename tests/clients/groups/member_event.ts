/**
 * What member programs say. They take `BOOTSTRAP` as their argument and read
 * commands, one a line, from standard input:
 *
 *     join MEMBER GROUP TOPIC MODE INSTANCE FORWARD   INSTANCE and FORWARD are - for none
 *     leave MEMBER
 *
 * MEMBER is the harness's name for it, MODE the way the group divides partitions
 * (group_client.ts), INSTANCE a static member's id, FORWARD a topic to which every
 * record is copied before its offset is committed. The end of input is the end of
 * all members. Every member reads from the earliest offset, commits what it has
 * processed before it asks for more, and tells on standard output, one JSON object a
 * line, what happens to it:
 *
 *     owned      these partitions are its own from now on, all of them; in which generation (or member epoch)
 *     revoked    it gives these up, and has not told the broker yet
 *     lost       it was thrown out: others may have had these for some time
 *     processed  it has handled the records first..next-1 of a partition
 *     committed  the broker has taken `offset` as a partition's committed offset
 *     left       it has left the group, in order
 *     error      anything that its client reported and that it went on from
 */

interface EventBase {
  readonly member: string;
  /** Milliseconds since 1970, with fractions. */
  readonly atMs: number;
}

export type MemberEvent =
  & EventBase
  & (
    | { readonly event: "owned"; readonly generation: number; readonly partitions: readonly number[] }
    | { readonly event: "revoked" | "lost"; readonly partitions: readonly number[] }
    | {
      readonly event: "processed";
      readonly partition: number;
      readonly first: number;
      readonly next: number;
    }
    | { readonly event: "committed"; readonly partition: number; readonly offset: number }
    | { readonly event: "left" }
    | { readonly event: "error"; readonly message: string }
  );

/** One line of a program's output. Throws when it is anything else. */
export function parseMemberEvent(line: string): MemberEvent {
  const value: unknown = JSON.parse(line);
  if (!isMemberEvent(value)) throw new Error(`no event: ${line}`);
  return value;
}

const NUMBER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  owned: ["generation"],
  revoked: [],
  lost: [],
  processed: ["partition", "first", "next"],
  committed: ["partition", "offset"],
  left: [],
  error: [],
};

function isMemberEvent(value: unknown): value is MemberEvent {
  const field = (name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  const event = field("event");
  const numbers = typeof event === "string" ? NUMBER_FIELDS[event] : undefined;
  if (numbers === undefined || typeof field("member") !== "string") return false;
  if (!["atMs", ...numbers].every((name) => typeof field(name) === "number")) return false;
  const hasPartitions = event === "owned" || event === "revoked" || event === "lost";
  if (hasPartitions && !isNumbers(field("partitions"))) return false;
  return event !== "error" || typeof field("message") === "string";
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
