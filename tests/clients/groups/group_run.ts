/**
 * One group of one client: a topic under load, programs with members in them, and
 * eyes on what they tell and on the group's committed offsets. What happens to the
 * members is up to the scenario that uses it.
 */
import type { PreparedProgram } from "../programs.ts";
import { findCommitGoneBack, findDuplicate, findSecondOwner, findUnprocessed } from "./checks.ts";
import type { GroupClient } from "./group_clients.ts";
import { History } from "./history.ts";
import { Load } from "../load.ts";
import { MemberProcess } from "./member_process.ts";
import type { MemberEvent } from "./member_event.ts";
import { OffsetWatcher } from "./offset_watcher.ts";
import { TopicAdmin } from "../topic_admin.ts";

/** Enough for a session to expire, a rebalance to end, and a slow machine. */
const SETTLE_MS = 60_000;
const LOOK_MS = 20;

/** What a run is about. */
export interface GroupRunOptions {
  readonly bootstrap: string;
  readonly client: GroupClient;
  readonly program: PreparedProgram;
  readonly group: string;
  readonly partitions: number;
  /** Written to the group's topic; null when others write there. */
  readonly recordsPerSecond: number | null;
  /** Where members copy what they handle. */
  readonly forward?: string;
}

/** What was checked, and what is wrong: null when nothing is. */
export interface GroupFinding {
  readonly check: string;
  readonly failure: string | null;
}

/** A group in the making. */
export class GroupRun implements AsyncDisposable {
  readonly history = new History();
  readonly #options: GroupRunOptions;
  readonly #watcher: OffsetWatcher;
  readonly #load: Load | null;
  readonly #processes: MemberProcess[] = [];
  /** Where each member lives that is in the group. */
  readonly #homes = new Map<string, MemberProcess>();
  readonly #killed = new Set<string>();
  readonly #instances = new Map<string, string>();
  #ends: readonly number[] | null = null;

  private constructor(options: GroupRunOptions, watcher: OffsetWatcher, load: Load | null) {
    this.#options = options;
    this.#watcher = watcher;
    this.#load = load;
  }

  static async start(options: GroupRunOptions): Promise<GroupRun> {
    const { bootstrap, group, partitions, recordsPerSecond } = options;
    const admin = await TopicAdmin.connect(bootstrap);
    await admin.create([{ name: group, partitions }]);
    await admin.close();
    const watcher = await OffsetWatcher.start(bootstrap, group, group);
    const load = recordsPerSecond === null
      ? null
      : await Load.start(bootstrap, group, partitions, recordsPerSecond);
    return new GroupRun(options, watcher, load);
  }

  /** How many records the load has written; known when it has ended. */
  get records(): number {
    return this.#ends?.reduce((sum, end) => sum + end, 0) ?? 0;
  }

  /** Starts one more program of the client. */
  addProcess(): MemberProcess {
    const { program, bootstrap } = this.#options;
    const process = new MemberProcess(program, bootstrap, (event) => this.history.add(event));
    this.#processes.push(process);
    return process;
  }

  /** `instance` is what a static member is known by. */
  join(process: MemberProcess, member: string, instance = member): void {
    const { group, client, forward = "-" } = this.#options;
    const order = { member, group, topic: group, mode: client.mode, forward };
    process.join(client.isStatic ? { ...order, instance } : order);
    if (client.isStatic) this.#instances.set(member, instance);
    this.#homes.set(member, process);
  }

  /** Resolves when it says that it has left. */
  async leave(member: string): Promise<void> {
    this.#homes.get(member)?.leave(member);
    this.#homes.delete(member);
    const isIt = (event: MemberEvent) => event.event === "left" && event.member === member;
    await this.#until(() => this.history.events.some(isIt), `see ${member} leave`);
  }

  /** SIGKILL for the program: its members are gone without a word. */
  async kill(process: MemberProcess): Promise<void> {
    await process.kill();
    for (const member of process.members) {
      this.#killed.add(member);
      this.#homes.delete(member);
      this.history.killed(member);
    }
    this.#processes.splice(this.#processes.indexOf(process), 1);
  }

  /** Waits until the members hold all partitions between them. Throws when they do not get there. */
  async settle(): Promise<void> {
    const { partitions } = this.#options;
    await this.#until(
      () => this.history.isSettled([...this.#homes.keys()], partitions),
      "hold all partitions",
    );
  }

  /** Waits until records of every partition have been handled that had not been when this was called. */
  async progress(): Promise<void> {
    const partitions = Array.from({ length: this.#options.partitions }, (_, partition) => partition);
    const before = partitions.map((partition) => this.history.processedTo(partition));
    const isFurther = (partition: number) => this.history.processedTo(partition) > (before[partition] ?? 0);
    await this.#until(() => partitions.every(isFurther), "go on");
  }

  /** Ends the load; answers the partitions' ends. */
  async stopLoad(): Promise<readonly number[]> {
    this.#ends = await this.#load?.stop() ?? [];
    return this.#ends;
  }

  /** Waits until all up to these ends has been handled and committed. */
  async drain(ends: readonly number[]): Promise<void> {
    this.#ends = ends;
    await this.#until(
      () => ends.every((end, partition) => this.history.processedTo(partition) >= end),
      "handle all records",
    );
    let committed: readonly number[] = [];
    const isCommitted = async () => {
      committed = await this.#watcher.look();
      return ends.every((end, partition) => committed[partition] === end);
    };
    await this.#until(
      isCommitted,
      "commit all",
      () => `committed ${committed.join()}, the ends are ${ends.join()}`,
    );
  }

  /** What the clients have complained of and logged. */
  complaints(): string {
    const logs = this.#processes.map((process) => process.log);
    return [...this.history.errors(Infinity), ...logs].join("\n");
  }

  /** Ends all programs, in order, and says what is wrong. */
  async findings(options: { readonly hasCrashes: boolean }): Promise<GroupFinding[]> {
    const ended = await Promise.all(this.#processes.splice(0).map((process) => process.end()));
    await this.#watcher.stop();
    const ends = this.#ends;
    if (ends === null) throw new Error("the load was not stopped");
    const { events } = this.history;
    return [
      { check: "every record is handled", failure: findUnprocessed(events, ends) },
      ...(options.hasCrashes
        ? []
        : [{ check: "no record is handled twice", failure: findDuplicate(events, ends) }]),
      {
        check: "one owner a partition",
        failure: findSecondOwner(events, { killed: this.#killed, instances: this.#instances }),
      },
      { check: "committed offsets never go back", failure: findCommitGoneBack(this.#watcher.samples) },
      {
        check: "members leave in order",
        failure: ended.every(Boolean) ? null : "a program had to be killed",
      },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) await process.kill();
    if (this.#ends === null) await this.#load?.stop().catch(() => {});
    await this.#watcher.stop();
  }

  async #until(
    isSo: () => boolean | Promise<boolean>,
    what: string,
    state: () => string = () => this.history.describe(),
  ): Promise<void> {
    const giveUpAt = performance.now() + SETTLE_MS;
    while (!(await isSo())) {
      for (const process of this.#processes) process.assertAlive();
      if (performance.now() > giveUpAt) {
        const errors = this.history.errors(3).map((error) => `\n  ${error}`).join("");
        throw new Error(`the members did not ${what} within ${SETTLE_MS / 1000} s: ${state()}${errors}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
