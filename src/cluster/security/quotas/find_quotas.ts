import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import type { ClientQuotas } from "./client_quotas.ts";
import { EntityType, isEntityType, type NamedEntity, nameOf } from "./named_entity.ts";

/** Kafka's ways to name the entities that are asked for. */
const MatchType = { EXACT: 0, DEFAULT: 1, SPECIFIED: 2 } as const;

/** What a type of entities is asked for: a name, the default, or any. */
export interface QuotaFilter {
  readonly entityType: string;
  readonly matchType: number;
  readonly match: string | null;
}

/** What is set for an entity. */
export interface FoundQuotas {
  readonly entity: NamedEntity;
  readonly values: ReadonlyMap<string, number>;
}

/**
 * The entities that fit all filters, with what is set for them (KIP-546); with `isStrict` only those that are of no
 * other types than the filters.
 */
export function findQuotas(
  quotas: ClientQuotas,
  filters: readonly QuotaFilter[],
  isStrict: boolean,
): readonly FoundQuotas[] | Refusal {
  const problem = filtersProblem(filters);
  if (problem !== null) return problem;
  const found: FoundQuotas[] = [];
  for (const { entity, values } of quotas.all()) {
    const named = nameOf(entity);
    const fits = filters.every((filter) => isMatch(named, filter));
    if (fits && (!isStrict || named.size === filters.length)) found.push({ entity: named, values });
  }
  return found;
}

function isMatch(named: NamedEntity, { entityType, matchType, match }: QuotaFilter): boolean {
  const name = named.get(entityType);
  if (name === undefined) return false;
  return matchType === MatchType.SPECIFIED || name === match;
}

function filtersProblem(filters: readonly QuotaFilter[]): Refusal | null {
  const types = new Set<string>();
  for (const { entityType, matchType, match } of filters) {
    if (entityType === "") return invalid("The type of an entity is empty.");
    if (types.has(entityType)) return invalid(`The filter names the type ${entityType} twice.`);
    if (!isEntityType(entityType)) {
      return refuse(ErrorCode.UNSUPPORTED_VERSION, `There are no quotas for entities of type ${entityType}.`);
    }
    if (
      matchType !== MatchType.EXACT && matchType !== MatchType.DEFAULT && matchType !== MatchType.SPECIFIED
    ) {
      return invalid(`There is no way ${matchType} to name an entity.`);
    }
    if ((matchType === MatchType.EXACT) === (match === null)) {
      return invalid("A name goes with a match that is exact, and only with that.");
    }
    types.add(entityType);
  }
  return types.has(EntityType.IP) && types.size > 1
    ? invalid("A filter for addresses is for no users and no client ids.")
    : null;
}

function invalid(message: string): Refusal {
  return refuse(ErrorCode.INVALID_REQUEST, message);
}
