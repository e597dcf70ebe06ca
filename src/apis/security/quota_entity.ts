import type { NamedEntity } from "../../cluster/security/quotas/mod.ts";

/** An entity as both APIs of quotas carry it. */
interface EntityPart {
  readonly entityType: string;
  readonly entityName: string | null;
}

/** What the parts name; of two of one type the last counts, as in Kafka. */
export function entityOf(parts: readonly EntityPart[]): NamedEntity {
  return new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]));
}

export function partsOf(entity: NamedEntity): EntityPart[] {
  return Array.from(entity, ([entityType, entityName]) => ({ entityType, entityName }));
}
