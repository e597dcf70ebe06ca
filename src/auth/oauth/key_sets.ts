import type { Clock } from "../../io/clock.ts";
import type { EventSink } from "../../io/events.ts";
import type { Http } from "../../io/http.ts";
import { utf8 } from "../utf8.ts";
import { WatchedFile, type WatchedFileIo } from "../watched_file.ts";

/** Keys of an identity provider, as RFC 7517 writes them down. */
export interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** Where keys come from. The same set is the same object until it changes. */
export interface KeySource {
  /** `null` when they cannot be had. */
  current(): Promise<KeySet | null>;
  /** The same, asked for because the current ones do not have the one that is looked for. */
  newer(): Promise<KeySet | null>;
}

/** Each is a public key of some hundred bytes; a provider has a handful. */
const KEYS_MAX = 1000;
const DOCUMENT_BYTES_MAX = 1024 * 1024;
const FETCH_TIMEOUT_MS = 5000;
/** As Kafka: sasl.oauthbearer.jwks.endpoint.refresh.ms. Until then a provider's keys are taken to be what they were. */
const MAX_AGE_MS = 3_600_000;
/** Whoever sends tokens with keys that nobody knows makes klite ask no more often than that. */
const FETCH_INTERVAL_MS = 30_000;

export function parseKeySet(bytes: Uint8Array): KeySet | { readonly problem: string } {
  const text = utf8(bytes);
  let set: unknown = null;
  try {
    set = JSON.parse(text ?? "");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof set !== "object" || set === null || !("keys" in set) || !Array.isArray(set.keys)) {
    return { problem: "is not a JSON Web Key Set" };
  }
  const keys: unknown[] = set.keys;
  if (keys.length > KEYS_MAX) return { problem: `has more than ${KEYS_MAX} keys` };
  return keys.every(isObject) ? { keys } : { problem: "has a key that is not an object" };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys in a file, which is read again when it has changed. */
export async function openKeyFile(path: string, io: WatchedFileIo): Promise<KeySource> {
  const file = await WatchedFile.open(path, parseKeySet, io);
  return { current: () => file.current(), newer: () => file.current() };
}

/** Keys at a URL. That they cannot be had is said in events; those that there were are kept. */
export class RemoteKeys implements KeySource {
  readonly #url: string;
  readonly #io: { readonly clock: Clock; readonly http: Http; readonly events: EventSink };
  #set: KeySet | null = null;
  #fetchedAtMs = -Infinity;
  #askedAtMs = -Infinity;
  #asking: Promise<void> | null = null;

  constructor(
    url: string,
    io: { readonly clock: Clock; readonly http: Http; readonly events: EventSink },
  ) {
    this.#url = url;
    this.#io = io;
  }

  async current(): Promise<KeySet | null> {
    if (this.#set === null) return await this.newer();
    // Nobody waits for what is most likely the same.
    if (this.#io.clock.monotonicMs() - this.#fetchedAtMs >= MAX_AGE_MS) void this.#ask();
    return this.#set;
  }

  async newer(): Promise<KeySet | null> {
    await this.#ask();
    return this.#set;
  }

  async #ask(): Promise<void> {
    const nowMs = this.#io.clock.monotonicMs();
    if (this.#asking === null && nowMs - this.#askedAtMs >= FETCH_INTERVAL_MS) {
      this.#askedAtMs = nowMs;
      this.#asking = this.#fetch();
    }
    await this.#asking;
  }

  async #fetch(): Promise<void> {
    const { clock, http, events } = this.#io;
    try {
      const limits = { timeoutMs: FETCH_TIMEOUT_MS, bytesMax: DOCUMENT_BYTES_MAX };
      const parsed = parseKeySet(await http.document(this.#url, limits));
      if ("problem" in parsed) throw new Error(`what stands there ${parsed.problem}`);
      this.#set = parsed;
      this.#fetchedAtMs = clock.monotonicMs();
    } catch (error) {
      events({ type: "oauth_keys_unavailable", error, hasOlder: this.#set !== null });
    } finally {
      this.#asking = null;
    }
  }
}
