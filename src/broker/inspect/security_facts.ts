import type { ClusterState } from "../../cluster/mod.ts";
import {
  type Acl,
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
  nameOf,
} from "../../cluster/security/acls/mod.ts";
import type { AclFacts, QuotaFacts, TokenFacts, UserFacts } from "./view.ts";

type Security = ClusterState["security"];

/** Users that clients have made. */
export function storedUsers({ scram }: Security): UserFacts[] {
  return inOrder(Array.from(scram.users(), (user): UserFacts => ({
    user,
    credentials: inOrder(scram.of(user).map(({ mechanism, iterations }) => ({ mechanism, iterations }))),
  })));
}

export function storedAcls({ acls }: Security): AclFacts[] {
  return inOrder(Array.from(acls.all(), aclFacts));
}

export function storedQuotas({ quotas }: Security): QuotaFacts[] {
  return inOrder(Array.from(quotas.all(), ({ entity, values }): QuotaFacts => {
    const parts = [["user", entity.user], ["client-id", entity.clientId], ["ip", entity.ip]] as const;
    return {
      entity: parts.flatMap(([type, name]) => name === undefined ? [] : [{ type, name }]),
      values: Object.fromEntries(inOrder([...values])),
    };
  }));
}

export function storedTokens({ tokens }: Security): TokenFacts[] {
  return inOrder(Array.from(tokens.all(), (token) => {
    const { id, owner, requester, renewers, issuedAtMs, expiresAtMs, endsAtMs } = token;
    return { id, owner, requester, renewers, issuedAtMs, expiresAtMs, endsAtMs };
  }));
}

/** An ACL in Kafka's words. */
export function aclFacts(acl: Acl): AclFacts {
  return {
    resourceType: nameOf(AclResource, acl.resourceType),
    resourceName: acl.resourceName,
    patternType: nameOf(AclPattern, acl.patternType),
    principal: acl.principal,
    host: acl.host,
    operation: nameOf(AclOperation, acl.operation),
    permission: nameOf(AclPermission, acl.permission),
  };
}

/** The same order whoever tells of them: that of their texts. */
export function inOrder<Facts>(facts: readonly Facts[]): Facts[] {
  const texts = new Map(facts.map((each) => [each, JSON.stringify(each)]));
  return facts.toSorted((a, b) => (texts.get(a) ?? "") < (texts.get(b) ?? "") ? -1 : 1);
}
