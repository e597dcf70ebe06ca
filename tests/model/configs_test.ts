/** Whatever is changed, and however often the broker ends and starts, DescribeConfigs says what a plain model says. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Api, api } from "../parity/api.ts";
import { SimBroker } from "../support/sim_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const TOPIC = 2;
const BROKER = 4;
const CLIENT_METRICS = 16;
const GROUP = 32;
const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;
const NO_ERROR = 0;

/** A config: what it is without being set, values that are taken and values that are not, and whose value it follows. */
interface Known {
  readonly default: string | null;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  readonly isList?: true;
  readonly follows?: string;
}

const LISTS = ["0:1", "1:1", "0:1,1:1"];

const KNOWN: Readonly<Record<number, Readonly<Record<string, Known>>>> = {
  [TOPIC]: {
    "retention.ms": {
      default: "604800000",
      good: ["-1", "5", "77"],
      bad: ["x", "-2"],
      follows: "log.retention.ms",
    },
    "max.message.bytes": { default: "1048588", good: ["9", "10"], bad: ["-1"], follows: "message.max.bytes" },
    "leader.replication.throttled.replicas": { default: "", good: LISTS, bad: ["x"], isList: true },
    "no.such.config": { default: null, good: [], bad: ["1"] },
  },
  [BROKER]: {
    "log.retention.ms": { default: null, good: ["1000", "2000"], bad: ["x"] },
    "message.max.bytes": { default: "1048588", good: ["500", "600"], bad: ["-1"] },
    "num.partitions": { default: "1", good: [], bad: ["2"] },
  },
  [GROUP]: {
    "consumer.session.timeout.ms": { default: "45000", good: ["50000", "60000"], bad: ["1", "60001"] },
    "consumer.assignment.interval.ms": { default: "1000", good: ["0", "15000"], bad: ["-1"] },
  },
  [CLIENT_METRICS]: {
    "interval.ms": { default: "300000", good: ["100", "2000"], bad: ["99"] },
    "metrics": { default: "", good: ["a.", "b.,c."], bad: [] },
  },
};

interface Resource {
  readonly type: number;
  readonly name: string;
}

const RESOURCES: readonly Resource[] = [
  { type: TOPIC, name: "one" },
  { type: TOPIC, name: "two" },
  { type: BROKER, name: "" },
  { type: BROKER, name: "1" },
  { type: GROUP, name: "group" },
  { type: CLIENT_METRICS, name: "metrics" },
];

const keyOf = ({ type, name }: Resource) => `${type} ${name}`;

/** What is set of each resource; topics that there are not have no entry. */
class Model {
  readonly #set = new Map<string, Map<string, string>>(
    RESOURCES.filter(({ type }) => type !== TOPIC).map((resource) => [keyOf(resource), new Map()]),
  );

  has(resource: Resource): boolean {
    return this.#set.has(keyOf(resource));
  }

  create(resource: Resource, configs: ReadonlyMap<string, string>): void {
    this.#set.set(keyOf(resource), new Map(configs));
  }

  remove(resource: Resource): void {
    this.#set.delete(keyOf(resource));
  }

  /** Whether these are all the configs that a resource may have; then it has them. */
  take(resource: Resource, configs: ReadonlyMap<string, string>, isChecked = false): boolean {
    const known = KNOWN[resource.type] ?? {};
    const isGood = this.has(resource) && [...configs].every(([key, value]) => {
      const { good = [], isList = false } = known[key] ?? {};
      return good.includes(value) ||
        (isList && value.split(",").every((word) => word === "" || LISTS.includes(word)));
    });
    if (isGood && !isChecked) this.#set.set(keyOf(resource), new Map(configs));
    return isGood;
  }

  own(resource: Resource): ReadonlyMap<string, string> {
    return this.#set.get(keyOf(resource)) ?? new Map();
  }

  /** Name and value of all that is described of a resource, of what is known here. */
  described(resource: Resource): Record<string, string | null> {
    const own = this.own(resource);
    const isAllBrokers = resource.type === BROKER && resource.name === "";
    const all: Record<string, string | null> = {};
    for (const [key, known] of Object.entries(KNOWN[resource.type] ?? {})) {
      if (key === "no.such.config" || (isAllBrokers && !own.has(key))) continue;
      all[key] = own.get(key) ?? this.#followed(resource.type === BROKER ? key : known.follows) ??
        known.default;
    }
    return all;
  }

  #followed(key: string | undefined): string | undefined {
    if (key === undefined) return undefined;
    return this.own({ type: BROKER, name: "1" }).get(key) ?? this.own({ type: BROKER, name: "" }).get(key);
  }
}

