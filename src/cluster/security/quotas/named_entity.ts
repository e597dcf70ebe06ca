import type { QuotaEntity } from "./records.ts";

/** An entity as clients name it: a name for each of Kafka's types, `null` for the type's default. */
export type NamedEntity = ReadonlyMap<string, string | null>;

/** Kafka's types of entities. */
export const EntityType = { USER: "user", CLIENT_ID: "client-id", IP: "ip" } as const;

const FIELDS = [
  [EntityType.USER, "user"],
  [EntityType.CLIENT_ID, "clientId"],
  [EntityType.IP, "ip"],
] as const;

/** Whether Kafka has such a type. */
export function isEntityType(type: string): boolean {
  return FIELDS.some(([name]) => name === type);
}

/** The entity of that name; types that Kafka does not have are left out. */
export function entityNamed(named: NamedEntity): QuotaEntity {
  return Object.fromEntries(
    FIELDS.flatMap(([type, field]) => {
      const name = named.get(type);
      return name === undefined ? [] : [[field, name]];
    }),
  );
}

/** How clients name an entity. */
export function nameOf(entity: QuotaEntity): NamedEntity {
  return new Map(FIELDS.flatMap(([type, field]) => {
    const name = entity[field];
    return name === undefined ? [] : [[type, name] as const];
  }));
}
