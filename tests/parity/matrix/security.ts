import { AclOperation, AclPattern, AclPermission } from "../../../src/cluster/security/acls/acl_codes.ts";
import { AclAdmin } from "../actors/acl_admin.ts";
import { SHA_256 } from "../actors/user_admin.ts";
import { api } from "../api.ts";
import { loneScenario, scenario } from "../scenario.ts";
import { Matrix, refusal } from "./matrix.ts";

const { ANY } = AclOperation;

export const aclsMatrix = scenario("who may see and change ACLs, users and quotas", async (peer) => {
  const admin = new AclAdmin(peer);
  const matrix = await Matrix.open(peer);
  const filter = {
    resourceTypeFilter: ANY,
    resourceNameFilter: null,
    patternTypeFilter: AclPattern.ANY,
    principalFilter: admin.principal,
    hostFilter: null,
    operation: ANY,
    permissionType: AclPermission.ANY,
  };
  const creations = [admin.acl()];
  await matrix.asks("CreateAcls 3", api.createAcls, 3, () => ({ creations }));
  // There is nothing to delete: how soon an ACL is seen is another matter.
  const others = { ...filter, principalFilter: "User:no such user" };
  await matrix.asks("DescribeAcls 3", api.describeAcls, 3, () => others);
  await matrix.asks("DeleteAcls 3", api.deleteAcls, 3, () => ({ filters: [others, others] }));
  await matrix.asks("DescribeUserScramCredentials 0", api.describeUserScramCredentials, 0, () => ({
    users: [{ name: peer.unique("nobody") }],
  }));
  await matrix.asks("AlterUserScramCredentials 0", api.alterUserScramCredentials, 0, () => ({
    deletions: [{ name: peer.unique("nobody"), mechanism: SHA_256 }],
    upsertions: [],
  }));
  const entity = [{ entityType: "user", entityName: peer.unique("nobody") }];
  await matrix.asks("DescribeClientQuotas 1", api.describeClientQuotas, 1, () => ({
    components: [{ entityType: "user", matchType: 0, match: peer.unique("nobody") }],
    strict: true,
  }));
  await matrix.asks("AlterClientQuotas 1 to check", api.alterClientQuotas, 1, () => ({
    entries: [{ entity, ops: [{ key: "producer_byte_rate", value: 1_000_000, remove: false }] }],
    validateOnly: true,
  }));
});

/** Tokens have owners, and those who ask are the same in all scenarios. */
export const tokensMatrix = loneScenario("who may see and make delegation tokens", async (peer) => {
  const matrix = await Matrix.open(peer);
  const making = (owner: string | null) => ({
    ownerPrincipalType: owner === null ? null : "User",
    ownerPrincipalName: owner,
    renewers: [],
    maxLifetimeMs: -1,
  });
  const owner = peer.user("alice");
  const { hmac } = await owner.until(
    () => owner.send(api.createDelegationToken, 3, making(null)),
    ({ errorCode }) => errorCode === 0,
  );
  await owner.until(
    () => owner.send(api.describeDelegationToken, 3, { owners: null }),
    ({ tokens }) => tokens.some((token) => token.hmac.toHex() === hmac.toHex()),
  );
  await matrix.asks("DescribeDelegationToken 3 of another", api.describeDelegationToken, 3, () => ({
    owners: [{ principalType: "User", principalName: "alice" }],
  }), { told: ({ errorCode, tokens }) => ({ errorCode, tokens: tokens.length > 0 }) });
  await matrix.asks("RenewDelegationToken 2 of another", api.renewDelegationToken, 2, () => ({
    hmac,
    renewPeriodMs: 60_000,
  }), { told: refusal });
  await matrix.asks("ExpireDelegationToken 2 of another", api.expireDelegationToken, 2, () => ({
    hmac,
    expiryTimePeriodMs: 60_000,
  }), { told: refusal });
  await matrix.asks("CreateDelegationToken 3", api.createDelegationToken, 3, () => making(null), {
    told: refusal,
  });
  await matrix.asks(
    "CreateDelegationToken 3 for another",
    api.createDelegationToken,
    3,
    () => making("bob"),
    {
      told: refusal,
    },
  );
});
