/** Clients and their quotas over some time, decided by a seed; and how long the clients have to pause here. */
import { ClientQuotas } from "../../src/cluster/security/quotas/client_quotas.ts";
import {
  CONSUMER_BYTE_RATE,
  CONTROLLER_MUTATION_RATE,
  PRODUCER_BYTE_RATE,
} from "../../src/cluster/security/quotas/mod.ts";
import { ChangeQuota, limitOf, RateQuota } from "../../src/engine/quotas/mod.ts";
import { SeededRandom } from "../wire/seeded_random.ts";

const KINDS = ["produce", "fetch", "strict", "permissive"] as const;
type Kind = typeof KINDS[number];

/** `*` is the default, `-` plays no part. */
export type Step =
  | {
    readonly do: "set";
    readonly kind: Kind;
    readonly user: string;
    readonly clientId: string;
    readonly perSecond: number;
  }
  | {
    readonly do: "use";
    readonly atMs: number;
    readonly kind: Kind;
    readonly user: string;
    readonly clientId: string;
    readonly amount: number;
  };

const KEYS: Readonly<Record<Kind, string>> = {
  produce: PRODUCER_BYTE_RATE,
  fetch: CONSUMER_BYTE_RATE,
  strict: CONTROLLER_MUTATION_RATE,
  permissive: CONTROLLER_MUTATION_RATE,
};
const BEGIN_MS = 1_000_000_000;
const USERS = ["alice", "bob", "ANONYMOUS"];
const CLIENT_IDS = ["app", "tool"];
const STEPS = 150;

/** Any quotas first; then uses, closer together and farther apart; in between values that are set change. */
export function playOf(seed: number): Step[] {
  const random = new SeededRandom(seed);
  const kind = random.pick(KINDS);
  const isBytes = kind === "produce" || kind === "fetch";
  const perSecond = () => isBytes ? 1000 * (1 + random.below(1000)) : (1 + random.below(50)) / 4;
  const set: Extract<Step, { do: "set" }>[] = [];
  for (const user of [...USERS, "*", "-"]) {
    for (const clientId of [...CLIENT_IDS, "*", "-"]) {
      if (user === "-" && clientId === "-") continue;
      if (random.oneIn(4)) set.push({ do: "set", kind, user, clientId, perSecond: perSecond() });
    }
  }
  const steps: Step[] = [...set];
  const busy = random.pick([1, 100, 2000, 20_000]);
  let atMs = BEGIN_MS;
  while (steps.length < STEPS) {
    if (set.length > 0 && random.oneIn(30)) steps.push({ ...random.pick(set), perSecond: perSecond() });
    atMs += random.oneIn(10) ? random.below(15_000) : random.below(busy);
    const amount = isBytes ? random.below(random.oneIn(10) ? 5_000_000 : 100_000) : 1 + random.below(20);
    const [user, clientId] = [random.pick(USERS), random.pick(CLIENT_IDS)];
    steps.push({ do: "use", atMs, kind, user, clientId, amount });
  }
  return steps;
}

/** How long the client of each use has to pause, in ms, by what Kafka has of quotas: nobody is paced. */
export function pausesHere(steps: readonly Step[]): number[] {
  const set = new ClientQuotas();
  const rates = new Map<string, RateQuota>();
  const changes = new Map<string, ChangeQuota>();
  const shared = <Quota extends { perSecond: number }>(
    quotas: Map<string, Quota>,
    { kind, user, clientId }: Step,
    make: () => Quota,
  ): Quota | null => {
    const limit = limitOf(set, KEYS[kind], user, clientId);
    if (limit === null) return null;
    const name = JSON.stringify([limit.user, limit.clientId]);
    const quota = quotas.get(name) ?? make();
    quotas.set(name, quota);
    quota.perSecond = limit.perSecond;
    return quota;
  };
  return steps.flatMap((step) => {
    if (step.do === "set") {
      const entity = {
        ...(step.user !== "-" && { user: step.user === "*" ? null : step.user }),
        ...(step.clientId !== "-" && { clientId: step.clientId === "*" ? null : step.clientId }),
      };
      set.apply({ entity, values: { [KEYS[step.kind]]: step.perSecond } });
      return [];
    }
    const { kind, atMs, amount } = step;
    if (kind === "produce" || kind === "fetch") {
      const rate = shared(rates, step, () => new RateQuota(atMs));
      const pauseMs = rate?.use(amount, atMs) ?? 0;
      if (kind === "fetch" && pauseMs > 0) rate?.add(-amount, atMs);
      return [pauseMs];
    }
    const quota = shared(changes, step, () => new ChangeQuota());
    if (quota === null) return [0];
    const lackMs = quota.pauseMs(atMs);
    if (kind === "permissive" || lackMs === 0) quota.take(amount, atMs);
    return [kind === "strict" ? lackMs : quota.pauseMs(atMs)];
  });
}

/** The steps as Kafka's side reads them. */
export function linesOf(steps: readonly Step[]): string[] {
  return [
    "new",
    ...steps.flatMap((step) => {
      const { kind, user, clientId } = step;
      if (step.do === "set") return [`set ${kind} ${user} ${clientId} ${step.perSecond}`];
      return [`at ${step.atMs}`, `use ${kind} ${user} ${clientId} ${step.amount}`];
    }),
  ];
}
