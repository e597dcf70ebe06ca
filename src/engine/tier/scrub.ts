import type { EventSink } from "../../io/events.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { ObjectJobs } from "../../objects/contract.ts";
import type { StoredObject } from "../../objects/stored_object.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import { isStoreTrouble } from "./store_watch.ts";

/** After each object it rests for so many times as long as that one took: others come first. */
const REST_FACTOR = 4;
const SHORTEST_REST_MS = 10;

export interface ScrubParts {
  readonly engine: Pick<Engine, "clock" | "deadlines" | "logs">;
  readonly jobs: Pick<ObjectJobs, "verify">;
  readonly events: EventSink;
  readonly intervalMs: number;
}

/**
 * Reads every object from end to end, one at a time and slowly, to find damage before a consumer does. It changes
 * nothing: what is damaged is said, with its place.
 */
export class Scrub {
  readonly #parts: ScrubParts;
  readonly #next: Deadline;
  /** What is still to be looked at in this pass. */
  #logs: PartitionLog[] = [];
  /** Where it goes on in the last of them. */
  #offset = 0;
  #checked = 0;
  #damaged = 0;
  #closed = false;

  /** Begins to look, every `intervalMs`, until it is closed; never if that is 0. */
  constructor(parts: ScrubParts) {
    this.#parts = parts;
    this.#next = parts.engine.deadlines.create(() => void this.#step());
    if (parts.intervalMs > 0) this.#next.set(parts.intervalMs);
  }

  close(): void {
    this.#closed = true;
    this.#next.clear();
  }

  /** Looks at one object. */
  async #step(): Promise<void> {
    const { engine, events, intervalMs } = this.#parts;
    if (this.#logs.length === 0) {
      this.#logs = Array.from(engine.logs).filter(({ objects }) => objects.count > 0);
    }
    const sinceMs = engine.clock.monotonicMs();
    const found = this.#nextObject();
    if (found !== null) await this.#verify(found.log, found.object);
    if (this.#closed) return;
    if (this.#logs.length > 0) {
      const tookMs = engine.clock.monotonicMs() - sinceMs;
      this.#next.set(Math.max(SHORTEST_REST_MS, tookMs * REST_FACTOR));
      return;
    }
    if (this.#checked > 0) events({ type: "scrub_done", checked: this.#checked, damaged: this.#damaged });
    this.#checked = this.#damaged = 0;
    this.#next.set(intervalMs);
  }

  #nextObject(): { readonly log: PartitionLog; readonly object: StoredObject } | null {
    for (let log = this.#logs.at(-1); log !== undefined; log = this.#logs.at(-1)) {
      const index = log.objects.indexOf(this.#offset);
      if (index < log.objects.count && this.#isThere(log)) {
        const object = log.objects.at(index);
        this.#offset = object.endOffset;
        return { log, object };
      }
      this.#logs.pop();
      this.#offset = 0;
    }
    return null;
  }

  async #verify(log: PartitionLog, object: StoredObject): Promise<void> {
    const { jobs, events } = this.#parts;
    try {
      const problem = await jobs.verify({ partition: log.place, object });
      this.#checked++;
      if (problem === null || !this.#isLive(log, object)) return;
      this.#damaged++;
      const { topicName, index } = log.place;
      events({ type: "object_damaged", topic: topicName, partition: index, problem });
    } catch (error) {
      if (!isStoreTrouble(error)) throw error;
      // A store that is away is no damage; the rest has its turn with the next pass.
      this.#logs.length = 0;
    }
  }

  #isThere(log: PartitionLog): boolean {
    return this.#parts.engine.logs.find(log.stream) === log;
  }

  /** It may have been replaced or dropped while it was read. */
  #isLive(log: PartitionLog, { baseOffset, generation }: StoredObject): boolean {
    const { objects } = log;
    const index = objects.indexOf(baseOffset);
    if (index === objects.count || !this.#isThere(log)) return false;
    const now = objects.at(index);
    return now.baseOffset === baseOffset && now.generation === generation;
  }
}
