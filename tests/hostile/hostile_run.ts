/**
 * A broker, a client that behaves, and beside it one kind of hostile client after the other. The broker has to
 * live, the client must notice nothing, and memory must stay bounded.
 */
import { ErrorCode } from "../../src/base/error_codes.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import {
  createTopic,
  EARLIEST,
  offsetOf,
  produce,
  readAll,
  textBatch,
  type TopicRef,
} from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { SeededRandom } from "../wire/seeded_random.ts";
import { Bystander } from "./bystander.ts";
import { heavyRequests } from "./heavy_requests.ts";
import { bombFrames, malformedBatchFrames } from "./hostile_batches.ts";
import { lyingRequests } from "./lying_requests.ts";
import { allTargets, malformations, malformedRequest } from "./malformed_requests.ts";
import { RawConnection } from "./raw_connection.ts";
import {
  announceGiants,
  neverRead,
  type RudeOutcome,
  sendBadSizes,
  sendGiant,
  trickle,
  unreadRequests,
  vanish,
} from "./rude_clients.ts";

/** What the broker may take, whatever is done to it. */
export const MEMORY_BYTES_MAX = 256 * 2 ** 20;

/** Hostile connections that are served side by side. */
const SIDE_BY_SIDE = 8;
/** A connection that the broker neither serves nor ends for so long is stuck. */
const STUCK_MS = 120_000;
/** Records to fetch: more than a fetch may hold. */
const STORED_BATCHES = 24;
const STORED_BATCH_BYTES = 900_000;

/** How much of everything. */
export interface HostileScale {
  /** Requests of each malformation to each version of each API. */
  readonly malformedEach: number;
  /** Elements of the large requests, in turn. */
  readonly elementCounts: readonly number[];
  /** Of which kinds of large requests; every n-th, so that different counts meet different kinds. */
  readonly everyHeavy: number;
  readonly giants: number;
  /** Frames of the largest size that are really sent. */
  readonly giantsSent: number;
  readonly vanishing: number;
  readonly trickling: number;
  readonly neverReading: number;
}

/** One kind of hostility, over all rounds. */
export interface KindOutcome {
  readonly name: string;
  readonly sent: number;
  readonly answers: number;
  /** The most memory that the broker had held by the end of it. */
  readonly peakBytes: number;
  readonly residentBytes: number;
  /** The longest round of the client beside. */
  readonly slowestMs: number;
}

/** What came of a run. Its existence says that the broker lived and that nobody else noticed. */
export interface HostileOutcome {
  readonly kinds: readonly KindOutcome[];
  /** Rounds of the client beside. */
  readonly bystanderRounds: number;
  readonly peakBytes: number;
  readonly residentBytes: number;
}

/** Runs one round of everything, decided by `seed`. Throws when the broker or the client beside it came to harm. */
export async function runHostile(
  seed: number,
  scale: HostileScale,
  report: (kind: KindOutcome) => void = () => {},
): Promise<HostileOutcome> {
  const broker = await BrokerProcess.start();
  try {
    const bystander = await Bystander.start(broker.port);
    const kinds: KindOutcome[] = [];
    try {
      const topic = await storeRecords(broker.port);
      for (const { name, run } of await hostilities(broker.port, topic, bystander, seed, scale)) {
        const { clients, answers } = await run();
        await bystander.nextRound();
        assertUnharmed(broker);
        const kind = {
          name,
          sent: clients,
          answers,
          peakBytes: broker.peakResidentBytes(),
          residentBytes: broker.residentBytes(),
          slowestMs: bystander.takeSlowestMs(),
        };
        kinds.push(kind);
        report(kind);
      }
    } finally {
      await bystander.stop();
    }
    await serveSomeoneNew(broker.port);
    const peakBytes = broker.peakResidentBytes();
    const residentBytes = broker.residentBytes();
    const { code } = await broker.stop();
    if (code !== 0) throw new Error(`the broker stopped with exit code ${code}`);
    return { kinds, bystanderRounds: bystander.rounds, peakBytes, residentBytes };
  } catch (error) {
    throw new Error(`the broker was harmed; it said:\n${broker.log().slice(-3000)}`, { cause: error });
  } finally {
    await broker.kill();
  }
}

interface Hostility {
  readonly name: string;
  readonly run: () => Promise<RudeOutcome>;
}

