import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../../src/cluster/security/acls/acl_codes.ts";
import { buildBatch } from "../../../src/records/compress.ts";
import { produceInput, type TopicRef } from "../../support/requests.ts";
import { ConnectionEnded } from "../../support/wire_client.ts";
import { Consumer, describesConsumers } from "../actors/consumer.ts";
import { api } from "../api.ts";
import type { Peer } from "../peer.ts";
import { loneScenario } from "../scenario.ts";

const USER = "alice";
const WRITTEN_MS = 1_700_000_000_000;

function grant(resourceType: number, resourceName: string, operation: number, resourcePatternType: number) {
  return {
    resourceType,
    resourceName,
    resourcePatternType,
    principal: `User:${USER}`,
    host: "*",
    operation,
    permissionType: AclPermission.ALLOW,
  };
}

/** Lets the user do something, or no longer. */
async function changes(peer: Peer, isGiven: boolean, acl: ReturnType<typeof grant>): Promise<void> {
  if (isGiven) {
    await peer.send(api.createAcls, 3, { creations: [acl] });
    return;
  }
  await peer.send(api.deleteAcls, 3, {
    filters: [{
      resourceTypeFilter: acl.resourceType,
      resourceNameFilter: acl.resourceName,
      patternTypeFilter: acl.resourcePatternType,
      principalFilter: acl.principal,
      hostFilter: acl.host,
      operation: acl.operation,
      permissionType: acl.permissionType,
    }],
  });
}

function batchOf(value: string): Uint8Array {
  return buildBatch([{ value: new TextEncoder().encode(value), timestampMs: WRITTEN_MS }]);
}

async function writes(peer: Peer, topic: TopicRef, value: string): Promise<void> {
  const records = batchOf(value);
  await peer.send(api.produce, 13, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ ...topic, partitionData: [{ index: 0, records }] }],
  });
}

/** Rights that change while they are used. They are one user's, so scenarios take turns. */
export const rightsInTime = [
  loneScenario("rights that come and go in a fetch session", async (peer) => {
    const [one, other] = [await peer.topic("one"), await peer.topic("other")];
    for (const topic of [one, other]) await writes(peer, topic, "first");
    const reader = peer.user(USER);
    let session = { sessionId: 0, sessionEpoch: 0 };
    const fetches = (topics: readonly TopicRef[], fetchOffset = 0) => ({
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 2 ** 20,
      isolationLevel: 0,
      ...session,
      topics: topics.map(({ name, topicId }) => ({
        topic: name,
        topicId,
        partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 2 ** 20 }],
      })),
      forgottenTopicsData: [],
    });
    const may = (topic: TopicRef) =>
      grant(AclResource.TOPIC, topic.name, AclOperation.READ, AclPattern.LITERAL);
    const settles = (right: number) =>
      reader.until(
        () => reader.send(api.fetch, 13, { ...fetches([one]), sessionId: 0, sessionEpoch: -1 }),
        ({ responses }) => responses[0]?.partitions[0]?.errorCode === right,
      );
    for (const topic of [other, one]) await changes(peer, true, may(topic));
    await settles(0);
    const opened = await reader.ask("begins a session", api.fetch, 13, fetches([one, other]));
    const next = (sessionEpoch: number) => (session = { sessionId: opened?.sessionId ?? 0, sessionEpoch });
    next(1);
    await reader.ask("has read all", api.fetch, 13, fetches([one, other], 1));
    next(2);
    await reader.ask("is told nothing new", api.fetch, 13, fetches([]));
    await changes(peer, false, may(one));
    await settles(29);
    next(3);
    await reader.ask("may not read one any more", api.fetch, 13, fetches([]));
    next(4);
    await reader.ask("still may not", api.fetch, 13, fetches([]));
    await changes(peer, true, may(one));
    await settles(0);
    await writes(peer, one, "second");
    next(5);
    await reader.ask("may read it again", api.fetch, 13, fetches([]));
  }),

  loneScenario("a refusal that cannot be told ends the connection", async (peer) => {
    const topic = await peer.topic("topic");
    for (const isGiven of [false, true]) {
      const writer = peer.user(USER);
      if (isGiven) {
        const may = grant(AclResource.TOPIC, topic.name, AclOperation.WRITE, AclPattern.LITERAL);
        await changes(peer, true, may);
        const asked = { topics: [topic], responsePartitionLimit: 1, cursor: null };
        await writer.until(
          () => writer.send(api.describeTopicPartitions, 0, asked),
          ({ topics }) => topics[0]?.errorCode === 0,
        );
      }
      const connection = await writer.connection();
      const records = batchOf("unanswered");
      await connection.post(api.produce.request, 12, produceInput(topic, records, { acks: 0 }));
      const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
      await writer.keeps(`goes on ${isGiven ? "with" : "without"} the right to write`, async () => {
        const answer = await writer.send(api.apiVersions, 4, software).catch((error) => {
          if (error instanceof ConnectionEnded) return null;
          throw error;
        });
        return answer === null ? "the connection is closed" : "an answer";
      });
    }
  }),

  loneScenario("a pattern finds topics that its member may see", async (peer) => {
    const group = "the readers";
    const seen = await peer.topic("seen");
    const hidden = await peer.topic("hidden");
    await changes(
      peer,
      true,
      grant(AclResource.GROUP, peer.unique(group), AclOperation.READ, AclPattern.LITERAL),
    );
    await changes(peer, true, grant(AclResource.TOPIC, seen.name, AclOperation.DESCRIBE, AclPattern.LITERAL));
    const member = new Consumer(peer, "the member", { group, client: peer.user(USER) });
    await member.client.until(
      () =>
        member.client.send(api.describeTopicPartitions, 0, {
          topics: [seen],
          responsePartitionLimit: 10,
          cursor: null,
        }),
      ({ topics }) => topics[0]?.errorCode === 0,
    );
    await member.joins({ reads: null, pattern: `(seen|hidden)-${peer.unique("").slice(1)}` });
    await member.settles(1);
    await describesConsumers(peer, [group]);
    await member.heartbeats({ reads: [hidden.name] });
    await member.heartbeats({ reads: [seen.name, hidden.name] });
    await member.heartbeats({ reads: [seen.name] });
  }),
];
