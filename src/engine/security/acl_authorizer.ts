import type { Principal } from "../../base/principal.ts";
import {
  type Acls,
  EVERY_RIGHT,
  javaHost,
  OPERATIONS_OF,
  rightsTo,
  someRight,
} from "../../cluster/security/acls/mod.ts";
import type { Audit } from "./audit.ts";
import type { Authorizer, Requester } from "./authorizer.ts";
import { KnownRights, RightsCache } from "./rights_cache.ts";

/** Some resource of the type, whose name no ACL is likely to have: who may do it to this one may do it to nearly any. */
const ANY_NAME = "hardcode";

/** What the operator decided about rights. */
export interface AclSettings {
  /** Principals that may do everything. */
  readonly superUsers: readonly Principal[];
  /** Whether everybody may do everything to what no ACL is about: allow.everyone.if.no.acl.found of Kafka. */
  readonly allowIfNoAcl: boolean;
}

/**
 * Rights as the cluster's ACLs give them, which is as Kafka's standard authorizer does: a denial counts more than any
 * permission, and what no ACL allows is forbidden.
 *
 * To ask for a right that was asked for before costs two look-ups in maps and no memory.
 */
export class AclAuthorizer implements Authorizer {
  readonly isOpen = false;
  readonly #acls: Acls;
  readonly #superUsers: ReadonlySet<string>;
  /** The rights to what no ACL is about. */
  readonly #rightsByDefault: number;
  readonly #audit: Audit;
  readonly #cache = new RightsCache();
  #version: number;

  constructor(acls: Acls, settings: AclSettings, audit: Audit) {
    this.#acls = acls;
    this.#superUsers = new Set(settings.superUsers.map(({ text }) => text));
    this.#rightsByDefault = settings.allowIfNoAcl ? EVERY_RIGHT : 0;
    this.#audit = audit;
    this.#version = acls.version;
  }

  allows(who: Requester, operation: number, resourceType: number, name: string): boolean {
    const isAllowed = (this.#rightsTo(who, resourceType, name) & (1 << operation)) !== 0;
    if (!isAllowed) this.#audit.denied(who, operation, resourceType, name);
    return isAllowed;
  }

  allowsQuietly(who: Requester, operation: number, resourceType: number, name: string): boolean {
    return (this.#rightsTo(who, resourceType, name) & (1 << operation)) !== 0;
  }

  allowsSome(who: Requester, operation: number, resourceType: number): boolean {
    const known = this.#known(who);
    if (known.isSuperUser) return true;
    const key = (resourceType << 8) | operation;
    let isAllowed = known.some.get(key);
    if (isAllowed === undefined) {
      isAllowed = this.allowsQuietly(who, operation, resourceType, ANY_NAME) ||
        someRight(this.#acls.index, known, resourceType, operation);
      known.some.set(key, isAllowed);
    }
    return isAllowed;
  }

  operationsOn(who: Requester, resourceType: number, name: string): number {
    return this.#rightsTo(who, resourceType, name) & (OPERATIONS_OF[resourceType] ?? 0);
  }

  #rightsTo(who: Requester, resourceType: number, name: string): number {
    const known = this.#known(who);
    if (known.isSuperUser) return EVERY_RIGHT;
    const rights = known.byType[resourceType]?.get(name);
    if (rights !== undefined) return rights;
    const worked = rightsTo(this.#acls.index, known, resourceType, name) ?? this.#rightsByDefault;
    this.#cache.keep(known, resourceType, name, worked);
    return worked;
  }

  #known({ principal, remote }: Requester): KnownRights {
    if (this.#version !== this.#acls.version) {
      this.#version = this.#acls.version;
      this.#cache.clear();
    }
    let known = this.#cache.of(principal.text, remote.host);
    if (known === undefined) {
      const isSuperUser = this.#superUsers.has(principal.text);
      known = new KnownRights(principal.text, remote.host, javaHost(remote.host), isSuperUser);
      this.#cache.add(known);
    }
    return known;
  }
}
