/** What the JavaScript member programs share: the commands and the events of member_event.ts. */
import { createInterface } from "node:readline";
import process from "node:process";

/** The words of one join command. */
export interface JoinOrder {
  readonly bootstrap: string;
  readonly member: string;
  readonly group: string;
  readonly topic: string;
  readonly mode: string;
  readonly instance: string | null;
}

/** A member that has been told to join. */
export interface Member {
  /** Leaves in order and resolves when that is done. */
  leave(): Promise<void>;
}

/** Tells what happens to one member. */
export class Told {
  readonly #member: string;

  constructor(member: string) {
    this.#member = member;
  }

  tell(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const atMs = performance.timeOrigin + performance.now();
    console.log(JSON.stringify({ event, member: this.#member, atMs, ...fields }));
  }

  owned(generation: number, partitions: readonly number[]): void {
    this.tell("owned", { generation, partitions });
  }

  revoked(partitions: readonly number[]): void {
    if (partitions.length > 0) this.tell("revoked", { partitions });
  }

  lost(partitions: readonly number[]): void {
    if (partitions.length > 0) this.tell("lost", { partitions });
  }

  processed(partition: number, offsets: readonly number[]): void {
    const [first = 0] = offsets;
    const next = first + offsets.length;
    if (offsets.at(-1) !== next - 1) throw new Error(`offsets ${offsets.join(", ")}`);
    this.tell("processed", { partition, first, next });
  }

  committed(partition: number, offset: number): void {
    this.tell("committed", { partition, offset });
  }

  error(error: unknown): void {
    this.tell("error", {
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
  }
}

/** Follows the commands until they end, then ends the process: clients keep timers that would hold it. */
export async function runMembers(join: (order: JoinOrder, told: Told) => Promise<Member>): Promise<never> {
  const [bootstrap = ""] = Deno.args;
  const members = new Map<string, Promise<Member>>();
  const leave = async (name: string) => {
    const member = await members.get(name);
    members.delete(name);
    await member?.leave();
    new Told(name).tell("left");
  };
  const leaving: Promise<void>[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, member = "", group = "", topic = "", mode = "", instance = "-"] = line.split(" ");
    if (command === "join") {
      const order = { bootstrap, member, group, topic, mode, instance: instance === "-" ? null : instance };
      members.set(member, join(order, new Told(member)));
    } else {
      leaving.push(leave(member));
    }
  }
  await Promise.all([...leaving, ...[...members.keys()].map(leave)]);
  Deno.exit(0);
}
