import { api } from "../api.ts";
import type { Peer } from "../peer.ts";

/** Ways to ask for entities of a type. */
export const Match = { EXACT: 0, DEFAULT: 1, ANY: 2 } as const;

/** Types of entities with a name each; `null` is the default. */
export type Entity = readonly (readonly [type: string, name: string | null])[];

/** What is to be set; `null` is to be taken back. */
export type Values = Readonly<Record<string, number | null>>;

/** Somebody who sets quotas, and looks at them. */
export class QuotaAdmin {
  readonly #peer: Peer;
  #markers = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async sets(
    question: string,
    entries: readonly (readonly [Entity, Values | readonly (readonly [string, number | null])[]])[],
    options: { readonly version?: number; readonly validateOnly?: boolean } = {},
  ): Promise<void> {
    const { version = 1, validateOnly = false } = options;
    const answer = await this.#peer.send(api.alterClientQuotas, version, {
      entries: entries.map(([entity, values]) => ({
        entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
        ops: (isList(values) ? values : Object.entries(values)).map(([key, value]) => {
          return { key, value: value ?? 0, remove: value === null };
        }),
      })),
      validateOnly,
    });
    const outcomes = answer.entries.map(({ entity, errorCode }) => ({ name: nameOf(entity), errorCode }));
    this.#peer.note(question, outcomes);
  }

  /** Describes what fits, once all that was changed before can be seen. Only what this scenario has set is kept. */
  async shows(
    question: string,
    filters: readonly (readonly [type: string, matchType: number, match?: string | null])[],
    options: { readonly version?: number; readonly strict?: boolean } = {},
  ): Promise<void> {
    const { version = 1, strict = false } = options;
    await this.settle();
    const answer = await this.#peer.send(api.describeClientQuotas, version, {
      components: filters.map(([entityType, matchType, match = null]) => ({ entityType, matchType, match })),
      strict,
    });
    const own = this.#peer.unique("");
    const entries = answer.entries?.filter(({ entity }) => {
      const names = entity.flatMap(({ entityName }) => entityName === null ? [] : [entityName]);
      return names.every((name) => name.endsWith(own) || name.startsWith("10."));
    });
    const found = entries?.map(({ entity, values }) => ({ name: nameOf(entity), values }));
    this.#peer.note(question, { errorCode: answer.errorCode, found: found ?? null });
  }

  /** Changes show in the order in which they were made, so one that can be waited for is made last. */
  async settle(): Promise<void> {
    const match = `marker ${Math.random()} ${this.#markers++}`;
    await this.#peer.send(api.alterClientQuotas, 1, {
      entries: [{
        entity: [{ entityType: "client-id", entityName: match }],
        ops: [{ key: "producer_byte_rate", value: 1, remove: false }],
      }],
      validateOnly: false,
    });
    const components = [{ entityType: "client-id", matchType: Match.EXACT, match }];
    await this.#peer.until(
      () => this.#peer.send(api.describeClientQuotas, 1, { components, strict: true }),
      ({ entries }) => entries?.length === 1,
    );
  }
}

function isList(
  values: Values | readonly (readonly [string, number | null])[],
): values is readonly (readonly [string, number | null])[] {
  return Array.isArray(values);
}

/** In one order, whatever order the parts come in. */
function nameOf(
  entity: readonly { readonly entityType: string; readonly entityName: string | null }[],
): string {
  return entity.map(({ entityType, entityName }) => `${entityType}=${entityName ?? "(default)"}`).sort().join(
    " ",
  );
}
