import { fetchInput, only, produceInput, textBatch, type TopicRef } from "../../support/requests.ts";
import { QuotaAdmin } from "../actors/quota_admin.ts";
import { api } from "../api.ts";
import { type Client, pause } from "../client.ts";
import type { Peer } from "../peer.ts";
import { type Scenario, scenario } from "../scenario.ts";

/** Until whoever holds clients to quotas has heard of new ones: Kafka tells that apart from who describes them. */
const HEARD_MS = 300;

const NO_ID = "AAAAAAAAAAAAAAAAAAAAAA";

/** What clients that use more than they may are told. */
export const throttling: readonly Scenario[] = [
  scenario("changes of topics beyond a quota are refused, or made and paid for later", async (peer) => {
    const clientId = await limited(peer, { controller_mutation_rate: 1 });
    const [a, b] = [await peer.topic("a"), await peer.topic("b", { partitions: 3 })];
    const creates = (topic: string, partitions: number, version: number, validateOnly = false) =>
      told(
        peer,
        `version ${version} creates ${topic}${validateOnly ? ", only checked," : ""}`,
        clientId,
        async (client) => {
          const answer = await client.send(api.createTopics, version, {
            topics: [{
              name: peer.unique(topic),
              numPartitions: partitions,
              replicationFactor: 1,
              assignments: [],
              configs: [],
            }],
            timeoutMs: 30_000,
            validateOnly,
          });
          return { ...answer, errorCode: only(answer.topics).errorCode };
        },
      );
    const grows = (topic: TopicRef, count: number, version: number) =>
      told(peer, `version ${version} adds partitions`, clientId, async (client) => {
        const answer = await client.send(api.createPartitions, version, {
          topics: [{ name: topic.name, count, assignments: null }],
          timeoutMs: 30_000,
          validateOnly: false,
        });
        return { ...answer, errorCode: only(answer.results).errorCode };
      });
    const deletes = (name: string, version: number) =>
      told(peer, `version ${version} deletes`, clientId, async (client) => {
        const topics = version >= 6
          ? { topics: [{ name, topicId: NO_ID }] }
          : { topics: [], topicNames: [name] };
        const answer = await client.send(api.deleteTopics, version, { ...topics, timeoutMs: 30_000 });
        return { ...answer, errorCode: only(answer.responses).errorCode };
      });
    await creates("checked", 40, 7, true);
    await creates("small", 1, 7);
    await creates("large", 60, 7);
    await creates("late", 1, 7);
    await creates("late", 1, 6);
    await creates("wrong,name", 1, 7);
    await creates("late", 1, 7, true);
    await creates("permitted", 1, 5);
    await grows(a, 2, 3);
    await grows(a, 1, 3);
    await grows(a, 2, 2);
    await deletes(b.name, 6);
    await deletes(b.name, 5);
    await deletes(b.name, 4);
    await deletes(peer.unique("nothing"), 6);
  }),

  scenario("topics that are made because somebody asks for them count, too", async (peer) => {
    const clientId = await limited(peer, { controller_mutation_rate: 1 });
    const isMade = async (word: string) => {
      const topics = [{ name: peer.unique(word), topicId: NO_ID }];
      const others = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
      await using client = peer.called(clientId);
      await client.send(api.metadata, 12, { topics, allowAutoTopicCreation: true, ...others });
      await pause(1000);
      const answer = await peer.send(api.metadata, 12, { topics, allowAutoTopicCreation: false, ...others });
      peer.note(`${word} is made`, only(answer.topics).errorCode === 0);
    };
    await isMade("within-the-quota");
    await told(peer, "much is made", clientId, async (client) => {
      const topic = { numPartitions: 60, replicationFactor: 1, assignments: [], configs: [] };
      const topics = [{ ...topic, name: peer.unique("much") }];
      const answer = await client.send(api.createTopics, 5, { topics, timeoutMs: 30_000 });
      return { ...answer, errorCode: only(answer.topics).errorCode };
    });
    await isMade("beyond-the-quota");
  }),

  scenario("who produces more than a quota allows is told to pause", async (peer) => {
    const topic = await peer.topic("t");
    const clientId = await limited(peer, { producer_byte_rate: 1000 });
    const produces = (bytes: number) =>
      told(peer, `produces ${bytes} bytes`, clientId, async (client) => {
        const batch = textBatch(["x".repeat(bytes)]);
        const answer = await client.send(
          api.produce,
          9,
          produceInput(topic, batch),
        );
        return { ...answer, errorCode: only(only(answer.responses).partitionResponses).errorCode };
      });
    await produces(100);
    await produces(5000);
    await produces(20_000);
    await produces(100);
  }),

  scenario("who fetches more than a quota allows gets nothing and is told to pause", async (peer) => {
    const topic = await peer.topic("t");
    for (let batch = 0; batch < 30; batch++) {
      const records = textBatch(["x".repeat(1000)]);
      await peer.send(api.produce, 9, produceInput(topic, records));
    }
    const clientId = await limited(peer, { consumer_byte_rate: 1000 });
    const fetches = (sessionEpoch: number) =>
      told(peer, `fetches with epoch ${sessionEpoch}`, clientId, async (client) => {
        const input = fetchInput(topic, 0, { maxBytes: 7000 });
        const answer = await client.send(api.fetch, 12, { ...input, sessionEpoch, maxWaitMs: 100 });
        return {
          ...answer,
          has: answer.responses.length === 0 ? "no topics" : "records",
          session: answer.sessionId === 0 ? "none" : "one",
        };
      });
    await fetches(-1);
    await fetches(-1);
    await fetches(0);
  }),

  scenario("whose requests take more time than a quota allows is told to pause", async (peer) => {
    const clientId = await limited(peer, { request_percentage: 0.0001 });
    for (const time of [1, 2, 3]) {
      await told(peer, `asks, time ${time}`, clientId, async (client) => {
        const answer = await client.send(api.listGroups, 5, { statesFilter: [], typesFilter: [] });
        return { ...answer, atMost: answer.throttleTimeMs <= 1000 };
      });
    }
  }),
];

/** A client id with these quotas, once they count. */
async function limited(peer: Peer, values: Readonly<Record<string, number>>): Promise<string> {
  const clientId = peer.unique("limited");
  const admin = new QuotaAdmin(peer);
  await admin.sets("the quota", [[[["client-id", clientId]], values]]);
  await admin.settle();
  await pause(HEARD_MS);
  return clientId;
}

/** Asks over a connection of its own, for one that has to pause is not read; keeps whether it has to. */
async function told(
  peer: Peer,
  question: string,
  clientId: string,
  ask: (client: Client) => Promise<{ readonly throttleTimeMs: number; readonly errorCode: number }>,
): Promise<void> {
  await using client = peer.called(clientId);
  const { throttleTimeMs, errorCode, ...rest } = await ask(client);
  const { has, session, atMost }: { has?: unknown; session?: unknown; atMost?: unknown } = rest;
  peer.note(question, { errorCode, pauses: throttleTimeMs > 0, has, session, atMost });
}
