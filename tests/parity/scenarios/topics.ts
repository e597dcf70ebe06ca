import { api } from "../api.ts";
import type { CreateTopicsRequestCreatableTopicInput } from "../../../src/protocol/generated/create_topics_request.ts";
import { zeroUuid } from "../../../src/protocol/mod.ts";
import { UNKNOWN_ID } from "../common.ts";
import type { Peer } from "../peer.ts";
import type { Scenario } from "../scenario.ts";

type Topic = CreateTopicsRequestCreatableTopicInput;

const plain = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };

export const createTopics: Scenario = {
  name: "create topics",
  async play(peer) {
    await peer.topic("there.already");
    const create = (question: string, version: number, topics: readonly Topic[], validateOnly = false) =>
      peer.ask(question, api.createTopics, version, { topics, validateOnly });
    for (let version = 2; version <= 7; version++) {
      const names = ["new", "wide", "checked"].map((word) => peer.unique(`${word}-${version}`));
      const [one = "", wide = "", checked = ""] = names;
      await create(`a topic, version ${version}`, version, [{ ...plain, name: one }]);
      await create(`it again, version ${version}`, version, [{ ...plain, name: one }]);
      await create(`two, one of them wide, version ${version}`, version, [
        { ...plain, name: wide, numPartitions: 5 },
        { ...plain, name: peer.unique("there.already") },
      ]);
      await create(`only checked, version ${version}`, version, [{
        ...plain,
        name: checked,
        numPartitions: 3,
      }], true);
      await create(`only checked, and there, version ${version}`, version, [{ ...plain, name: one }], true);
      await create(`default counts, version ${version}`, version, [
        { ...plain, name: peer.unique(`default-${version}`), numPartitions: -1, replicationFactor: -1 },
      ]);
    }
    const name = peer.unique("refused");
    const refused: Readonly<Record<string, Partial<Topic>>> = {
      "a name that collides": { name: peer.unique("there_already") },
      "no name": { name: "" },
      "the name .": { name: "." },
      "the name ..": { name: ".." },
      "a name with a slash": { name: "a/b" },
      "a name that is too long": { name: "n".repeat(250) },
      "no partitions": { numPartitions: 0 },
      "minus two partitions": { numPartitions: -2 },
      "2^31 - 1 partitions": { numPartitions: 2147483647 },
      "no replicas": { replicationFactor: 0 },
      "two replicas": { replicationFactor: 2 },
      "minus two replicas": { replicationFactor: -2 },
      "partitions and an assignment": { assignments: [{ partitionIndex: 0, brokerIds: [1] }] },
      "an assignment to an unknown broker": assigned([[0, [9]]]),
      "an assignment to nobody": assigned([[0, []]]),
      "an assignment to one twice": assigned([[0, [1, 1]]]),
      "an assignment with a gap": assigned([[0, [1]], [2, [1]]]),
      "an assignment of a partition twice": assigned([[0, [1]], [0, [1]]]),
      "an unknown config": { configs: [{ name: "no.such.config", value: "1" }] },
      "a config without a value": { configs: [{ name: "retention.ms", value: null }] },
      "a config that is no number": { configs: [{ name: "retention.ms", value: "soon" }] },
      "a config that is too large": { configs: [{ name: "segment.bytes", value: "99999999999" }] },
      "a config that is too small": { configs: [{ name: "segment.bytes", value: "13" }] },
      "an unknown cleanup policy": { configs: [{ name: "cleanup.policy", value: "shred" }] },
      "an unknown timestamp type": { configs: [{ name: "message.timestamp.type", value: "Sundial" }] },
      "an unknown compression": { configs: [{ name: "compression.type", value: "rar" }] },
      "a boolean that is none": { configs: [{ name: "preallocate", value: "perhaps" }] },
      "a ratio above one": { configs: [{ name: "min.cleanable.dirty.ratio", value: "1.5" }] },
      "a retention of -2": { configs: [{ name: "retention.ms", value: "-2" }] },
    };
    for (const [question, topic] of Object.entries(refused)) {
      await create(question, 7, [{ ...plain, name, ...topic }]);
      await create(`${question}, only checked`, 7, [{ ...plain, name, ...topic }], true);
    }
    const twice = peer.unique("twice");
    await create("a name twice", 7, [{ ...plain, name: twice }, { ...plain, name: twice }]);
    await create("nothing", 7, []);
    await create("an assignment", 7, [{
      ...plain,
      name: peer.unique("assigned"),
      ...assigned([[1, [1]], [0, [1]]]),
    }]);
    await create("configs", 7, [{
      ...plain,
      name: peer.unique("configs"),
      configs: [
        { name: "retention.ms", value: "1000" },
        { name: "cleanup.policy", value: "compact,delete" },
        { name: "max.message.bytes", value: " 5000 " },
      ],
    }]);
    await create("a config twice", 7, [{
      ...plain,
      name: peer.unique("config-twice"),
      configs: [{ name: "retention.ms", value: "1000" }, { name: "retention.ms", value: "2000" }],
    }]);
  },
};

