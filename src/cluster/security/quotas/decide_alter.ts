import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import { plainAddress } from "./address.ts";
import type { ClientQuotas } from "./client_quotas.ts";
import { entityNamed, EntityType, isEntityType, type NamedEntity } from "./named_entity.ts";
import { ADDRESS_KEYS, CLIENT_KEYS, type QuotaKeys } from "./quota_keys.ts";
import type { QuotaRecord } from "./records.ts";

/** An entity takes about half a kilobyte, with names of usual length. */
const ENTITIES_MAX = 10_000;
const NAME_CHARACTERS_MAX = 1000;
/** How far from a whole number a value may be that has to be one. */
const ROUNDING = 1e-6;

/** What a client wants to be set for an entity; `null` takes a quota back. */
export interface QuotaAlteration {
  readonly entity: NamedEntity;
  readonly changes: readonly { readonly key: string; readonly value: number | null }[];
}

/** What becomes of each entity that a request names, in the order of their names, and the records that make it so. */
export interface QuotaDecision {
  readonly outcomes: readonly { readonly entity: NamedEntity; readonly refusal: Refusal | null }[];
  readonly records: readonly QuotaRecord[];
}

/** Changes quotas: each entity gets all that is asked for it, or nothing (KIP-546). */
export function decideAlterQuotas(
  quotas: ClientQuotas,
  alterations: readonly QuotaAlteration[],
): QuotaDecision {
  const outcomes = new Map<string, { entity: NamedEntity; refusal: Refusal | null }>();
  const records: QuotaRecord[] = [];
  let entitiesLeft = ENTITIES_MAX - quotas.size;
  for (const alteration of alterations) {
    const { entity } = alteration;
    const key = JSON.stringify([...entity].sort());
    if (outcomes.has(key)) {
      // What was decided of it before stays decided, as in Kafka.
      outcomes.set(key, { entity, refusal: invalid("The request names this entity twice.") });
      continue;
    }
    const refusal = alterationProblem(alteration);
    outcomes.set(key, { entity, refusal });
    if (refusal !== null) continue;
    const record = recordOf(quotas, alteration);
    if (record === null) continue;
    if (quotas.of(record.entity).size > 0) records.push(record);
    else if (entitiesLeft-- > 0) records.push(record);
    else outcomes.set(key, { entity, refusal: TOO_MANY });
  }
  return { outcomes: [...outcomes.values()], records };
}

const TOO_MANY = refuse(ErrorCode.POLICY_VIOLATION, `There may be quotas for ${ENTITIES_MAX} entities.`);

function alterationProblem({ entity, changes }: QuotaAlteration): Refusal | null {
  const names = new Set(changes.map(({ key }) => key));
  if (names.size < changes.length) return invalid("A quota is named twice.");
  const problem = entityProblem(entity);
  if (problem !== null) return problem;
  const keys = entity.has(EntityType.IP) ? ADDRESS_KEYS : CLIENT_KEYS;
  for (const { key, value } of changes) {
    const wrong = value === null ? null : valueProblem(keys, key, value);
    if (wrong !== null) return wrong;
  }
  return null;
}

function entityProblem(entity: NamedEntity): Refusal | null {
  if (entity.size === 0) return invalid("A quota is for a user, a client id, both, or an address.");
  for (const [type, name] of entity) {
    if (!isEntityType(type)) return invalid(`There are no quotas for entities of type ${type}.`);
    if (name === "") return invalid(`The name of the ${type} is empty.`);
    if (name !== null && name.length > NAME_CHARACTERS_MAX) {
      return invalid(`The name of the ${type} is longer than ${NAME_CHARACTERS_MAX} characters.`);
    }
  }
  const address = entity.get(EntityType.IP);
  if (address === undefined) return null;
  if (entity.size > 1) return invalid("A quota for an address is for no user and no client id.");
  return address === null || plainAddress(address) !== null ? null : invalid(`${address} is no IP address.`);
}

function valueProblem(keys: QuotaKeys, key: string, value: number): Refusal | null {
  const wholeMax = keys.get(key);
  if (wholeMax === undefined) return invalid(`There is no quota ${key} for such an entity.`);
  if (!Number.isFinite(value)) return invalid(`The quota ${key} must be a number.`);
  if (value <= 0) return invalid(`The quota ${key} must be greater than 0.`);
  if (wholeMax === null) return null;
  if (value > wholeMax) return invalid(`The quota ${key} is too large.`);
  return Math.abs(Math.trunc(value + ROUNDING) - value) > ROUNDING
    ? invalid(`The quota ${key} must be a whole number.`)
    : null;
}

/** What changes by it; `null` when all is so already. */
function recordOf(quotas: ClientQuotas, { entity: named, changes }: QuotaAlteration): QuotaRecord | null {
  const entity = entityNamed(named);
  const set = quotas.of(entity);
  const values = changes.filter(({ key, value }) => (set.get(key) ?? null) !== value);
  if (values.length === 0) return null;
  return {
    type: "client_quota_changed",
    entity,
    values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
  };
}

function invalid(message: string): Refusal {
  return refuse(ErrorCode.INVALID_REQUEST, message);
}
