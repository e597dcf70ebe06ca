import { KliteError } from "../base/klite_error.ts";
import type { Clock, Timer } from "../io/clock.ts";
import type { EventSink } from "../io/events.ts";
import { isoTime } from "../io/iso_time.ts";
import type { ObjectStore, PutCondition } from "../io/object_store.ts";
import type { Random } from "../io/random.ts";
import { leaseKey } from "../objects/object_keys.ts";
import { leaseBytes, type LeaseContent, readLease, type StoredLease } from "./lease_content.ts";

/** What the operator decides about leases, ms. */
export interface LeaseTimes {
  /** A lease that nobody has renewed for so long may be taken. */
  readonly leaseDurationMs: number;
  readonly leaseRenewIntervalMs: number;
  /** How often one that is held is looked at, and a renewal that failed is tried again. */
  readonly leaseRetryIntervalMs: number;
}

/** Whose lease it is to be, and where. */
export interface LeaseOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  readonly clusterId: string;
  readonly times: LeaseTimes;
  /** The data directory's own id. */
  readonly holder: string;
  /** Its log's id, `null` while it has none: before a restore is done, or a new cluster is made. */
  readonly history: string | null;
  /** Where this broker serves, for whoever finds the lease held. */
  readonly address: string;
  /** Whether the directory says that it had the lease last: it may then go on while the store is away. */
  readonly wasOurs: boolean;
  /** Called at most once: another broker has the cluster now, and this one must not acknowledge anything more. */
  onLost(error: KliteError): void;
}