interface Change {
  readonly key: string;
  readonly operation: number;
  readonly value: string;
}

type Step =
  | { readonly do: "create" | "delete"; readonly name: string; readonly configs: readonly Change[] }
  | {
    readonly do: "change" | "check" | "replace";
    readonly resource: Resource;
    readonly changes: readonly Change[];
  }
  | { readonly do: "restart" | "kill" | "power cut" | "snapshot" };

class World {
  readonly #broker: SimBroker;
  readonly #model = new Model();
  #client!: WireClient;

  constructor(seed: number) {
    this.#broker = new SimBroker(seed);
  }

  async start(): Promise<void> {
    await this.#broker.start({ nodeId: 1, groupConsumerAssignmentIntervalMs: 1000 });
    this.#client = this.#broker.connect();
    await this.check();
  }

  async stop(): Promise<void> {
    await this.#broker.run(this.#client[Symbol.asyncDispose]());
    await this.#broker.stop();
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "create":
        return await this.#create(step.name, step.configs);
      case "delete":
        return await this.#delete(step.name);
      case "change":
      case "check":
        return await this.#change(step.resource, step.changes, step.do === "check");
      case "replace":
        return await this.#replace(step.resource, step.changes);
      case "snapshot":
        return await this.#broker.run(this.#broker.running.engine.checkpoints.snapshot());
      case "restart":
        await this.stop();
        return await this.start();
      case "kill":
        this.#broker.kill();
        return await this.start();
      case "power cut":
        this.#broker.powerCut();
        return await this.start();
    }
  }

  /** Holds all that is described against the model. */
  async check(): Promise<void> {
    const { results } = await this.#ask(api.describeConfigs, 4, {
      resources: RESOURCES.map(({ type, name }) => ({
        resourceType: type,
        resourceName: name,
        configurationKeys: Object.keys(KNOWN[type] ?? {}),
      })),
    });
    const told = results.map(({ errorCode, configs }) =>
      errorCode === NO_ERROR
        ? Object.fromEntries(configs.map(({ name, value }) => [name, value]).toSorted())
        : null
    );
    const due = RESOURCES.map((resource) =>
      this.#model.has(resource)
        ? Object.fromEntries(Object.entries(this.#model.described(resource)).toSorted())
        : null
    );
    assert.deepEqual(told, due);
  }

  async #create(name: string, wanted: readonly Change[]): Promise<void> {
    const resource = { type: TOPIC, name };
    const configs = new Map(wanted.map(({ key, value }) => [key, value]));
    const isNew = !this.#model.has(resource);
    if (isNew) this.#model.create(resource, new Map());
    const isDue = isNew && this.#model.take(resource, configs);
    if (isNew && !isDue) this.#model.remove(resource);
    const { topics } = await this.#ask(api.createTopics, 7, {
      topics: [{
        name,
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: Array.from(configs, ([key, value]) => ({ name: key, value })),
      }],
    });
    assert.equal(topics[0]?.errorCode === NO_ERROR, isDue);
  }

  async #delete(name: string): Promise<void> {
    this.#model.remove({ type: TOPIC, name });
    await this.#ask(api.deleteTopics, 5, { topics: [], topicNames: [name], timeoutMs: 1000 });
  }

  async #change(resource: Resource, changes: readonly Change[], validateOnly: boolean): Promise<void> {
    const after = new Map(this.#model.own(resource));
    let isPossible = true;
    for (const { key, operation, value } of changes) {
      const known = KNOWN[resource.type]?.[key];
      const words = (after.get(key) ?? known?.default ?? "").split(",").filter((word) => word !== "");
      const named = value.split(",");
      if (operation === SET) after.set(key, value);
      else if (operation === DELETE) after.delete(key);
      else if (known?.isList !== true) isPossible = false;
      else if (operation === APPEND) {
        after.set(key, [...words, ...named.filter((word) => !words.includes(word))].join(","));
      } else after.set(key, words.filter((word) => !named.includes(word)).join(","));
    }
    const isDue = isPossible && this.#model.take(resource, after, validateOnly);
    const { responses } = await this.#ask(api.incrementalAlterConfigs, 1, {
      resources: [{
        resourceType: resource.type,
        resourceName: resource.name,
        configs: changes.map(({ key, operation, value }) => ({
          name: key,
          configOperation: operation,
          value: operation === DELETE ? null : value,
        })),
      }],
      validateOnly,
    });
    assert.equal(responses[0]?.errorCode === NO_ERROR, isDue);
  }

  async #replace(resource: Resource, wanted: readonly Change[]): Promise<void> {
    const isDue = this.#model.take(resource, new Map(wanted.map(({ key, value }) => [key, value])));
    const { responses } = await this.#ask(api.alterConfigs, 2, {
      resources: [{
        resourceType: resource.type,
        resourceName: resource.name,
        configs: wanted.map(({ key, value }) => ({ name: key, value })),
      }],
      validateOnly: false,
    });
    assert.equal(responses[0]?.errorCode === NO_ERROR, isDue);
  }

  #ask<Request, Response>(asked: Api<Request, Response>, version: number, input: Request): Promise<Response> {
    return this.#broker.run(this.#client.send(asked.request, asked.response, version, input));
  }
}

