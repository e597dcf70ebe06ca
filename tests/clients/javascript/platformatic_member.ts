/** Members of groups on @platformatic/kafka. */
import { Buffer } from "node:buffer";
import {
  Consumer,
  type Message,
  type MessagesStream,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
} from "@platformatic/kafka";
import { type JoinOrder, type Member, runMembers, type Told } from "./group_member.ts";

/** How often what has come in is handled. */
const TURN_MS = 20;
/** What stands for a member epoch, which the library keeps to itself. */
const UNKNOWN_GENERATION = -1;

/** Joins a group and goes on until told to leave. */
async function join(order: JoinOrder, told: Told): Promise<Member> {
  const consumer = new Consumer({
    clientId: order.member,
    groupId: order.group,
    bootstrapBrokers: [order.bootstrap],
    autocommit: false,
    maxWaitTime: 100,
    retries: 20,
    retryDelay: 200,
    ...protocolOf(order),
    ...(order.instance === null ? {} : { groupInstanceId: order.instance }),
  });
  consumer.on("error", (error) => told.error(error));
  const holding = new Holding(consumer, order, told);
  const stream = await consumer.consume({
    topics: [order.topic],
    mode: MessagesStreamModes.COMMITTED,
    fallbackMode: MessagesStreamFallbackModes.EARLIEST,
  });
  const reading = new Reading(consumer, stream, order.topic, holding, told);
  return {
    leave: async () => {
      await reading.stop();
      holding.giveUp();
      await consumer.close(true);
    },
  };
}

function protocolOf({ mode }: JoinOrder) {
  if (mode === "consumer") return { groupProtocol: "consumer" as const };
  return { sessionTimeout: 6_000, heartbeatInterval: 500, rebalanceTimeout: 30_000 };
}

/** The partitions that a member holds. Not every change has an event, so the library is watched as it notes them. */
class Holding {
  readonly #topic: string;
  readonly #told: Told;
  #held = new Set<number>();

  constructor(consumer: Consumer, { topic, mode }: JoinOrder, told: Told) {
    this.#topic = topic;
    this.#told = told;
    let noted = consumer.assignments;
    Object.defineProperty(consumer, "assignments", {
      get: () => noted,
      set: (assignments: Consumer["assignments"]) => {
        noted = assignments;
        this.#note(assignments, mode === "consumer" ? UNKNOWN_GENERATION : consumer.generationId);
      },
    });
    // In the classic protocol everything is given up before the group is joined again.
    if (mode !== "consumer") consumer.on("consumer:group:rebalance", () => this.giveUp());
  }

  has(partition: number): boolean {
    return this.#held.has(partition);
  }

  giveUp(): void {
    this.#told.revoked([...this.#held]);
    this.#held = new Set();
  }

  #note(assignments: Consumer["assignments"], generation: number): void {
    const now = new Set(assignments?.find(({ topic }) => topic === this.#topic)?.partitions);
    this.#told.revoked([...this.#held.difference(now)]);
    this.#held = now;
    // None at all is what a member has that has left.
    if (assignments !== null) this.#told.owned(generation, [...now]);
  }
}

/** Handles what a stream gives and commits it, partition by partition. */
class Reading {
  readonly #consumer: Consumer;
  readonly #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>;
  readonly #topic: string;
  readonly #holding: Holding;
  readonly #told: Told;
  readonly #waiting = new Map<string, Message[]>();
  readonly #committed = new Map<number, number>();
  readonly #ended: Promise<void>;
  #stopped = false;

  constructor(
    consumer: Consumer,
    stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>,
    topic: string,
    holding: Holding,
    told: Told,
  ) {
    this.#consumer = consumer;
    this.#stream = stream;
    this.#topic = topic;
    this.#holding = holding;
    this.#told = told;
    stream.on("error", (error) => told.error(error));
    stream.on("data", (message) => this.#take(message));
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
    await this.#stream.close();
  }

  /** What is waiting together follows each other, and was fetched in one generation. */
  #take(message: Message): void {
    const { partition, offset } = message;
    for (let run = 0;; run++) {
      const key = `${partition} ${generationOf(message)} ${run}`;
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) this.#waiting.set(key, [message]);
      else if (waiting.at(-1)?.offset === offset - 1n) waiting.push(message);
      else continue;
      return;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      for (const [key, messages] of this.#waiting) {
        this.#waiting.delete(key);
        await this.#handle(messages);
      }
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  }

  async #handle(messages: readonly Message[]): Promise<void> {
    const [first] = messages;
    if (first === undefined) return;
    const { partition } = first;
    this.#told.processed(partition, messages.map(({ offset }) => Number(offset)));
    const next = Number(first.offset) + messages.length;
    // The library goes on giving what it had fetched before a rebalance; others may be further by now.
    const isStale = generationOf(first) !== this.#consumer.generationId || !this.#holding.has(partition);
    if (isStale || next <= (this.#committed.get(partition) ?? 0)) return;
    this.#committed.set(partition, next);
    try {
      await this.#consumer.commit({
        offsets: [{ topic: this.#topic, partition, offset: BigInt(next), leaderEpoch: -1 }],
      });
      this.#told.committed(partition, next);
    } catch (error) {
      this.#told.error(error);
    }
  }
}

function generationOf({ metadata }: Message): unknown {
  return Object(metadata?.consumer).generationId;
}

await runMembers(join);
