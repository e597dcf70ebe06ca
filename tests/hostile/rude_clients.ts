/** Clients that break the rules of the connection rather than those of the requests on it. */
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { fetchInput, type TopicRef } from "../support/requests.ts";
import type { SeededRandom } from "../wire/seeded_random.ts";
import { requestFrame, sized } from "./frames.ts";
import { RawConnection } from "./raw_connection.ts";

const MIB = 2 ** 20;
const MAX_FRAME_BYTES = 100 * MIB;
/** What a client sends that is patient and slow. */
const TRICKLE_PAUSE_MS = 2;
/** Requests that are sent ahead of their answers. */
const PIPELINED = 4000;
/** How long answers are left unread at least: longer than the requests that wait do. */
const UNREAD_HOLD_MS = 800;
const UNREAD_WAIT_MS = 300;

/** What came of a group of such clients. */
export interface RudeOutcome {
  readonly clients: number;
  /** Answers they were given. */
  readonly answers: number;
}

/** Waits until the broker has served others after what was done to it so far. */
export type OthersServed = () => Promise<void>;

const ASK_VERSIONS = requestFrame(apiVersionsRequest, 3, {
  clientSoftwareName: "hostile",
  clientSoftwareVersion: "1",
});

/** Sizes that no frame may have, each with some bytes behind it. The broker has to hang up. */
export async function sendBadSizes(port: number): Promise<RudeOutcome> {
  const sizes = [0, 1, 4, 7, -1, -2, -(2 ** 31), MAX_FRAME_BYTES + 1, 2 ** 31 - 1];
  for (const size of sizes) {
    for (const behind of [0, 64, 100_000]) {
      using connection = await RawConnection.connect(port);
      await connection.write(sized(new Uint8Array(behind), size));
      const { answers } = await connection.readToEnd();
      if (answers > 0) throw new Error(`a frame of ${size} bytes was answered`);
    }
  }
  return { clients: 3 * sizes.length, answers: 0 };
}

/** Ends connections by a reset or by closing, at any place within a request. */
export async function vanish(port: number, count: number, random: SeededRandom): Promise<RudeOutcome> {
  const request = requestFrame(metadataRequest, 9, {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: true,
    includeTopicAuthorizedOperations: true,
  });
  for (let index = 0; index < count; index++) {
    using connection = await RawConnection.connect(port);
    const isReset = random.oneIn(2);
    if (isReset) {
      // An answer of which one byte is read: to close then is a reset.
      await connection.write(ASK_VERSIONS);
      await connection.read(new Uint8Array(1));
    }
    const large = sized(random.bytes(200_000), 250_000);
    const bytes = random.oneIn(3) ? large : request;
    await connection.write(bytes.subarray(0, 1 + random.below(bytes.length - 1)));
  }
  return { clients: count, answers: 0 };
}

/** Announces frames of almost the largest size, sends a little of each, and holds on to them. */
export async function announceGiants(
  port: number,
  count: number,
  othersServed: OthersServed,
): Promise<RudeOutcome> {
  const connections = await connectAll(port, count);
  for (const [index, connection] of connections.entries()) {
    // Some send so little that it fits anywhere, some enough to claim more.
    await connection.write(sized(new Uint8Array([16, 5_000, 30_000][index % 3]!), MAX_FRAME_BYTES - 1));
  }
  await othersServed();
  closeAll(connections);
  return { clients: count, answers: 0 };
}

/** Sends a frame of the largest size in full, to an API that has no use for it. */
export async function sendGiant(port: number, random: SeededRandom): Promise<RudeOutcome> {
  const giant = sized(new Uint8Array(MAX_FRAME_BYTES));
  giant.set(random.bytes(1000), 4);
  giant.set([0, 3, 0, 9, 0, 0, 0, 1, 0xff, 0xff], 4);
  using connection = await RawConnection.connect(port);
  await connection.write(giant);
  const { answers } = await connection.finish();
  return { clients: 1, answers };
}

/** Sends a good request byte by byte. It is answered all the same; those who give up in the middle are not. */
export async function trickle(port: number, count: number): Promise<RudeOutcome> {
  const one = async (index: number): Promise<number> => {
    using connection = await RawConnection.connect(port);
    const length = ASK_VERSIONS.length - (index % 4 === 3 ? 1 : 0);
    for (let at = 0; at < length; at++) {
      await connection.write(ASK_VERSIONS.subarray(at, at + 1));
      await new Promise((resolve) => setTimeout(resolve, TRICKLE_PAUSE_MS));
    }
    return (await connection.finish()).answers;
  };
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
  for (const [index, got] of answers.entries()) {
    if (got !== (index % 4 === 3 ? 0 : 1)) throw new Error(`a slow client had ${got} answers`);
  }
  return { clients: count, answers: answers.reduce((sum, got) => sum + got, 0) };
}

/** Pipelines thousands of requests and reads none of the answers. */
export async function neverRead(
  port: number,
  count: number,
  frame: Uint8Array,
  othersServed: OthersServed,
): Promise<RudeOutcome> {
  const requests = new Uint8Array(frame.length * PIPELINED);
  for (let index = 0; index < PIPELINED; index++) requests.set(frame, index * frame.length);
  const connections = await connectAll(port, count);
  // The broker stops reading in the end, so these writes end with the connection.
  const writes = connections.map((connection) => connection.write(requests));
  await new Promise((resolve) => setTimeout(resolve, UNREAD_HOLD_MS));
  await othersServed();
  closeAll(connections);
  await Promise.all(writes);
  return { clients: count, answers: 0 };
}

/** The requests whose answers are left unread, by what is asked for. */
export function unreadRequests(topic: TopicRef): Readonly<Record<string, Uint8Array>> {
  const fetch = (maxWaitMs: number, minBytes: number) =>
    requestFrame(fetchRequest, 11, { ...fetchInput(topic, 0, { maxWaitMs, minBytes }), replicaId: -1 });
  return {
    "versions": ASK_VERSIONS,
    "metadata": requestFrame(metadataRequest, 1, {
      topics: null,
      allowAutoTopicCreation: true,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    }),
    "records": fetch(0, 1),
    // All of these become due at the same time.
    "records waited for": fetch(UNREAD_WAIT_MS, 2 ** 31 - 1),
  };
}

function connectAll(port: number, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => RawConnection.connect(port)));
}

function closeAll(connections: readonly RawConnection[]): void {
  for (const connection of connections) connection.close();
}
