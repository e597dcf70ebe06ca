import { AclOperation, AclPermission } from "./acl_codes.ts";
import { type AclIndex, type AclsByPrincipal, EVERY_NAME } from "./acl_index.ts";
import { hostMatches } from "./client_host.ts";
import type { Acl } from "./records.ts";

/** Whom ACLs are looked at for: `type:name`, and an address as `javaHost` gives it. */
export interface Asker {
  readonly principal: string;
  readonly host: string;
}

/** ACLs for everybody. Only for the type User there is such a name. */
const EVERYBODY = "User:*";

/** A bit for each operation, and for those that are to come. */
export const EVERY_RIGHT = -1;

const { ALL, READ, WRITE, DELETE, ALTER, DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS } = AclOperation;
const DESCRIBING: ReadonlySet<number> = new Set([READ, WRITE, DELETE, ALTER]);

/**
 * What the ACLs allow `asker` to do to a resource, a bit for each operation, by its number; `null` when no ACL is about
 * the resource at all. What one ACL denies no other allows.
 */
export function rightsTo(index: AclIndex, asker: Asker, resourceType: number, name: string): number | null {
  let allowed = 0;
  let denied = 0;
  let isNamed = false;
  index.eachOf(resourceType, name, (acls) => {
    isNamed = true;
    for (const acl of aclsFor(acls, asker)) {
      if (acl.permission === AclPermission.DENY) denied |= bitsOf(acl.operation);
      else allowed |= bitsOf(acl.operation) | impliedBy(acl.operation);
    }
  });
  return isNamed ? allowed & ~denied : null;
}

/**
 * Whether there may be a resource of the type that `asker` may do it to (KIP-679): some pattern allows it, and no other
 * denies it for all that the first is about. Rights that others imply do not count here, as in Kafka.
 */
export function someRight(index: AclIndex, asker: Asker, resourceType: number, operation: number): boolean {
  const allowed: { readonly name: string; readonly isPrefix: boolean }[] = [];
  const deniedNames = new Set<string>();
  const deniedPrefixes = new Set<string>();
  for (const [pattern, acls] of index.patterns(resourceType)) {
    for (const acl of aclsFor(acls, asker)) {
      if (acl.operation !== operation && acl.operation !== ALL) continue;
      if (acl.permission !== AclPermission.DENY) allowed.push(pattern);
      else (pattern.isPrefix ? deniedPrefixes : deniedNames).add(pattern.name);
    }
  }
  if (deniedNames.has(EVERY_NAME)) return false;
  return allowed.some(({ name, isPrefix }) => {
    if (!isPrefix && name === EVERY_NAME) return true;
    return (isPrefix || !deniedNames.has(name)) && !hasPrefix(name, deniedPrefixes);
  });
}

function hasPrefix(name: string, prefixes: ReadonlySet<string>): boolean {
  if (prefixes.size === 0) return false;
  for (let length = 1; length <= name.length; length++) {
    if (prefixes.has(name.slice(0, length))) return true;
  }
  return false;
}

function* aclsFor(acls: AclsByPrincipal, { principal, host }: Asker): Iterable<Acl> {
  for (const text of principal === EVERYBODY ? [EVERYBODY] : [principal, EVERYBODY]) {
    for (const acl of acls.get(text) ?? []) if (hostMatches(acl.host, host)) yield acl;
  }
}

function bitsOf(operation: number): number {
  return operation === ALL ? EVERY_RIGHT : 1 << operation;
}

/** Who may read, write, delete or alter may also look; a denial implies nothing. */
function impliedBy(operation: number): number {
  if (DESCRIBING.has(operation)) return 1 << DESCRIBE;
  return operation === ALTER_CONFIGS ? 1 << DESCRIBE_CONFIGS : 0;
}