async function hostilities(
  port: number,
  topic: TopicRef,
  bystander: Bystander,
  seed: number,
  scale: HostileScale,
): Promise<Hostility[]> {
  const random = new SeededRandom(seed);
  const targets = await allTargets(topic);
  const othersServed = () => bystander.nextRound();
  const large = scale.elementCounts.flatMap((count, index) =>
    heavyRequests(topic, count).filter((_, kind) => (kind + index) % scale.everyHeavy === 0)
  );
  return [
    // First, for the broker's memory has room for a few such only before the rest has left its garbage.
    ...Array.from({ length: scale.giantsSent }, () => ({
      name: "a giant, in full",
      run: () => sendGiant(port, random),
    })),
    ...malformations.map((malformation) => ({
      name: `${malformation} requests`,
      run: () => {
        const frames = function* () {
          for (const target of targets) {
            for (let left = scale.malformedEach; left > 0; left--) {
              yield malformedRequest(target, malformation, random);
            }
          }
        };
        return sendAll(port, frames());
      },
    })),
    { name: "counts and texts that lie", run: () => sendAll(port, lyingRequests(topic)) },
    { name: "malformed batches", run: () => sendAnswered(port, malformedBatchFrames(topic)) },
    { name: "batches that unpack to much", run: () => sendAnswered(port, bombFrames(topic)) },
    { name: "sizes that no frame has", run: () => sendBadSizes(port) },
    { name: "vanishing clients", run: () => vanish(port, scale.vanishing, random) },
    { name: "trickling clients", run: () => trickle(port, scale.trickling) },
    { name: "announced giants", run: () => announceGiants(port, scale.giants, othersServed) },
    ...Object.entries(unreadRequests(topic)).map(([what, frame]) => ({
      name: `clients that never read: ${what}`,
      run: () => neverRead(port, scale.neverReading, frame, othersServed),
    })),
    ...large.map(({ name, frame }) => ({
      name,
      run: () => sendAll(port, [frame()]),
    })),
  ];
}

/** Sends each frame over a connection of its own, some at a time, and waits until the broker has ended them all. */
async function sendAll(port: number, frames: Iterable<Uint8Array>): Promise<RudeOutcome> {
  const iterator = frames[Symbol.iterator]();
  let clients = 0;
  let answers = 0;
  const sender = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      const frame = next.value;
      using connection = await RawConnection.connect(port);
      const stuck = setTimeout(() => connection.close(), STUCK_MS);
      await connection.write(frame);
      const conversation = await connection.finish();
      clearTimeout(stuck);
      answers += conversation.answers;
      if (connection.isClosedHere) throw new Error(`no end of ${frame.subarray(0, 200).toHex()}`);
      clients++;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, sender));
  return { clients, answers };
}

/** The same for requests that are in order, each of which has to be answered. */
async function sendAnswered(port: number, frames: Iterable<Uint8Array>): Promise<RudeOutcome> {
  const outcome = await sendAll(port, frames);
  if (outcome.answers !== outcome.clients) {
    throw new Error(`${outcome.clients} requests got ${outcome.answers} answers`);
  }
  return outcome;
}

async function storeRecords(port: number): Promise<TopicRef> {
  await using client = await WireClient.connect(port);
  await createTopic(client, "victim");
  const topic = await createTopic(client, "target", { partitions: 3 });
  const value = new SeededRandom(1).bytes(STORED_BATCH_BYTES);
  for (let batch = 0; batch < STORED_BATCHES; batch++) {
    const { errorCode } = await produce(client, topic, buildBatch([{ value, timestampMs: Date.now() }]));
    if (errorCode !== ErrorCode.NONE) throw new Error(`the records to fetch met error ${errorCode}`);
  }
  return topic;
}

function assertUnharmed(broker: BrokerProcess): void {
  if (broker.exit !== null) throw new Error(`the broker ended with code ${broker.exit.code}`);
  const faults = broker.log().split("\n").filter((line) => line.includes('"level":"error"'));
  if (faults.length > 0) {
    throw new Error(`the broker found faults of its own: ${faults.slice(0, 5).join("\n")}`);
  }
}

async function serveSomeoneNew(port: number): Promise<void> {
  await using client = await WireClient.connect(port);
  const topic = await createTopic(client, "afterwards");
  const produced = await produce(client, topic, textBatch(["still here"]));
  const { offset } = await offsetOf(client, topic, EARLIEST);
  const [record] = await readAll(client, topic);
  if (produced.errorCode !== 0 || offset !== 0 || record?.value !== "still here") {
    throw new Error("a new client was not served as it should be");
  }
}
