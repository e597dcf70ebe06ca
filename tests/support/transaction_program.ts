import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import type { TopicRef } from "./requests.ts";
import { TransactionalProducer } from "./transactional_producer.ts";
import { ConnectionEnded, type WireClient } from "./wire_client.ts";

const BATCHES_MAX = 6;
const VALUE_BYTES_MAX = 3000;

/** What a broker answers whose log is full; it is asked again later. */
const NO_ROOM: readonly number[] = [ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.COORDINATOR_NOT_AVAILABLE];

/** How a transaction ended, as far as its program knows: `asked` is a commit that has not been answered. */
export type Fate = "open" | "asked" | "committed" | "aborted";

/** One transaction of a program. */
export interface ProgramTransaction {
  readonly number: number;
  /** Values by partition, in the order in which they were answered. */
  readonly values: Map<number, string[]>;
  hasOffset: boolean;
  fate: Fate;
}

/**
 * A program that does one transaction after another, with records in several
 * partitions and an offset of its own group. After a crash it begins anew, as a
 * program does that is started again.
 */
export class TransactionProgram {
  readonly transactions: ProgramTransaction[] = [];
  readonly id: string;
  readonly #topic: string;
  readonly #partitions: number;
  readonly #random: SimRandom;
  readonly #transactionVersion: 1 | 2;
  /** Counts connections, so that answers of an old life are not taken for the new one's. */
  #life = 0;
  #stopped = false;
  #failure: string | null = null;

  constructor(id: string, topic: string, partitions: number, random: SimRandom) {
    this.id = id;
    this.#topic = topic;
    this.#partitions = partitions;
    this.#random = random;
    this.#transactionVersion = random.chance(0.5) ? 1 : 2;
  }

  get topic(): TopicRef {
    return { name: this.#topic, topicId: "" };
  }

  /** Works over a connection until that is gone, or until it is told to stop. What fails is told by {@link assertUnrefused}. */
  async begin(client: WireClient): Promise<void> {
    const life = ++this.#life;
    try {
      await this.#run(client, life);
    } catch (error) {
      if (!(error instanceof ConnectionEnded) && this.#life === life) this.#failure ??= String(error);
    }
  }

  /** No new transactions. */
  stop(): void {
    this.#stopped = true;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /**
   * Once no transaction is open: settles by what is seen what became of commits that were not answered, and takes
   * the others that were not answered for aborted. Answers what a reader of committed records must see, by partition.
   */
  settle(seen: ReadonlySet<string>): string[][] {
    const expected: string[][] = Array.from({ length: this.#partitions }, () => []);
    for (const transaction of this.transactions) {
      const [first = ""] = [...transaction.values.values()].flat();
      if (transaction.fate === "asked" && seen.has(first)) transaction.fate = "committed";
      if (transaction.fate !== "committed") transaction.fate = "aborted";
      else for (const [partition, values] of transaction.values) expected[partition]!.push(...values);
    }
    return expected;
  }

  /** The last offset that it has committed, -1 for none; to be asked for once all is settled. */
  get committedOffset(): number {
    return this.transactions.findLast(({ fate, hasOffset }) => fate === "committed" && hasOffset)?.number ??
      -1;
  }

  /** The connection is gone, and what was in flight with it. */
  cut(): void {
    this.#life++;
  }

  /** Throws if the broker has answered what it must not answer. */
  assertUnrefused(): void {
    if (this.#failure !== null) throw new Error(this.#failure);
  }

  async #run(client: WireClient, life: number): Promise<void> {
    const producer = new TransactionalProducer(client, this.id, {
      transactionVersion: this.#transactionVersion,
      timestampMs: -1,
    });
    this.#check("init", await producer.init(), life);
    while (this.#life === life && !this.#stopped) {
      const transaction: ProgramTransaction = {
        number: this.transactions.length,
        values: new Map(),
        hasOffset: false,
        fate: "open",
      };
      this.transactions.push(transaction);
      await this.#work(producer, transaction, life);
      const isCommit = this.#random.chance(0.7);
      if (isCommit) transaction.fate = "asked";
      this.#check("end", await producer.end(isCommit), life);
      transaction.fate = isCommit ? "committed" : "aborted";
    }
  }

  /** The records, and maybe the offset, of one transaction. */
  async #work(producer: TransactionalProducer, transaction: ProgramTransaction, life: number): Promise<void> {
    const batches = 1 + this.#random.below(BATCHES_MAX);
    for (let i = 0; i < batches; i++) {
      const partition = this.#random.below(this.#partitions);
      if (this.#transactionVersion === 1) {
        for (const code of await producer.add(this.topic, [partition])) this.#check("add", code, life);
      }
      const value = `${this.id}/${transaction.number}/${i}:${
        "x".repeat(this.#random.below(VALUE_BYTES_MAX))
      }`;
      const { errorCode } = await producer.write(this.topic, [value], { partition });
      this.#check("write", errorCode, life);
      const values = transaction.values.get(partition);
      if (values === undefined) transaction.values.set(partition, [value]);
      else values.push(value);
    }
    if (this.#random.chance(0.5)) return;
    if (this.#transactionVersion === 1) this.#check("add group", await producer.addGroup(this.id), life);
    this.#check("offset", await producer.commitOffset(this.id, this.topic, 0, transaction.number), life);
    transaction.hasOffset = true;
  }

  /** An answer that comes for an old life is nobody's. */
  #check(what: string, errorCode: number, life: number): void {
    if (this.#life !== life) throw new ConnectionEnded("this life is over");
    if (NO_ROOM.includes(errorCode)) throw new ConnectionEnded("the broker has no room for now");
    if (errorCode !== ErrorCode.NONE) {
      throw new Error(`${this.id}: ${what} was refused: ${errorName(errorCode)}`);
    }
  }
}
