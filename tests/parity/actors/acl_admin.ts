import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
} from "../../../src/cluster/security/acls/acl_codes.ts";
import { api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";

/** An ACL; what is not said lets somebody read a topic from anywhere. */
export interface AclFields {
  readonly resourceType?: number;
  readonly resourceName?: string;
  readonly resourcePatternType?: number;
  readonly principal?: string;
  readonly host?: string;
  readonly operation?: number;
  readonly permissionType?: number;
}

/** Which ACLs are meant; what is not said may be anything. */
export interface FilterFields {
  readonly resourceTypeFilter?: number;
  readonly resourceNameFilter?: string | null;
  readonly patternTypeFilter?: number;
  readonly principalFilter?: string | null;
  readonly hostFilter?: string | null;
  readonly operation?: number;
  readonly permissionType?: number;
}

const LATEST_VERSION = 3;

/** Somebody who says who may do what. */
export class AclAdmin {
  readonly #peer: Peer;
  readonly #version: number;
  /** Nobody else's. */
  readonly principal: string;
  #markers = 0;

  constructor(peer: Peer, options: { readonly version?: number; readonly principal?: string } = {}) {
    this.#peer = peer;
    this.#version = options.version ?? LATEST_VERSION;
    this.principal = options.principal ?? `User:${peer.unique("somebody")}`;
  }

  acl(fields: AclFields = {}) {
    return {
      resourceType: AclResource.TOPIC,
      resourceName: this.#peer.unique("t"),
      resourcePatternType: AclPattern.LITERAL,
      principal: this.principal,
      host: "*",
      operation: AclOperation.READ,
      permissionType: AclPermission.ALLOW,
      ...fields,
    };
  }

  /** One that means this admin's own ACLs, unless it names another principal. */
  filter(fields: FilterFields = {}) {
    return {
      resourceTypeFilter: AclResource.ANY,
      resourceNameFilter: null,
      patternTypeFilter: AclPattern.ANY,
      principalFilter: this.principal,
      hostFilter: null,
      operation: AclOperation.ANY,
      permissionType: AclPermission.ANY,
      ...fields,
    };
  }

  /** Makes ACLs by one request. */
  async creates(question: string, ...acls: readonly AclFields[]): Promise<void> {
    const creations = acls.map((acl) => this.acl(acl));
    await this.#peer.ask(question, api.createAcls, this.#version, { creations });
  }

  /** Deletes by one request. */
  async deletes(question: string, ...filters: readonly FilterFields[]): Promise<void> {
    const input = { filters: filters.map((filter) => this.filter(filter)) };
    await this.#peer.ask(question, api.deleteAcls, this.#version, input);
  }

  /** Describes what there is, once all that was changed before can be seen; `client` asks in place of this admin. */
  async shows(question: string, filter: FilterFields = {}, client: Client = this.#peer): Promise<void> {
    await this.settle();
    await client.ask(question, api.describeAcls, this.#version, this.filter(filter));
  }

  /** In place of all that there was for the principal. */
  async sets(...acls: readonly AclFields[]): Promise<void> {
    await this.#peer.send(api.deleteAcls, this.#version, { filters: [this.filter()] });
    await this.#peer.send(api.createAcls, this.#version, { creations: acls.map((acl) => this.acl(acl)) });
    await this.settle();
  }

  /** Changes show in the order in which they were made, so one that can be waited for is made last. */
  async settle(): Promise<void> {
    const marker = { resourceName: `marker ${this.#markers++}`, principal: `${this.principal}'s marker` };
    await this.#peer.send(api.createAcls, this.#version, { creations: [this.acl(marker)] });
    await this.#peer.until(
      () => {
        const { resourceName: resourceNameFilter, principal: principalFilter } = marker;
        const filter = this.filter({ resourceNameFilter, principalFilter });
        return this.#peer.send(api.describeAcls, this.#version, filter);
      },
      ({ resources }) => resources.length > 0,
    );
  }
}
