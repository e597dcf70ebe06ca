/** Attacks with connections and frames of those who have not authenticated. */
import assert from "node:assert/strict";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { saslHandshakeRequest } from "../../src/protocol/generated/sasl_handshake_request.ts";
import { requestFrame, sized } from "../hostile/frames.ts";
import { RawConnection } from "../hostile/raw_connection.ts";
import type { Target } from "./target.ts";

/** What Kafka lets strangers send at most. */
const FRAME_BYTES_MAX = 512 * 1024;

const ASK_METADATA = requestFrame(metadataRequest, 9, {
  topics: null,
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
});
const SHAKE_HANDS = requestFrame(saslHandshakeRequest, 1, { mechanism: "PLAIN" });

/** Frames that strangers may not send: the connection ends without an answer. */
export async function forbiddenFrames(target: Target): Promise<number> {
  const frames: readonly Uint8Array[] = [
    ASK_METADATA,
    ...[FRAME_BYTES_MAX + 1, 100 * 2 ** 20, 2 ** 31 - 1, -1, 0, 3].map((size) =>
      sized(new Uint8Array(64), size)
    ),
  ];
  for (const frame of frames) {
    using connection = await RawConnection.connect(target.ports.sasl);
    await connection.write(frame);
    assert.equal((await connection.readToEnd()).answers, 0, `${frame.subarray(0, 12).toHex()} is answered`);
  }
  // Behind a handshake, too.
  using connection = await RawConnection.connect(target.ports.sasl);
  await connection.write(SHAKE_HANDS);
  await connection.write(ASK_METADATA);
  assert.equal((await connection.readToEnd()).answers, 1);
  return frames.length + 1;
}

/** Announces the largest frames there may be, sends almost all of each, and holds on to them. */
export async function holdFrames(
  target: Target,
  count: number,
  meanwhile: () => Promise<void>,
): Promise<number> {
  const almostAll = sized(new Uint8Array(FRAME_BYTES_MAX - 1), FRAME_BYTES_MAX);
  const connections = await connectAll(target.ports.sasl, count);
  const writes = connections.map((connection) => connection.write(almostAll));
  await meanwhile();
  for (const connection of connections) connection.close();
  await Promise.all(writes);
  return count;
}

/** More connections than may wait for their authentication; honest clients come in all the same. */
export async function flood(
  target: Target,
  count: number,
  meanwhile: () => Promise<void>,
  bytes = new Uint8Array(0),
  port = target.ports.sasl,
): Promise<number> {
  const connections = await connectAll(port, count);
  await Promise.all(connections.map((connection) => connection.write(bytes)));
  await meanwhile();
  for (const connection of connections) connection.close();
  return count;
}

/** What is no TLS, or only its beginning, to listeners that speak nothing else. */
export async function floodTls(
  target: Target,
  count: number,
  meanwhile: () => Promise<void>,
): Promise<number> {
  // The head of a ClientHello that never comes in full.
  const beginning = Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3);
  const garbage = crypto.getRandomValues(new Uint8Array(5000));
  const { saslTls, certificates } = target.ports;
  for (const port of [saslTls, certificates]) {
    for (const bytes of [beginning, garbage, ASK_METADATA]) {
      await flood(target, count, meanwhile, bytes, port);
    }
  }
  return 6 * count;
}

/** Whoever has not authenticated after the deadline is sent away, however busy. Takes as long. */
export async function outstay(target: Target, count: number): Promise<number> {
  const stay = async (index: number) => {
    using connection = await RawConnection.connect(target.ports.sasl);
    if (index % 3 === 1) await connection.write(SHAKE_HANDS);
    const trickling = index % 3 === 2;
    const end = connection.readToEnd();
    let isOver = false;
    void end.then(() => isOver = true);
    for (let at = 0; trickling && !isOver; at++) {
      const byte = SHAKE_HANDS.subarray(at, at + 1);
      if (byte.length === 0 || !(await connection.write(byte))) break;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await end;
  };
  await Promise.all(Array.from({ length: count }, (_, index) => stay(index)));
  return count;
}

function connectAll(port: number, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => RawConnection.connect(port)));
}
