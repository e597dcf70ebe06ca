/** Makes a broker do everything that takes a permission; throws at what does not work. */
import assert from "node:assert/strict";
import { buildBatch } from "../../src/records/compress.ts";
import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../src/cluster/security/acls/acl_codes.ts";
import { joinNew, succeeded } from "../support/group_member.ts";
import { createTopic, EARLIEST, fetch, offsetOf, produce, type TopicRef } from "../support/requests.ts";
import { authenticateScram, authenticateToken } from "../support/sasl_client.ts";
import { askForToken, createAcls, setPassword, setQuotas } from "../support/security_requests.ts";
import { TransactionalProducer } from "../support/transactional_producer.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { RestrictedBroker } from "./restricted_broker.ts";
import { HEALTH_TOKEN, type PrivilegeWorld, USER } from "./world.ts";

const BATCH_BYTES = 1_000_000;
/** More than commits have to reach before they are written past the page cache, and more than the log may keep. */
const BATCHES = 72;
const AT_ONCE = 8;
const STORED_WITHIN_MS = 20_000;

/** Everything, over TLS, by users of every kind. */
export async function exercise(broker: RestrictedBroker, world: PrivilegeWorld): Promise<void> {
  const authority = world.authority.certificate;
  assert.equal((await broker.ask("/livez")).status, 200);
  assert.equal((await broker.ask("/metrics", HEALTH_TOKEN)).status, 200);

  await using alice = await broker.connect(authority);
  const { answer } = await authenticateScram(alice, {
    mechanism: "SCRAM-SHA-512",
    user: USER.name,
    password: USER.password,
  });
  assert.equal(answer.errorCode, 0, answer.errorMessage ?? "");
  await using bearer = await broker.connect(authority);
  const token = await authenticateToken(bearer, await world.tokens.token(USER.name));
  assert.equal(token.answer.errorCode, 0, token.complaint);

  const topic = await createTopic(alice, `topic-${crypto.randomUUID()}`);
  await useObjects(alice, topic);
  await useCoordinators(alice, topic);
  await useSecurity(alice);
  const faults = broker.log().split("\n").filter((line) =>
    /"level":"error"|NotCapable|Requires \w+ access/.test(line)
  );
  assert.deepEqual(faults, []);
}

/** Records go to the log, from there to the bucket, and come back from the bucket. */
async function useObjects(client: WireClient, topic: TopicRef): Promise<void> {
  const noise = new Uint8Array(BATCH_BYTES);
  for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
  const batch = buildBatch([{ value: noise, timestampMs: Date.now() }]);
  for (let left = BATCHES; left > 0; left -= AT_ONCE) {
    const produced = await Promise.all(Array.from({ length: AT_ONCE }, () => produce(client, topic, batch)));
    for (const { errorCode } of produced) assert.equal(errorCode, 0);
  }
  // The log keeps less than half of it.
  assert.equal((await offsetOf(client, topic, EARLIEST)).offset, 0);
  const { errorCode, records } = await fetch(client, topic, 0, { maxWaitMs: STORED_WITHIN_MS });
  assert.equal(errorCode, 0);
  assert.ok((records?.length ?? 0) > BATCH_BYTES);
}

async function useCoordinators(client: WireClient, topic: TopicRef): Promise<void> {
  succeeded(await joinNew(client, "members"));
  const producer = new TransactionalProducer(client, "transactions");
  assert.equal(await producer.init(), 0);
  assert.equal((await producer.write(topic, ["in a transaction"])).errorCode, 0);
  assert.equal(await producer.end(true), 0);
}

async function useSecurity(client: WireClient): Promise<void> {
  await setPassword(client, "bob", "SCRAM-SHA-256", "bob-secret");
  assert.equal((await askForToken(client)).errorCode, 0);
  await setQuotas(client, { user: "bob" }, { producer_byte_rate: 1_000_000 });
  await createAcls(client, [{
    resourceType: AclResource.TOPIC,
    resourceName: "reports",
    resourcePatternType: AclPattern.LITERAL,
    principal: "User:bob",
    host: "*",
    operation: AclOperation.READ,
    permissionType: AclPermission.ALLOW,
  }]);
}
