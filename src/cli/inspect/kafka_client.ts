import { KliteError } from "../../base/klite_error.ts";
import type { Clock } from "../../io/clock.ts";
import type { Address, Socket } from "../../io/network.ts";
import { formatAddress } from "../../io/address.ts";
import {
  framePrefixBytes,
  type MessageCodec,
  ProtocolError,
  Reader,
  readFrameSize,
  StringCache,
} from "../../protocol/mod.ts";
import { frameOf, readFully } from "../kafka_exchange.ts";
import { answersApiVersions } from "../kafka_probe.ts";
import type { ProbeIo } from "../world.ts";

/** The largest answer that is taken: a fetch of one batch can be as large as a request may be. */
const ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** A description of tens of thousands of partitions has several for each. */
const ELEMENTS_MAX = 10_000_000;
const CLIENT_ID = "klite-inspect";

/** One request at a time over one connection to one broker, at versions that every broker since Kafka 3.8 serves. */
export class KafkaClient {
  readonly address: string;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #reader = new Reader(new StringCache(), {
    maxElements: ELEMENTS_MAX,
    maxLongStrings: ELEMENTS_MAX,
  });
  #correlationId = 1;

  private constructor(socket: Socket, clock: Clock, address: string, timeoutMs: number) {
    this.#socket = socket;
    this.#clock = clock;
    this.address = address;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws KliteError CONNECTION_CLOSED, in words that say what to do, when no broker answers there in time. */
  static async connect(
    { dialer, clock }: ProbeIo,
    address: Address,
    { timeoutMs, tlsCaFile }: { readonly timeoutMs: number; readonly tlsCaFile: string | null },
  ): Promise<KafkaClient> {
    const where = formatAddress(address);
    let socket: Socket;
    try {
      socket = await dialer.connect(address, timeoutMs, tlsCaFile);
    } catch (error) {
      if (error instanceof KliteError) throw noBroker(error.message, error);
      throw error;
    }
    const client = new KafkaClient(socket, clock, where, timeoutMs);
    try {
      if (await client.#inTime(() => answersApiVersions(socket))) return client;
    } catch (error) {
      socket.close();
      if (error instanceof KliteError) throw noBroker(error.message, error);
      throw error;
    }
    socket.close();
    throw noBroker(`${where}: what answers there is not a Kafka broker`);
  }

  /** Sends a request and gives its answer; what is bytes in it is the answer's own. */
  async send<Request, Response>(
    request: MessageCodec<unknown, Request>,
    response: MessageCodec<Response, never>,
    version: number,
    value: Request,
  ): Promise<Response> {
    const bytes = await this.#inTime(() => this.#exchange(request, version, value));
    const reader = this.#reader.reset(bytes);
    try {
      if (reader.int32() !== this.#correlationId) throw new ProtocolError("the answer is to another request");
      if (response.headerVersion(version) >= 1) reader.skipTaggedFields();
      return response.decode(reader, version);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new KliteError(
        "INCOMPATIBLE",
        `${this.address}: the answer is no ${response.name}: ${error.message}`,
      );
    }
  }

  close(): void {
    this.#socket.close();
  }

  async #exchange<Request>(
    request: MessageCodec<unknown, Request>,
    version: number,
    value: Request,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const sender = { correlationId: ++this.#correlationId, clientId: CLIENT_ID };
    await this.#socket.write(frameOf(request, version, value, sender));
    const closed =
      `${this.address} closed the connection at a ${request.name}: it may be older than this program, or be stopping.`;
    const prefix = await readFully(this.#socket, framePrefixBytes, closed);
    return await readFully(this.#socket, readFrameSize(prefix, 0, ANSWER_BYTES_MAX), closed);
  }

  /** Whatever takes too long ends with the connection. */
  async #inTime<T>(action: () => Promise<T>): Promise<T> {
    let isLate = false;
    const timer = this.#clock.setTimer(this.#timeoutMs, () => {
      isLate = true;
      this.#socket.close();
    });
    try {
      return await action();
    } catch (error) {
      if (!isLate) throw error;
      throw new KliteError(
        "CONNECTION_CLOSED",
        `${this.address}: no answer within ${this.#timeoutMs} ms. Give it longer with --timeout.`,
        { cause: error },
      );
    } finally {
      timer.cancel();
    }
  }
}

function noBroker(reason: string, cause?: unknown): KliteError {
  return new KliteError(
    "CONNECTION_CLOSED",
    `No broker answers. ${reason}. Name another one with --addr; what a stopped one has is shown with --data-dir or ` +
      "--s3-bucket instead.",
    { cause },
  );
}
