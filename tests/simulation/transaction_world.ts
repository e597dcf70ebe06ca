import assert from "node:assert/strict";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { readCommitted } from "../support/read_committed.ts";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";
import { createTopic, only } from "../support/requests.ts";
import { SimBroker } from "../support/sim_broker.ts";
import type { WireClient } from "../support/wire_client.ts";
import { TransactionProgram } from "../support/transaction_program.ts";

const TOPIC = "sim";
const PARTITIONS = 3;

/**
 * A whole broker through many lives, with programs that do transactions over the
 * same partitions. Whatever happens, a transaction is seen as a whole, with its
 * offset, or not at all; what was answered to have been committed, or was seen, is seen for good.
 */
export class TransactionWorld {
  readonly random: SimRandom;
  readonly #sim: SimBroker;
  readonly #programs: readonly TransactionProgram[];
  /** What a reader of committed records has seen: it may never go away. */
  readonly #seen = new Set<string>();
  #isTopicThere = false;

  constructor(seed: number, programs: number) {
    this.#sim = new SimBroker(seed);
    this.random = this.#sim.random;
    this.#programs = Array.from(
      { length: programs },
      (_, i) => new TransactionProgram(`program-${i}`, TOPIC, PARTITIONS, this.random.fork()),
    );
  }

  /** Begins a life: recovers, and checks what came back against what the programs know. */
  async start(): Promise<void> {
    await this.#sim.start();
    const client = this.#sim.connect();
    if (!this.#isTopicThere) await this.#sim.run(createTopic(client, TOPIC, { partitions: PARTITIONS }));
    this.#isTopicThere = true;
    // Ends what a former life has left open.
    for (const { id } of this.#programs) {
      assert.equal(await this.#sim.run(new TransactionalProducer(client, id).init()), ErrorCode.NONE);
    }
    await this.#check(client);
  }

  /** All programs go on, each over a connection of its own, for so many events of the simulated world. */
  async work(events: number): Promise<void> {
    for (const program of this.#programs) void program.begin(this.#sim.connect());
    for (let i = 0; i < events; i++) await this.#sim.clock.step();
    for (const program of this.#programs) program.assertUnrefused();
  }

  /** Reads while the programs go on: nothing may be seen that was aborted or never asked to be committed. */
  async look(): Promise<void> {
    const known = this.#committed();
    const seen = new Set<string>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const values = await this.#sim.run(readCommitted(this.#sim.connect(), this.#topic, partition));
      for (const value of values) {
        seen.add(value);
        this.#seen.add(value);
      }
    }
    // What is committed behind another program's open transaction has to wait for its end.
    if (this.#programs.length === 1) {
      for (const value of known) {
        assert.ok(seen.has(value), `${nameOf(value)} was committed, and is not seen`);
      }
    }
    this.#assertNoneOf(seen, ["open", "aborted"]);
  }

  async stop(): Promise<void> {
    await this.#sim.stop();
    this.kill();
  }

  kill(): void {
    for (const program of this.#programs) program.cut();
    this.#sim.kill();
  }

  powerCut(): void {
    for (const program of this.#programs) program.cut();
    this.#sim.powerCut();
  }

  get #topic() {
    return { name: TOPIC, topicId: "" };
  }

  /** No program runs, and no transaction is open: what is seen is exactly what was committed, and from now on it stays so. */
  async #check(client: WireClient): Promise<void> {
    const seen: string[][] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      seen.push(await this.#sim.run(readCommitted(client, this.#topic, partition)));
    }
    const all = new Set(seen.flat());
    for (const value of this.#seen) assert.ok(all.has(value), `${nameOf(value)} had been seen`);
    for (const program of this.#programs) {
      const expected = program.settle(all);
      for (const [partition, values] of seen.entries()) {
        const own = values.filter((value) => value.startsWith(`${program.id}/`));
        assert.deepEqual(own.map(nameOf), expected[partition]!.map(nameOf), `partition ${partition}`);
      }
      const offset = await this.#committedOffset(client, program.id);
      assert.equal(offset, program.committedOffset, `the offset of ${program.id}`);
    }
  }

  #committed(): string[] {
    return this.#programs.flatMap(({ transactions }) =>
      transactions.flatMap(({ fate, values }) => fate === "committed" ? [...values.values()].flat() : [])
    );
  }

  #assertNoneOf(seen: ReadonlySet<string>, fates: readonly string[]): void {
    for (const { transactions } of this.#programs) {
      for (const { fate, values } of transactions) {
        if (!fates.includes(fate)) continue;
        for (const value of [...values.values()].flat()) {
          assert.ok(!seen.has(value), `${nameOf(value)} is ${fate}, and seen`);
        }
      }
    }
  }

  async #committedOffset(client: WireClient, groupId: string): Promise<number> {
    const answer = await this.#sim.run(
      client.send(offsetFetchRequest, offsetFetchResponse, 7, {
        groupId,
        topics: [{ name: TOPIC, partitionIndexes: [0] }],
        groups: [],
      }),
    );
    return only(answer.topics.flatMap(({ partitions }) => partitions)).committedOffset;
  }
}

/** A value without what only makes it long. */
function nameOf(value: string): string {
  return value.split(":")[0] ?? "";
}
