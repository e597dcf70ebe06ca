import type { Principal } from "../../base/principal.ts";
import {
  type ClientQuotas,
  CONNECTION_CREATION_RATE,
  CONSUMER_BYTE_RATE,
  CONTROLLER_MUTATION_RATE,
  plainAddress,
  PRODUCER_BYTE_RATE,
  REQUEST_PERCENTAGE,
} from "../../cluster/security/quotas/mod.ts";
import type { Clock } from "../../io/clock.ts";
import { type Allowance, Charge, type QuotaKind, type ThrottleFigures } from "./charge.ts";
import { limitOf } from "./limits.ts";
import { BytesQuota, ChangeQuota, RateQuota } from "./shared_quota.ts";

/** Users' clients whose quotas are remembered, and quotas of client ids that nobody knew: about 600 bytes each. */
const CLIENTS_MAX = 10_000;
const MADE_UP_MAX = 10_000;
/**
 * No quota is for a longer name, but a default one may be. Of a longer one so much and one character more counts:
 * those that begin alike share that quota, and are not remembered.
 */
const NAME_CHARACTERS_MAX = 1000;
const SWEEP_MS = 60_000;

/** A client that no quota is for. */
const UNLIMITED: Allowance = { produce: null, fetch: null, request: null, changes: null };

type SharedQuota = RateQuota | ChangeQuota;

/**
 * Holds clients to the quotas that are set. What is known here of what they have used is gone after a restart, and
 * forgotten once it makes no difference.
 */
export class QuotaEnforcer {
  /** What clients had to pause for, since the start. */
  readonly figures: Readonly<Record<QuotaKind, ThrottleFigures>> = {
    produce: { requests: 0, ms: 0 },
    fetch: { requests: 0, ms: 0 },
    request: { requests: 0, ms: 0 },
    controller_mutation: { requests: 0, ms: 0 },
  };
  readonly #set: ClientQuotas;
  readonly #clock: Clock;
  /** By user, and then by client id. */
  readonly #allowances = new Map<string, Map<string, Allowance>>();
  #clients = 0;
  readonly #bytes = new Map<string, BytesQuota>();
  readonly #times = new Map<string, RateQuota>();
  readonly #changes = new Map<string, ChangeQuota>();
  /** Names of those of all kinds that clients can make as many of as they like. */
  readonly #madeUp = new Set<string>();
  /** Connections in a second, by address; `null` until somebody asks. */
  #connections: Map<string | null, number> | null = null;
  /** Of the quotas that all this was made of. */
  #version = -1;
  #sweptAtMs = -Infinity;

  constructor(set: ClientQuotas, clock: Clock) {
    this.#set = set;
    this.#clock = clock;
  }

  /** Quotas that clients have used something of lately. */
  get size(): number {
    return this.#bytes.size + this.#times.size + this.#changes.size;
  }

  /** Begins to count a request; `null` when no quota is for the client. `producedBytes` as `Charge` takes them. */
  begin({ name }: Principal, clientId: string | null, producedBytes: number): Charge | null {
    this.#keepUp();
    const id = clientId ?? "";
    const isLong = name.length > NAME_CHARACTERS_MAX || id.length > NAME_CHARACTERS_MAX;
    const allowance = isLong
      ? this.#find(beginningOf(name), beginningOf(id))
      : this.#allowances.get(name)?.get(id) ?? this.#learn(name, id);
    return allowance === UNLIMITED ? null : new Charge(allowance, this.figures, this.#clock, producedBytes);
  }

  /** Connections that may come from an address in a second; `null` when there is no such quota. */
  connectionsPerSecond(address: string): number | null {
    this.#keepUp();
    this.#connections ??= connectionLimits(this.#set);
    if (this.#connections.size === 0) return null;
    return this.#connections.get(plainAddress(address) ?? address) ?? this.#connections.get(null) ?? null;
  }

  #keepUp(): void {
    if (this.#version === this.#set.version) return;
    this.#version = this.#set.version;
    this.#connections = null;
    this.#forgetClients();
  }

  #learn(user: string, clientId: string): Allowance {
    if (this.#clients >= CLIENTS_MAX) this.#forgetClients();
    const allowance = this.#find(user, clientId);
    let ofUser = this.#allowances.get(user);
    if (ofUser === undefined) this.#allowances.set(user, ofUser = new Map());
    ofUser.set(clientId, allowance);
    this.#clients++;
    return allowance;
  }

  #find(user: string, clientId: string): Allowance {
    this.#sweep();
    const nowMs = this.#clock.monotonicMs();
    const bytes = () => new BytesQuota(nowMs);
    const found: Allowance = {
      produce: this.#shared(this.#bytes, bytes, PRODUCER_BYTE_RATE, user, clientId),
      fetch: this.#shared(this.#bytes, bytes, CONSUMER_BYTE_RATE, user, clientId),
      request: this.#shared(this.#times, () => new RateQuota(nowMs), REQUEST_PERCENTAGE, user, clientId),
      changes: this.#shared(this.#changes, () => new ChangeQuota(), CONTROLLER_MUTATION_RATE, user, clientId),
    };
    const isLimited = Object.values(found).some((quota) => quota !== null);
    return isLimited ? found : UNLIMITED;
  }

  /** The quota that the client shares with others, or has alone. */
  #shared<Quota extends SharedQuota>(
    quotas: Map<string, Quota>,
    make: () => Quota,
    key: string,
    user: string,
    clientId: string,
  ): Quota | null {
    const limit = limitOf(this.#set, key, user, clientId);
    if (limit === null) return null;
    const name = JSON.stringify([key, limit.user, limit.clientId]);
    let quota = quotas.get(name);
    if (quota === undefined) quotas.set(name, quota = make());
    if (limit.isMadeUp) this.#madeUp.add(name);
    else this.#madeUp.delete(name);
    quota.perSecond = limit.perSecond;
    return quota;
  }

  /** Forgets what makes no difference, and half of what is made up when that is too much. */
  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    const isFull = this.#madeUp.size >= MADE_UP_MAX;
    if (!isFull && nowMs - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = nowMs;
    const leave = isFull ? MADE_UP_MAX / 2 : Infinity;
    for (const quotas of [this.#bytes, this.#times, this.#changes]) {
      for (const [name, quota] of quotas) {
        const isInTheWay = this.#madeUp.size > leave && this.#madeUp.has(name);
        if (!isInTheWay && !quota.isAsNew(nowMs)) continue;
        quotas.delete(name);
        this.#madeUp.delete(name);
      }
    }
    this.#forgetClients();
  }

  #forgetClients(): void {
    this.#allowances.clear();
    this.#clients = 0;
  }
}

function beginningOf(name: string): string {
  return name.slice(0, NAME_CHARACTERS_MAX + 1);
}

function connectionLimits(quotas: ClientQuotas): Map<string | null, number> {
  const limits = new Map<string | null, number>();
  for (const { entity: { ip }, values } of quotas.all()) {
    const perSecond = values.get(CONNECTION_CREATION_RATE);
    if (ip === undefined || perSecond === undefined) continue;
    limits.set(ip === null ? null : plainAddress(ip) ?? ip, perSecond);
  }
  return limits;
}
