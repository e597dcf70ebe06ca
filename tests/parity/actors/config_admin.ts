import { api } from "../api.ts";
import type { Peer } from "../peer.ts";

/** Kinds of resources that have configs. */
export const Kind = { TOPIC: 2, BROKER: 4, LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const;

/** Ways to change a config. */
export const Op = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

const DOCUMENTATION_FROM = 3;

/** Whose configs are meant. */
export interface Resource {
  readonly kind: number;
  readonly name: string;
}

/** What shall become of a config; set without an operation. */
export interface Change {
  readonly key: string;
  readonly op?: number;
  readonly value?: string | null;
}

/** Somebody who looks after configs. Questions are told by the scenario. */
export class ConfigAdmin {
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async changes(
    question: string,
    resources: readonly (Resource & { readonly changes: readonly Change[] })[],
    options: { readonly version?: number; readonly validateOnly?: boolean } = {},
  ): Promise<void> {
    const { version = 1, validateOnly = false } = options;
    await this.#peer.ask(question, api.incrementalAlterConfigs, version, {
      resources: resources.map(({ kind, name, changes }) => ({
        resourceType: kind,
        resourceName: name,
        configs: changes.map(({ key, op = Op.SET, value = null }) => ({
          name: key,
          configOperation: op,
          value,
        })),
      })),
      validateOnly,
    });
  }

  /** All configs at once, in the old way. */
  async replaces(
    question: string,
    resources: readonly (Resource & { readonly values: readonly Change[] })[],
    options: { readonly version?: number; readonly validateOnly?: boolean } = {},
  ): Promise<void> {
    const { version = 2, validateOnly = false } = options;
    await this.#peer.ask(question, api.alterConfigs, version, {
      resources: resources.map(({ kind, name, values }) => ({
        resourceType: kind,
        resourceName: name,
        configs: values.map(({ key, value = null }) => ({ name: key, value })),
      })),
      validateOnly,
    });
  }

  async describes(
    question: string,
    resources: readonly Resource[],
    keys: readonly string[] | null = null,
    options: { readonly version?: number; readonly isBrief?: boolean } = {},
  ): Promise<void> {
    const { version = 4, isBrief = false } = options;
    await this.#peer.ask(
      question,
      api.describeConfigs,
      version,
      this.#input(resources, keys, isBrief, version),
    );
  }

  /** Waits until a change can be seen everywhere: that the value is `isSet` of this very resource, or that it is not. */
  async untilSeen(resource: Resource, key: string, isSet: (value: string | null, source: number) => boolean) {
    await this.#peer.until(
      () => this.#peer.send(api.describeConfigs, 4, this.#input([resource], [key], true)),
      ({ results }) => {
        const found = results[0]?.configs.find(({ name }) => name === key);
        return found === undefined ? isSet(null, 0) : isSet(found.value, found.configSource);
      },
    );
  }

  #input(resources: readonly Resource[], keys: readonly string[] | null, isBrief: boolean, version = 4) {
    return {
      resources: resources.map(({ kind, name }) => ({
        resourceType: kind,
        resourceName: name,
        configurationKeys: keys,
      })),
      includeSynonyms: !isBrief,
      ...(version >= DOCUMENTATION_FROM && { includeDocumentation: !isBrief }),
    };
  }
}
