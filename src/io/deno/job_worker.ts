import { KliteError } from "../../base/klite_error.ts";
import type { Channel } from "../channel.ts";
import type { Clock, Timer } from "../clock.ts";
import { errorOf, type Request, type Response } from "./job_protocol.ts";

/** A call that is under way when the Worker is closed gets so long to end: some take hours, and can be cut short. */
const CLOSE_MS = 5000;

export interface JobWorkerOptions {
  /** The page that runs in the Worker; it calls `servePage`. */
  readonly page: URL;
  /** Data that the page makes its end of. */
  readonly config: unknown;
  readonly clock: Clock;
  /** The Worker ends when it has had nothing to do for so long, and starts again with the next call; 0 for never. */
  readonly idleMs: number;
}

/**
 * A Worker that does jobs, started when it is first needed. If it dies, all that was under way fails, and the next
 * call starts another one.
 */
export class JobWorker implements Channel {
  readonly #options: JobWorkerOptions;
  #thread: Thread | null = null;
  #idle: Timer | null = null;
  #isClosed = false;
  /** Threads that are ending. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: JobWorkerOptions) {
    this.#options = options;
  }

  /** Whether there is a Worker now. */
  get isRunning(): boolean {
    return this.#thread !== null;
  }

  async call(name: string, argument: unknown): Promise<unknown> {
    if (this.#isClosed) {
      throw new KliteError("STORE_UNAVAILABLE", "the Worker for the object store is closed");
    }
    this.#idle?.cancel();
    this.#idle = null;
    const thread = this.#thread ??= this.#start();
    try {
      return await thread.call(name, argument);
    } finally {
      if (thread.isFree && this.#thread === thread) this.#restUntilIdle();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end();
    await Promise.all(this.#ending);
  }

  #start(): Thread {
    const thread: Thread = new Thread(this.#options, () => {
      if (this.#thread === thread) this.#thread = null;
    });
    return thread;
  }

  #restUntilIdle(): void {
    const { clock, idleMs } = this.#options;
    this.#idle?.cancel();
    if (idleMs > 0) this.#idle = clock.setTimer(idleMs, () => this.#end());
  }

  #end(): void {
    this.#idle?.cancel();
    this.#idle = null;
    const thread = this.#thread;
    if (thread === null) return;
    this.#thread = null;
    const ending = thread.end();
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One life of the Worker. */
class Thread {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onDeath: () => void;
  #lastId = 0;
  #death: KliteError | null = null;
  #whenFree = () => {};

  constructor({ page, config, clock }: JobWorkerOptions, onDeath: () => void) {
    this.#clock = clock;
    this.#onDeath = onDeath;
    this.#worker = new Worker(page, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Response>) => this.#answered(data);
    this.#worker.onerror = (event) => {
      // Otherwise it would end the process.
      event.preventDefault();
      this.#died(event.message);
    };
    this.#worker.onmessageerror = () => this.#died("a message could not be read");
    this.#post({ kind: "open", config });
  }

  get isFree(): boolean {
    return this.#waiting.size === 0;
  }

  call(name: string, argument: unknown): Promise<unknown> {
    return this.#ask((id) => ({ kind: "call", id, name, argument }));
  }

  /** Lets calls under way end if they do soon, closes the page's end, then the Worker. Nothing may be called any more. */
  async end(): Promise<void> {
    if (!this.isFree) await this.#freeSoon();
    if (!this.isFree) return this.#died("it was closed");
    // That it died, or could not even be opened, is known to those who called.
    await Promise.allSettled([this.#ask((id) => ({ kind: "close", id }))]);
    this.#worker.terminate();
  }

  async #freeSoon(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenFree = resolve;
    const timer = this.#clock.setTimer(CLOSE_MS, resolve);
    await promise;
    timer.cancel();
  }

  #ask(request: (id: number) => Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#death !== null) return reject(this.#death);
      const id = ++this.#lastId;
      this.#post(request(id));
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #answered(response: Response): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if (response.ok) waiting?.resolve(response.value);
    else waiting?.reject(errorOf(response.failure));
    if (this.isFree) this.#whenFree();
  }

  #died(reason: string): void {
    this.#death = new KliteError(
      "STORE_UNAVAILABLE",
      `the Worker for the object store has ended: ${reason}`,
      {
        retriable: true,
      },
    );
    this.#onDeath();
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
    this.#whenFree();
  }
}
