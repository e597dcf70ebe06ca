import { AclPattern, AclResource } from "./acl_codes.ts";
import type { Acl } from "./records.ts";

/** ACLs of one pattern, by principal. */
export type AclsByPrincipal = ReadonlyMap<string, readonly Acl[]>;

/** The name of a literal pattern that every resource of its type has. */
export const EVERY_NAME = "*";

/** ACLs by what they are about. */
export class AclIndex {
  readonly #types = new Map<number, Patterns>(
    Object.values(AclResource).map((type) => [type, new Patterns()]),
  );

  add(acl: Acl): void {
    this.#patternsOf(acl).add(acl);
  }

  /** Takes out the very ACL that was added. */
  remove(acl: Acl): void {
    this.#patternsOf(acl).remove(acl);
  }

  /** Calls `visit` with the ACLs of each pattern that the resource fits. */
  eachOf(resourceType: number, name: string, visit: (acls: AclsByPrincipal) => void): void {
    this.#types.get(resourceType)?.eachOf(name, visit);
  }

  /** All patterns of a type. */
  patterns(resourceType: number): Iterable<readonly [Pattern, AclsByPrincipal]> {
    return this.#types.get(resourceType)?.all() ?? [];
  }

  #patternsOf({ resourceType }: Acl): Patterns {
    let patterns = this.#types.get(resourceType);
    if (patterns === undefined) this.#types.set(resourceType, patterns = new Patterns());
    return patterns;
  }
}

/** What ACLs are about, apart from the type. */
export interface Pattern {
  readonly name: string;
  readonly isPrefix: boolean;
}

type MutableAcls = Map<string, Acl[]>;

/** The patterns of one type of resource. */
class Patterns {
  readonly #literals = new Map<string, MutableAcls>();
  readonly #prefixes = new Map<string, MutableAcls>();
  /** How many prefixes there are of each length, the shortest first: a name is asked for once for each length. */
  #lengths: { readonly length: number; count: number }[] = [];

  add(acl: Acl): void {
    const isPrefix = acl.patternType === AclPattern.PREFIXED;
    const patterns = isPrefix ? this.#prefixes : this.#literals;
    let acls = patterns.get(acl.resourceName);
    if (acls === undefined) {
      patterns.set(acl.resourceName, acls = new Map());
      if (isPrefix) this.#countLength(acl.resourceName.length, 1);
    }
    const ofPrincipal = acls.get(acl.principal);
    if (ofPrincipal === undefined) acls.set(acl.principal, [acl]);
    else ofPrincipal.push(acl);
  }

  remove(acl: Acl): void {
    const isPrefix = acl.patternType === AclPattern.PREFIXED;
    const patterns = isPrefix ? this.#prefixes : this.#literals;
    const acls = patterns.get(acl.resourceName);
    const left = acls?.get(acl.principal)?.filter((other) => other !== acl);
    if (acls === undefined || left === undefined) return;
    if (left.length > 0) acls.set(acl.principal, left);
    else acls.delete(acl.principal);
    if (acls.size > 0) return;
    patterns.delete(acl.resourceName);
    if (isPrefix) this.#countLength(acl.resourceName.length, -1);
  }

  eachOf(name: string, visit: (acls: AclsByPrincipal) => void): void {
    const literal = this.#literals.get(name);
    if (literal !== undefined) visit(literal);
    const every = name === EVERY_NAME ? undefined : this.#literals.get(EVERY_NAME);
    if (every !== undefined) visit(every);
    for (const { length } of this.#lengths) {
      if (length > name.length) return;
      const prefixed = this.#prefixes.get(name.slice(0, length));
      if (prefixed !== undefined) visit(prefixed);
    }
  }

  *all(): Iterable<readonly [Pattern, AclsByPrincipal]> {
    for (const [name, acls] of this.#literals) yield [{ name, isPrefix: false }, acls];
    for (const [name, acls] of this.#prefixes) yield [{ name, isPrefix: true }, acls];
  }

  #countLength(length: number, change: number): void {
    const known = this.#lengths.find((each) => each.length === length);
    if (known !== undefined) known.count += change;
    else this.#lengths.push({ length, count: change });
    this.#lengths = this.#lengths.filter(({ count }) => count > 0).sort((a, b) => a.length - b.length);
  }
}