/** Changes of a resource's configs, each of another one. */
function changesOf(type: number, operations: readonly number[]): fc.Arbitrary<Change[]> {
  const one = fc.constantFrom(...Object.entries(KNOWN[type] ?? {})).chain(([key, { good, bad }]) =>
    fc.record({
      key: fc.constant(key),
      operation: fc.constantFrom(...operations),
      // Mostly good ones: what is refused tests little.
      value: fc.constantFrom(...good, ...good, ...good, ...bad),
    })
  );
  return fc.uniqueArray(one, { maxLength: 3, selector: ({ key }) => key });
}

const ALL_OPERATIONS = [SET, SET, SET, DELETE, APPEND, SUBTRACT].filter((operation) =>
  operation !== undefined
);
const name = fc.constantFrom("one", "two");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: changesOf(TOPIC, [0]).chain((configs) =>
      fc.record({ do: fc.constant("create" as const), name, configs: fc.constant(configs) })
    ),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), name, configs: fc.constant([]) }) },
  {
    weight: 12,
    arbitrary: fc.constantFrom(...RESOURCES).chain((resource) =>
      fc.record({
        do: fc.constantFrom("change" as const, "change" as const, "check" as const),
        resource: fc.constant(resource),
        changes: changesOf(resource.type, ALL_OPERATIONS),
      })
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...RESOURCES).chain((resource) =>
      fc.record({
        do: fc.constant("replace" as const),
        resource: fc.constant(resource),
        changes: changesOf(resource.type, [0]),
      })
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("restart" as const, "kill" as const, "power cut" as const, "snapshot" as const),
    }),
  },
);

Deno.test("configs are what a plain model says after any changes, restarts, crashes and snapshots", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), fc.nat(), async (steps, seed) => {
      const world = new World(seed);
      await world.start();
      for (const one of steps) {
        await world.take(one);
        await world.check();
      }
      await world.stop();
    }),
    { numRuns: 100 },
  );
});
