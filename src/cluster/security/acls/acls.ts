import { unreachable } from "../../../base/assert.ts";
import type { Acl, AclRecord, AclSnapshot } from "./records.ts";

/** All ACLs, each once. */
export class Acls {
  readonly #byKey = new Map<string, Acl>();
  #version = 0;

  /** Another number after each change: what was worked out of the ACLs before is not valid any more. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#byKey.size;
  }

  has(acl: Acl): boolean {
    return this.#byKey.has(keyOf(acl));
  }

  all(): IterableIterator<Acl> {
    return this.#byKey.values();
  }

  apply(record: AclRecord): void {
    this.#version++;
    switch (record.type) {
      case "acls_created":
        for (const acl of record.acls) this.#byKey.set(keyOf(acl), acl);
        return;
      case "acls_deleted":
        for (const acl of record.acls) this.#byKey.delete(keyOf(acl));
        return;
      default:
        unreachable(record);
    }
  }

  snapshot(): AclSnapshot {
    return [...this.#byKey.values()];
  }

  static restore(snapshot: AclSnapshot): Acls {
    const acls = new Acls();
    acls.apply({ type: "acls_created", acls: snapshot });
    return acls;
  }
}

function keyOf(acl: Acl): string {
  const { resourceType, patternType, operation, permission, resourceName, principal, host } = acl;
  return JSON.stringify([resourceType, patternType, operation, permission, resourceName, principal, host]);
}
