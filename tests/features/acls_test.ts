/** ACLs over real TCP: what they say of a broker without them, what they survive, and who is told. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ANONYMOUS, Principal } from "../../src/base/principal.ts";
import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../src/cluster/security/acls/acl_codes.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { createAclsRequest } from "../../src/protocol/generated/create_acls_request.ts";
import { createAclsResponse } from "../../src/protocol/generated/create_acls_response.ts";
import { deleteAclsRequest } from "../../src/protocol/generated/delete_acls_request.ts";
import { deleteAclsResponse } from "../../src/protocol/generated/delete_acls_response.ts";
import { describeAclsRequest } from "../../src/protocol/generated/describe_acls_request.ts";
import { describeAclsResponse } from "../../src/protocol/generated/describe_acls_response.ts";
import { SimBroker } from "../support/sim_broker.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

const SECURITY_DISABLED = 54;
const CLUSTER_AUTHORIZATION_FAILED = 31;
const WITH_ACLS = { authorizer: "acl", superUsers: [ANONYMOUS] } as const;

function create(client: WireClient, ...names: readonly string[]) {
  return client.send(createAclsRequest, createAclsResponse, 3, {
    creations: names.map((resourceName) => ({
      resourceType: AclResource.TOPIC,
      resourceName,
      resourcePatternType: AclPattern.LITERAL,
      principal: "User:alice",
      host: "*",
      operation: AclOperation.READ,
      permissionType: AclPermission.ALLOW,
    })),
  });
}

function filter(resourceNameFilter: string | null) {
  return {
    resourceTypeFilter: AclResource.ANY,
    resourceNameFilter,
    patternTypeFilter: AclPattern.ANY,
    principalFilter: null,
    hostFilter: null,
    operation: AclOperation.ANY,
    permissionType: AclPermission.ANY,
  };
}

function describe(client: WireClient) {
  return client.send(describeAclsRequest, describeAclsResponse, 3, filter(null));
}

function remove(client: WireClient, name: string) {
  return client.send(deleteAclsRequest, deleteAclsResponse, 3, { filters: [filter(name)] });
}

async function namesOf(client: WireClient): Promise<string[]> {
  return (await describe(client)).resources.map(({ resourceName }) => resourceName).toSorted();
}

function told(events: readonly KliteEvent[]): KliteEvent[] {
  return events.filter(({ type }) => type === "access_denied" || type === "security_changed");
}

Deno.test("a broker without ACLs says so, rather than to keep what it does not heed", async () => {
  await using broker = await TestBroker.start();
  const client = await broker.connect();
  strictEqual((await describe(client)).errorCode, SECURITY_DISABLED);
  deepStrictEqual((await create(client, "t")).results.map(({ errorCode }) => errorCode), [SECURITY_DISABLED]);
  deepStrictEqual((await remove(client, "t")).filterResults.map(({ errorCode }) => errorCode), [
    SECURITY_DISABLED,
  ]);
});

Deno.test("ACLs are there after a power cut and after a stop, and deleted ones are not", async () => {
  const broker = new SimBroker(1);
  await broker.start(WITH_ACLS);
  await broker.run(create(broker.connect(), "a", "b", "c"));
  await broker.run(remove(broker.connect(), "b"));
  broker.powerCut();
  await broker.start(WITH_ACLS);
  deepStrictEqual(await broker.run(namesOf(broker.connect())), ["a", "c"]);
  await broker.run(create(broker.connect(), "d"));
  await broker.run(remove(broker.connect(), "a"));
  await broker.stop();
  await broker.start(WITH_ACLS);
  deepStrictEqual(await broker.run(namesOf(broker.connect())), ["c", "d"]);
  await broker.stop();
});

Deno.test("who changes ACLs is told of, with what, and who may not is too", async () => {
  await using broker = await TestBroker.start({ config: WITH_ACLS });
  const admin = await broker.connect();
  await create(admin, "a");
  await create(admin, "a");
  await remove(admin, "a");
  await remove(admin, "a");
  const by = { type: "security_changed", principal: "User:ANONYMOUS", remote: "127.0.0.1", unsaid: 0 };
  const text = "ALLOW User:alice from * to READ TOPIC LITERAL a";
  deepStrictEqual(told(broker.events), [
    { ...by, changes: [`created: ${text}`] },
    { ...by, changes: [`deleted: ${text}`] },
  ]);
  await broker.restart({ superUsers: [new Principal("User", "admin")] });
  broker.events.length = 0;
  const nobody = await broker.connect();
  strictEqual((await describe(nobody)).errorCode, CLUSTER_AUTHORIZATION_FAILED);
  deepStrictEqual(told(broker.events), [{
    type: "access_denied",
    principal: "User:ANONYMOUS",
    remote: "127.0.0.1",
    operation: "DESCRIBE",
    resourceType: "CLUSTER",
    name: "kafka-cluster",
    suppressed: 0,
  }]);
});
