import type { QuotaEntity, QuotaRecord, QuotaSnapshot } from "./records.ts";

/** What is set for one entity. */
export interface SetQuotas {
  readonly entity: QuotaEntity;
  readonly values: ReadonlyMap<string, number>;
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** The quotas that clients have set, by entity. */
export class ClientQuotas {
  readonly #byKey = new Map<string, { entity: QuotaEntity; values: Map<string, number> }>();
  #version = 0;

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  /** Entities that have something set. */
  get size(): number {
    return this.#byKey.size;
  }

  /** What is set for exactly this entity. */
  of(entity: QuotaEntity): ReadonlyMap<string, number> {
    return this.#byKey.get(keyOf(entity))?.values ?? NOTHING;
  }

  all(): IterableIterator<SetQuotas> {
    return this.#byKey.values();
  }

  apply({ entity, values }: Omit<QuotaRecord, "type">): void {
    this.#version++;
    const key = keyOf(entity);
    const set = this.#byKey.get(key) ?? { entity, values: new Map<string, number>() };
    for (const [name, value] of Object.entries(values)) {
      if (value === null) set.values.delete(name);
      else set.values.set(name, value);
    }
    if (set.values.size === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, set);
  }

  snapshot(): QuotaSnapshot {
    return Array.from(this.#byKey.values(), ({ entity, values }) => {
      return { entity, values: Object.fromEntries(values) };
    });
  }

  static restore(snapshot: QuotaSnapshot): ClientQuotas {
    const quotas = new ClientQuotas();
    for (const saved of snapshot) quotas.apply(saved);
    return quotas;
  }
}

function keyOf({ user, clientId, ip }: QuotaEntity): string {
  const part = (value: string | null | undefined) => value === undefined ? [] : [value];
  return JSON.stringify([part(user), part(clientId), part(ip)]);
}
