import { zeroUuid } from "../../src/protocol/mod.ts";
import { decodeAssignment, decodeSubscription } from "./subscription.ts";
import { readBatches } from "../support/requests.ts";

/** Fields that are every broker's own affair. */
const OWN_WORDS = new Set([
  "host",
  "port",
  "clusterId",
  "rack",
  "logDir",
  "totalBytes",
  "usableBytes",
  "documentation",
]);
/** What tells the elements of a list apart. */
const IDENTIFYING = [
  "topicId",
  "name",
  "topic",
  "key",
  "apiKey",
  "index",
  "partitionIndex",
  "partition",
  "baseOffset",
  "groupId",
  "transactionalId",
  "memberId",
  "producerId",
  "resourceType",
  "resourceName",
  "patternType",
  "principal",
  "host",
  "operation",
  "permissionType",
  "user",
  "mechanism",
  "tokenId",
];
/** What lists belong to a whole broker, and the name in each of their elements. */
const NAMES = [["configResources", "resourceName"], ["replicaElectionResults", "topic"], ["topics", "name"], [
  "groups",
  "groupId",
], [
  "transactionStates",
  "transactionalId",
], ["results", "user"]] as const;
/** An id that a broker has made up. */
const MADE_UP = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[A-Za-z0-9_-]{22}$/;
const HOUR_MS = 3_600_000;

/**
 * Makes the answers of two brokers comparable: what must differ becomes a word
 * for it (this broker's address, ids by chance, the time of day, the text of an
 * error), what lists in no order is sorted.
 */
export class Normalizer {
  readonly #run: string;
  readonly #topicIds = new Map<string, string>();
  readonly #producerIds = new Map<number, string>();
  readonly #memberIds = new Map<string, string>();

  constructor(run: string) {
    this.#run = run;
  }

  /** Names the id that a broker has given to somebody. */
  knowMember(name: string, memberId: string): void {
    if (memberId !== "") this.#memberIds.set(memberId, `id of ${name}`);
  }

  /** Names an id by its topic. */
  knowTopic(name: string, topicId: string): void {
    if (name !== "" && topicId !== zeroUuid) this.#topicIds.set(topicId, `id of ${this.#text(name)}`);
  }

  /** `answer` as plain JSON. */
  plain(answer: unknown): unknown {
    return this.#value("", answer);
  }

  #value(field: string, value: unknown): unknown {
    if (value === null || value === undefined) return null;
    if (value instanceof Uint8Array) {
      return field === "records" ? this.#records(value) : this.#bytes(field, value);
    }
    if (Array.isArray(value)) return this.#list(field, value);
    if (typeof value === "bigint") return String(value);
    if (typeof value === "string") return this.#string(field, value);
    if (typeof value === "number") return this.#number(field, value);
    if (typeof value !== "object") return value;
    this.#learn(value);
    const entries: [string, unknown][] = Object.entries(value);
    const isRefusal = entries.some(([name, inner]) => name === "errorCode" && inner !== 0);
    // Why something is refused, each broker says in its own words or not at all.
    const isOwn = (name: string) => name === "throttleTimeMs" || (isRefusal && name === "errorMessage");
    return Object.fromEntries(
      entries.filter(([name]) => !isOwn(name)).map((
        [name, inner],
      ) => [this.#text(name), this.#value(name === "host" && !("port" in value) ? "" : name, inner)]),
    );
  }

  #learn(value: object): void {
    const fields: { name?: unknown; topicId?: unknown } = value;
    if (typeof fields.name === "string" && typeof fields.topicId === "string") {
      this.knowTopic(fields.name, fields.topicId);
    }
  }

  #list(field: string, values: readonly unknown[]): unknown {
    const plain = values.filter((value) => !this.#isOthers(field, value)).map((value) =>
      this.#value(field, value)
    );
    return plain.toSorted((a, b) => {
      const [left, right] = [sortKey(a), sortKey(b)];
      return left < right ? -1 : left > right ? 1 : 0;
    });
  }

  /** Whether this is something that another run has left. */
  #isOthers(list: string, value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    const fields: Record<string, unknown> = { ...value };
    const named = NAMES.find(([each, field]) => each === list && field in fields);
    if (named === undefined || (fields["errorCode"] ?? 0) !== 0) return false;
    const name = fields[named[1]];
    // Brokers and their loggers are everybody's, too.
    if (fields["resourceType"] === 4 || fields["resourceType"] === 8) return false;
    // A group without a name is everybody's.
    if (name === "") return "groupType" in fields;
    return typeof name === "string" && !name.includes(this.#run);
  }

  #string(field: string, value: string): unknown {
    if (OWN_WORDS.has(field)) return value === "" ? "" : `(${field})`;
    if (/message/i.test(field)) return "(text)";
    if (/topicId$/i.test(field) || field === "topicIds") {
      return value === zeroUuid ? "none" : this.#topicIds.get(value) ?? "(unknown id)";
    }
    const member = this.#memberIds.get(value);
    if (member !== undefined) return member;
    return MADE_UP.test(value) ? "(an id)" : this.#text(value);
  }

  #number(field: string, value: number): unknown {
    if (OWN_WORDS.has(field)) return value > 0 ? `(${field})` : value;
    if (field === "producerId" && value >= 0) {
      const known = this.#producerIds.get(value);
      if (known !== undefined) return known;
      const word = `producer ${this.#producerIds.size + 1}`;
      this.#producerIds.set(value, word);
      return word;
    }
    if (field === "sessionId" && value > 0) return "(a session)";
    return Math.abs(value - Date.now()) < HOUR_MS ? "now" : value;
  }

  #records(bytes: Uint8Array): unknown {
    return readBatches(bytes).map(({ header, records }) => ({
      baseOffset: header.baseOffset,
      leaderEpoch: header.leaderEpoch,
      attributes: header.attributes,
      lastOffsetDelta: header.lastOffsetDelta,
      maxTimestampMs: this.#number("", header.maxTimestampMs),
      ...(header.producerId >= 0 && {
        producerId: this.#number("producerId", header.producerId),
        producerEpoch: header.producerEpoch,
        baseSequence: header.baseSequence,
      }),
      records: records.map(({ offset, timestampMs, key, value }) =>
        [offset, this.#number("", timestampMs), key, this.#shortened(value)].join(" ")
      ),
    }));
  }

  /** As text where it is some. */
  #bytes(field: string, bytes: Uint8Array): unknown {
    const consumers = /assignment$/i.test(field) ? decodeAssignment(bytes) : decodeSubscription(bytes);
    if (consumers !== null) return this.#value("", consumers);
    const text = new TextDecoder().decode(bytes);
    return /^[\x20-\x7e]*$/.test(text) ? text : `base64 ${bytes.toBase64()}`;
  }

  #shortened(value: string | null): string | null {
    if (value === null || value.length <= 40) return value;
    return `${value.slice(0, 10)}… (${value.length} characters)`;
  }

  #text(value: string): string {
    return value.replaceAll(this.#run, "RUN");
  }
}

function sortKey(value: unknown): string {
  if (typeof value === "number") return String(value).padStart(12, "0");
  if (typeof value !== "object" || value === null) return String(value);
  const fields: Record<string, unknown> = { ...value };
  return IDENTIFYING.map((name) => {
    const field = fields[name];
    return typeof field === "number" ? String(field).padStart(12, "0") : field;
  }).join();
}