/**
 * The right to be the one broker of a cluster in an object store: the base of a standby.
 *
 * It is an object that only conditional writes change, so of all that want it one gets it. It is taken when there is
 * none; when it is this directory's own or released; or when it has not changed for its duration while this broker
 * watched, by this broker's monotonic clock: nobody's wall clock counts.
 *
 * **What it promises.** A renewal succeeds only over the renewal before, so at that moment nobody else had the lease.
 * Whoever has lost it learns of it with its next answer from the store, and stops ({@link LeaseOptions.onLost}). What
 * it cannot promise: that a broker cut off from the store, which serves on from its own disk, knows that another has
 * taken over. Such a one is not {@link isConfirmed}, and must not change objects; what it acknowledges meanwhile is
 * durable on its own disk, as promised, and stays there: its directory no longer has the cluster's `history`, so it is
 * refused from then on and never mixed into the other's.
 *
 * **The store being away** is not losing the lease. At a start it is fatal, unless the directory had the lease last and
 * did not release it: nobody was told to take over, and a broker whose data is all here need not wait for a store.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #key: string;
  readonly #run: string;
  #history: string | null;
  /** LSN of the newest stored snapshot that is known of, and where this directory's log ends, once that is known. */
  #storedLsn = 0;
  #logEndLsn: number | null = null;
  /** What was last seen to be ours; `null` until then. */
  #held: StoredLease | null = null;
  /** When the last renewal that succeeded began, monotonic. */
  #confirmedMs = -Infinity;
  #timer: Timer | null = null;
  #underWay: Promise<void> = Promise.resolve();
  #isAway = false;
  #isOver = false;

  private constructor(options: LeaseOptions) {
    this.#options = options;
    this.#key = leaseKey(options.clusterId);
    this.#run = options.random.bytes(8).toHex();
    this.#history = options.history;
  }

  /**
   * Takes the lease, and keeps it until {@link release} or until it is lost.
   * @throws KliteError LEASE_HELD while another broker has it; INCOMPATIBLE when the cluster has gone on from another
   * data directory; the store's own when it cannot be asked.
   */
  static async acquire(options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(options);
    try {
      if (options.wasOurs) await lease.#soon(readLease(options.store, lease.#key));
      await lease.#take();
    } catch (error) {
      const isAway = error instanceof KliteError && error.code === "STORE_UNAVAILABLE";
      if (!isAway || !options.wasOurs) throw error;
      lease.#away(error);
    }
    lease.#schedule();
    return lease;
  }

  /** Whether the store has confirmed it within the lease's duration: only then may objects be changed. */
  get isConfirmed(): boolean {
    const { clock, times } = this.#options;
    return !this.#isOver && clock.monotonicMs() - this.#confirmedMs < times.leaseDurationMs;
  }

  /** Asks the store now, and not for long, if it has not confirmed the lease: for whoever can do nothing later. */
  async confirm(): Promise<void> {
    if (!this.isConfirmed) await this.renew();
  }

  /** Asks the store now, and not for long. Answers whether the lease is this broker's, and has been up to now. */
  async renew(): Promise<boolean> {
    try {
      await this.#soon(this.#alone(() => this.#renew()));
      return !this.#isOver;
    } catch (error) {
      if (error instanceof KliteError && isOfTheStore(error)) this.#away(error);
      else this.#lose(error);
      return false;
    }
  }

  /** Says that the cluster goes on from this log: any other data directory is out of date from then on. */
  async setHistory(history: string): Promise<void> {
    this.#history = history;
    await this.#alone(() => this.#renew());
  }

  /** LSN of the newest snapshot that the holders of the lease have stored, as far as they have told. */
  get storedLsn(): number {
    return this.#storedLsn;
  }

  /** Notes that a snapshot of that LSN is in the store; the next renewal tells it. */
  noteStored(lsn: number): void {
    this.#storedLsn = Math.max(this.#storedLsn, lsn);
  }

  /**
   * To be called once it is known where this directory's log ends, before anything is served. With a loss that is
   * accepted the log may end before what is stored: from then on its end is what counts.
   * @throws KliteError INCOMPATIBLE when the store is further: then the directory is an old copy, and would write other
   * records under names that the store has already.
   */
  requireLog(endLsn: number, isLossAccepted = false): void {
    this.#logEndLsn = isLossAccepted ? Infinity : endLsn;
    if (isLossAccepted) this.#storedLsn = Math.min(this.#storedLsn, endLsn);
    if (endLsn >= this.#storedLsn) return;
    const { clusterId, store } = this.#options;
    throw new KliteError(
      "INCOMPATIBLE",
      `This data directory is older than what ${store.description} has of the cluster ${clusterId}: its log ends at LSN ` +
        `${endLsn}, and a snapshot of LSN ${this.#storedLsn} is stored. Use the newer directory; or start with an ` +
        `empty --data-dir and --cluster-id=${clusterId}, which restores what the bucket has.`,
    );
  }

  /** Gives it up, so that another broker need not wait. Answers whether the store knows. */
  async release(): Promise<boolean> {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#timer?.cancel();
    try {
      if (!await this.#soon(this.#underWay.then(() => this.#putReleased()))) return false;
      this.#options.events({ type: "lease_released", key: this.#key });
      return true;
    } catch (error) {
      this.#options.events({ type: "lease_not_released", key: this.#key, error });
      return false;
    }
  }

  /** False when there is nothing to release: it was never taken, or removed. */
  async #putReleased(): Promise<boolean> {
    for (;;) {
      const held = this.#held;
      if (held === null || held.etag === "") return false;
      try {
        const content = {
          ...held.content,
          storedLsn: this.#storedLsn,
          renewedAt: this.#now(),
          isReleased: true,
        };
        await this.#put(content, { ifMatch: held.etag });
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
      await this.#lookAgain(held);
    }
  }

  /** Ends without giving it up: something may still arrive at the store that must not arrive at another's. */
  leave(): void {
    if (this.#isOver) return;
    this.abandon();
    const error = new KliteError("STORE_UNAVAILABLE", "metadata may still be on its way to the store");
    this.#options.events({ type: "lease_not_released", key: this.#key, error });
  }

  /** Ends without a word to the store: as a crash would. */
  abandon(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  /** A store tries for long before it says that it is away; for what need not wait for it, that is said sooner. */
  async #soon<T>(answer: Promise<T>): Promise<T> {
    const { store, clock, times } = this.#options;
    const waitMs = times.leaseRenewIntervalMs;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = clock.setTimer(waitMs, () => {
      const said = `${store.description} has not answered within ${waitMs} ms`;
      reject(new KliteError("STORE_UNAVAILABLE", said, { retriable: true }));
    });
    try {
      return await Promise.race([answer, promise]);
    } finally {
      timer.cancel();
    }
  }

  /** Waits, if need be, until the lease may be taken, and takes it. */
  async #take(): Promise<void> {
    for (;;) {
      const found = await readLease(this.#options.store, this.#key);
      this.#refuseStale(found);
      if (found !== null && !this.#isFree(found.content)) await this.#watch(found);
      if (await this.#tryTake(found)) return;
      // Somebody was quicker: whoever it is, it is there now.
    }
  }

  #isFree({ holder, isReleased }: LeaseContent): boolean {
    return isReleased || holder === this.#options.holder;
  }

  /** Resolves when the lease has not changed for its duration, or was released; throws when it is alive. */
  async #watch(found: StoredLease): Promise<void> {
    const { clock, times, events, store } = this.#options;
    const { holder, address, renewedAt } = found.content;
    const waitMs = Math.max(found.content.durationMs, times.leaseDurationMs);
    events({ type: "lease_awaited", key: this.#key, holder, address, renewedAt, waitMs });
    // What is seen from here on counts: that the answer took its time must not shorten the wait.
    const endMs = clock.monotonicMs() + waitMs;
    while (clock.monotonicMs() < endMs) {
      const leftMs = endMs - clock.monotonicMs();
      await this.#sleep(Math.min(times.leaseRetryIntervalMs, leftMs));
      const now = await readLease(store, this.#key);
      if (now === null || now.content.isReleased) return;
      if (now.etag !== found.etag) throw this.#heldError(now.content);
    }
  }

  async #tryTake(found: StoredLease | null): Promise<boolean> {
    this.noteStored(found?.content.storedLsn ?? 0);
    if (this.#logEndLsn !== null) this.requireLog(this.#logEndLsn);
    const content: LeaseContent = {
      holder: this.#options.holder,
      run: this.#run,
      history: this.#history ?? found?.content.history ?? null,
      storedLsn: this.#storedLsn,
      epoch: (found?.content.epoch ?? 0) + 1,
      address: this.#options.address,
      takenAt: this.#now(),
      renewedAt: this.#now(),
      renewals: 0,
      durationMs: this.#options.times.leaseDurationMs,
      isReleased: false,
    };
    const condition: PutCondition = found === null ? { ifAbsent: true } : { ifMatch: found.etag };
    const beganMs = this.#options.clock.monotonicMs();
    try {
      await this.#put(content, condition);
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
    this.#confirmed(beganMs);
    this.#options.events({ type: "lease_taken", key: this.#key, epoch: content.epoch });
    return true;
  }

  /** A directory that has its log already must be the one that the cluster went on from. */
  #refuseStale(found: StoredLease | null): void {
    if (found === null || this.#options.history === null) return;
    const { holder, history, address, renewedAt } = found.content;
    if (history === null || history === this.#options.history || holder === this.#options.holder) return;
    throw new KliteError(
      "INCOMPATIBLE",
      `The cluster ${this.#options.clusterId} in ${this.#options.store.description} has gone on without this data ` +
        `directory: since it was used here, the broker at ${address} has written (last sign of it: ${renewedAt}). ` +
        "Use the directory of that broker; or start with an empty --data-dir and " +
        `--cluster-id=${this.#options.clusterId}, which restores what the bucket has.`,
    );
  }

  #heldError({ holder, address, takenAt, renewedAt }: LeaseContent): KliteError {
    const { clusterId, store } = this.#options;
    return new KliteError(
      "LEASE_HELD",
      `Another broker is at work on the cluster ${clusterId} in ${store.description}: the one at ${address} ` +
        `(holder ${holder}, since ${takenAt}, last renewed at ${renewedAt}). Stop it first: then this one can start ` +
        "at once. If it should go on, give this one another --cluster-id or --s3-prefix.",
    );
  }

  #schedule(): void {
    if (this.#isOver) return;
    const { times } = this.#options;
    const delayMs = this.#isAway ? times.leaseRetryIntervalMs : times.leaseRenewIntervalMs;
    this.#timer = this.#options.clock.setTimer(delayMs, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    try {
      await this.#alone(() => this.#renew());
      if (this.#isAway) this.#options.events({ type: "lease_renewed_again", key: this.#key });
      this.#isAway = false;
    } catch (error) {
      if (error instanceof KliteError && isOfTheStore(error)) this.#away(error);
      else return this.#lose(error);
    }
    this.#schedule();
  }

  /** One at a time: each has to know the etag of the one before. */
  async #alone(action: () => Promise<void>): Promise<void> {
    const turn = this.#underWay.then(action);
    // Whoever asked for this turn hears of its failure; the next turn is none the worse for it.
    this.#underWay = turn.catch(() => {});
    await turn;
  }

  /** Renews it, or takes it if that could not be done at the start. Throws `LEASE_HELD` when it is another's. */
  async #renew(): Promise<void> {
    for (;;) {
      if (this.#isOver) return;
      const held = this.#held;
      if (held === null) {
        const found = await readLease(this.#options.store, this.#key);
        this.#refuseStale(found);
        if (found !== null && !this.#isFree(found.content)) throw this.#heldError(found.content);
        if (await this.#tryTake(found)) return;
        continue;
      }
      const { content } = held;
      const next = {
        ...content,
        history: this.#history ?? content.history,
        storedLsn: this.#storedLsn,
        renewedAt: this.#now(),
        renewals: content.renewals + 1,
      };
      const beganMs = this.#options.clock.monotonicMs();
      try {
        await this.#put(next, held.etag === "" ? { ifAbsent: true } : { ifMatch: held.etag });
        return this.#confirmed(beganMs);
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
      await this.#lookAgain(held);
    }
  }

  /** The lease is not as it was left: by a renewal of ours without an answer, by its removal, or by another broker. */
  async #lookAgain(held: StoredLease): Promise<void> {
    const found = await readLease(this.#options.store, this.#key);
    if (found === null) this.#held = { ...held, etag: "" };
    else if (found.content.run === this.#run) this.#held = found;
    else throw this.#heldError(found.content);
  }

  async #put(content: LeaseContent, condition: PutCondition): Promise<void> {
    const { etag } = await this.#options.store.put(this.#key, leaseBytes(content), condition);
    this.#held = { content, etag };
  }

  #confirmed(beganMs: number): void {
    this.#confirmedMs = beganMs;
  }

  #away(error: unknown): void {
    if (!this.#isAway) {
      const isAtStart = this.#held === null;
      this.#options.events({ type: "lease_not_renewed", key: this.#key, isAtStart, error });
    }
    this.#isAway = true;
  }

  #lose(error: unknown): void {
    if (this.#isOver) return;
    this.abandon();
    const lost = error instanceof KliteError ? error : new KliteError(
      "LEASE_HELD",
      "The lease of the cluster cannot be renewed.",
      { cause: error },
    );
    this.#options.onLost(lost);
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.setTimer(delayMs, resolve));
  }

  #now(): string {
    return isoTime(this.#options.clock.nowMs());
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof KliteError && error.code === "CONFLICT";
}

/** What the store has against us now may be over later, be it its rights. */
function isOfTheStore({ code }: KliteError): boolean {
  return code === "STORE_UNAVAILABLE" || code === "STORE_REFUSED" || code.startsWith("DISK_") ||
    code === "PERMISSION_DENIED";
}
