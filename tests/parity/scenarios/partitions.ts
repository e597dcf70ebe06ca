import { produce, textBatch } from "../../support/requests.ts";
import { api } from "../api.ts";
import type { Peer } from "../peer.ts";
import { loneScenario, type Scenario, scenario } from "../scenario.ts";

interface Place {
  readonly name: string;
  readonly partitions: readonly number[];
}

async function elects(
  peer: Peer,
  question: string,
  version: number,
  electionType: number,
  places: readonly Place[] | null,
): Promise<void> {
  await peer.ask(question, api.electLeaders, version, {
    electionType,
    topicPartitions: places?.map(({ name: topic, partitions }) => ({ topic, partitions })) ?? null,
    timeoutMs: 10_000,
  });
}

async function reassigns(
  peer: Peer,
  question: string,
  version: number,
  topics: readonly { readonly name: string; readonly to: readonly (readonly number[] | null)[] }[],
  allowReplicationFactorChange = true,
): Promise<void> {
  await peer.ask(question, api.alterPartitionReassignments, version, {
    timeoutMs: 10_000,
    ...(version > 0 && { allowReplicationFactorChange }),
    topics: topics.map(({ name, to }) => ({
      name,
      partitions: to.map((replicas, partitionIndex) => ({ partitionIndex, replicas })),
    })),
  });
}

async function describesDirs(
  peer: Peer,
  question: string,
  version: number,
  places: readonly Place[] | null,
): Promise<void> {
  await peer.ask(question, api.describeLogDirs, version, {
    topics: places?.map(({ name: topic, partitions }) => ({ topic, partitions })) ?? null,
  });
}

async function describes(
  peer: Peer,
  question: string,
  names: readonly string[],
  options: { readonly limit?: number; readonly cursor?: { topicName: string; partitionIndex: number } } = {},
) {
  return await peer.ask(question, api.describeTopicPartitions, 0, {
    topics: names.map((name) => ({ name })),
    responsePartitionLimit: options.limit ?? 2000,
    cursor: options.cursor ?? null,
  });
}

const elections: readonly Scenario[] = [0, 1, 2].map((version) =>
  scenario(`elections at version ${version}`, async (peer) => {
    const { name } = await peer.topic("elects", { partitions: 2 });
    const nowhere = peer.unique("nowhere");
    for (const type of version === 0 ? [0] : [0, 1, 2, -1]) {
      await elects(peer, `of type ${type}`, version, type, [{ name, partitions: [0, 1] }]);
      await elects(peer, `of type ${type}, unknown partition`, version, type, [{ name, partitions: [0, 7] }]);
      await elects(peer, `of type ${type}, unknown topic`, version, type, [{
        name: nowhere,
        partitions: [0],
      }]);
      await elects(peer, `of type ${type}, nothing`, version, type, []);
      await elects(peer, `of type ${type}, no partition`, version, type, [{ name, partitions: [] }]);
      await elects(peer, `of type ${type}, all`, version, type, null);
    }
    await elects(peer, "a partition twice", version, 0, [{ name, partitions: [0, 0] }]);
    await elects(peer, "a topic twice", version, 0, [{ name, partitions: [0] }, { name, partitions: [1] }]);
    await elects(peer, "a partition below zero", version, 0, [{ name, partitions: [-1] }]);
  })
);

const reassignments: readonly Scenario[] = [0, 1].flatMap((version) => [
  scenario(`reassignments at version ${version}`, async (peer) => {
    const { name } = await peer.topic("moves", { partitions: 2 });
    const move = (question: string, ...to: (readonly number[] | null)[]) =>
      reassigns(peer, question, version, [{ name, to }]);
    await move("to where it is", [1]);
    await move("both to where they are", [1], [1]);
    await move("to an unknown broker", [2]);
    await move("to one that is known and one that is not", [1, 2]);
    await move("to the same broker twice", [1, 1]);
    await move("to nobody", []);
    await move("to a broker below zero", [-1]);
    await move("is given up", null);
    await move("of a partition that there is not", [1], [1], [1]);
    await move("one moves and one is given up", [1], null);
    await reassigns(peer, "of an unknown topic", version, [{ name: peer.unique("nowhere"), to: [[1]] }]);
    await reassigns(peer, "is given up of an unknown topic", version, [{
      name: peer.unique("nowhere"),
      to: [null],
    }]);
    await reassigns(peer, "of no topic", version, []);
    await reassigns(peer, "of no partition", version, [{ name, to: [] }]);
    await reassigns(peer, "without another number of replicas", version, [{ name, to: [[1]] }], false);
    await reassigns(peer, "of two topics", version, [{ name, to: [[1]] }, {
      name: peer.unique("nowhere"),
      to: [[1]],
    }]);
    await reassigns(peer, "of a topic without a name", version, [{ name: "", to: [[1]] }]);
  }),
]);

const listed = scenario("reassignments are listed", async (peer) => {
  const { name } = await peer.topic("lists", { partitions: 2 });
  const list = (question: string, topics: readonly { name: string; partitionIndexes: number[] }[] | null) =>
    peer.ask(question, api.listPartitionReassignments, 0, { timeoutMs: 10_000, topics });
  await list("all", null);
  await list("none", []);
  await list("of one", [{ name, partitionIndexes: [0, 1] }]);
  await list("of an unknown partition", [{ name, partitionIndexes: [7] }]);
  await list("of an unknown topic", [{ name: peer.unique("nowhere"), partitionIndexes: [0] }]);
});

