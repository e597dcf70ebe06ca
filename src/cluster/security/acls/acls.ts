import { unreachable } from "../../../base/assert.ts";
import { AclIndex } from "./acl_index.ts";
import type { Acl, AclRecord, AclSnapshot } from "./records.ts";

/** All ACLs, each once. */
export class Acls {
  /** The same by what they are about. */
  readonly index = new AclIndex();
  readonly #byKey = new Map<string, Acl>();
  #chars = 0;
  #version = 0;

  /** Another number after each change: what was worked out of the ACLs before is not valid any more. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** How much text they hold. */
  get chars(): number {
    return this.#chars;
  }

  /** Whether there is the ACL of that {@link aclKey}. */
  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  all(): MapIterator<Acl> {
    return this.#byKey.values();
  }

  apply(record: AclRecord): void {
    this.#version++;
    switch (record.type) {
      case "acls_created":
        for (const acl of record.acls) this.#add(acl);
        return;
      case "acls_deleted":
        for (const acl of record.acls) this.#remove(acl);
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

  #add(acl: Acl): void {
    const key = aclKey(acl);
    if (this.#byKey.has(key)) return;
    this.#byKey.set(key, acl);
    this.#chars += aclChars(acl);
    this.index.add(acl);
  }

  #remove(acl: Acl): void {
    const key = aclKey(acl);
    const known = this.#byKey.get(key);
    if (known === undefined) return;
    this.#byKey.delete(key);
    this.#chars -= aclChars(acl);
    this.index.remove(known);
  }
}

/** Text that is the same for equal ACLs alone. */
export function aclKey(acl: Acl): string {
  const { resourceType, patternType, operation, permission, resourceName, principal, host } = acl;
  return JSON.stringify([resourceType, patternType, operation, permission, resourceName, principal, host]);
}

/** How much text an ACL holds. */
export function aclChars({ resourceName, principal, host }: Acl): number {
  return resourceName.length + principal.length + host.length;
}