function assigned(places: readonly (readonly [number, readonly number[]])[]): Partial<Topic> {
  return {
    numPartitions: -1,
    replicationFactor: -1,
    assignments: places.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
  };
}

export const deleteTopics: Scenario = {
  name: "delete topics",
  async play(peer) {
    for (let version = 1; version <= 6; version++) {
      const names = [];
      for (const word of ["one", "two"]) names.push((await peer.topic(`${word}-${version}`)).name);
      const [one = "", two = ""] = names;
      await remove(peer, `a topic, version ${version}`, version, [one]);
      await peer.whenGone(one);
      await remove(peer, `it again, version ${version}`, version, [one]);
      await remove(peer, `one that is there and one that is not, version ${version}`, version, [one, two]);
      await remove(peer, `an illegal name, version ${version}`, version, ["a/b"]);
      await remove(peer, `no name, version ${version}`, version, [""]);
      await remove(peer, `nothing, version ${version}`, version, []);
      const twice = (await peer.topic(`twice-${version}`)).name;
      await remove(peer, `a name twice, version ${version}`, version, [twice, twice]);
    }
    const byId = await peer.topic("by-id");
    const ask = (question: string, name: string | null, topicId: string) =>
      peer.ask(question, api.deleteTopics, 6, {
        topics: [{ name, topicId }],
        timeoutMs: 10_000,
      });
    await ask("by name and id", byId.name, byId.topicId);
    await ask("by neither", null, zeroUuid);
    await ask("by an unknown id", null, UNKNOWN_ID);
    await peer.ask("by name and again by id", api.deleteTopics, 6, {
      topics: [{ name: byId.name, topicId: zeroUuid }, { name: null, topicId: byId.topicId }],
      timeoutMs: 10_000,
    });
    const other = await peer.topic("by-id-alone");
    await ask("by id", null, other.topicId);
  },
};

async function remove(
  peer: Peer,
  question: string,
  version: number,
  names: readonly string[],
): Promise<void> {
  const input = version >= 6
    ? { topics: names.map((name) => ({ name, topicId: zeroUuid })), timeoutMs: 10_000 }
    : { topics: [], topicNames: names, timeoutMs: 10_000 };
  await peer.ask(question, api.deleteTopics, version, input);
}

export const createPartitions: Scenario = {
  name: "create partitions",
  async play(peer) {
    for (let version = 0; version <= 3; version++) {
      const topic = await peer.topic(`grows-${version}`, { partitions: 2 });
      const grow = (
        question: string,
        count: number,
        assignments: readonly (readonly number[])[] | null = null,
        validateOnly = false,
        name = topic.name,
      ) =>
        peer.ask(
          `${question}, version ${version}`,
          api.createPartitions,
          version,
          {
            topics: [{ name, count, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null }],
            timeoutMs: 10_000,
            validateOnly,
          },
        );
      await grow("to three, only checked", 3, null, true);
      await grow("to three", 3);
      await grow("to three again", 3);
      await grow("to two", 2);
      await grow("to none", 0);
      await grow("to minus one", -1);
      await grow("to 2^31 - 1", 2147483647);
      await grow("of an unknown topic", 4, null, false, peer.unique("nowhere"));
      await grow("with an assignment", 5, [[1], [1]]);
      await grow("with an assignment too few", 7, [[1]]);
      await grow("with an assignment to an unknown broker", 6, [[8]]);
      await grow("with an assignment to one twice", 6, [[1, 1]]);
      await grow("with an assignment to nobody", 6, [[]]);
      await peer.ask(
        `a name twice, version ${version}`,
        api.createPartitions,
        version,
        {
          topics: [6, 7].map((count) => ({ name: topic.name, count, assignments: null })),
          timeoutMs: 10_000,
          validateOnly: false,
        },
      );
    }
  },
};