const logDirs: readonly Scenario[] = [1, 2, 3, 4, 5].map((version) =>
  scenario(`log directories at version ${version}`, async (peer) => {
    const topic = await peer.topic("holds", { partitions: 3 });
    const { name } = topic;
    await describesDirs(peer, "an empty topic", version, [{ name, partitions: [0, 1, 2] }]);
    const { errorCode } = await produce(
      await peer.connection(),
      topic,
      textBatch(["one", "two"], Date.now()),
    );
    if (errorCode !== 0) throw new Error(`cannot fill ${name}`);
    await describesDirs(peer, "one with records", version, [{ name, partitions: [0] }]);
    await describesDirs(peer, "some partitions", version, [{ name, partitions: [2, 0] }]);
    await describesDirs(peer, "a partition twice", version, [{ name, partitions: [1, 1] }]);
    await describesDirs(peer, "a topic twice", version, [{ name, partitions: [1] }, {
      name,
      partitions: [2],
    }]);
    await describesDirs(peer, "an unknown partition", version, [{ name, partitions: [7] }]);
    await describesDirs(peer, "a partition below zero", version, [{ name, partitions: [-1] }]);
    await describesDirs(peer, "no partition", version, [{ name, partitions: [] }]);
    await describesDirs(peer, "an unknown topic", version, [{
      name: peer.unique("nowhere"),
      partitions: [0],
    }]);
    await describesDirs(peer, "nothing", version, []);
    await describesDirs(peer, "all", version, null);
  })
);

const moving: readonly Scenario[] = [1, 2].map((version) =>
  scenario(`partitions move between directories at version ${version}`, async (peer) => {
    const { name } = await peer.topic("stays", { partitions: 2 });
    const dirs = await peer.send(api.describeLogDirs, 4, { topics: [{ topic: name, partitions: [0] }] });
    const own = dirs.results[0]?.logDir ?? "";
    const move = (question: string, path: string, ...topics: Place[]) =>
      peer.ask(question, api.alterReplicaLogDirs, version, { dirs: [{ path, topics }] });
    await move("to its own", own, { name, partitions: [0] });
    await move("to an unknown one", "/no/such/directory", { name, partitions: [0, 1] });
    await move("to a relative one", "no/such", { name, partitions: [0] });
    await move("an unknown partition to its own", own, { name, partitions: [7] });
    await move("an unknown partition to an unknown one", "/no/such", { name, partitions: [7] });
    await move("an unknown topic", own, { name: peer.unique("nowhere"), partitions: [0] });
    await move("no partition", own, { name, partitions: [] });
    await move("no topic", own);
    await peer.ask("no directory", api.alterReplicaLogDirs, version, { dirs: [] });
  })
);

const cursor: readonly Scenario[] = [
  scenario("topics are described in pages", async (peer) => {
    const names = [];
    for (const [word, partitions] of [["aa", 3], ["bb", 1], ["cc", 5]] as const) {
      names.push((await peer.topic(word, { partitions })).name);
    }
    const [aa = "", bb = "", cc = ""] = names;
    await describes(peer, "all three", names);
    await describes(peer, "in another order", [cc, aa, bb]);
    for (const limit of [0, -1, 1, 2, 3, 4, 5, 8, 9, 10]) {
      await describes(peer, `at most ${limit}`, names, { limit });
    }
    const from = (topicName: string, partitionIndex: number) => ({ cursor: { topicName, partitionIndex } });
    await describes(peer, "from the first", names, from(aa, 0));
    await describes(peer, "from the midst of one", names, from(aa, 2));
    await describes(peer, "from the end of one", names, from(aa, 3));
    await describes(peer, "from far behind one", names, from(aa, 77));
    await describes(peer, "from the second, two at most", names, { limit: 2, ...from(bb, 0) });
    await describes(peer, "from the last", names, from(cc, 4));
    await describes(peer, "from between", names, from(peer.unique("b"), 1));
    await describes(peer, "from behind all", names, from("zzz", 0));
    await describes(peer, "from a partition below zero", names, from(aa, -1));
  }),
  scenario("topics that there are not are described", async (peer) => {
    const { name } = await peer.topic("there", { partitions: 2 });
    const nowhere = peer.unique("nowhere");
    await describes(peer, "an unknown one", [nowhere]);
    await describes(peer, "an illegal name", ["a/b"]);
    await describes(peer, "no name", [""]);
    await describes(peer, "one of them", [name, nowhere]);
    await describes(peer, "one twice", [name, name]);
    await describes(peer, "an unknown one, one at most", [nowhere, name], { limit: 1 });
  }),
  loneScenario("all topics are described", async (peer) => {
    await peer.topic("among-all", { partitions: 2 });
    await describes(peer, "all", []);
  }),
];

export const partitions: readonly Scenario[] = [
  ...elections,
  ...reassignments,
  listed,
  ...logDirs,
  ...moving,
  ...cursor,
];
