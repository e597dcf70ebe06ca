/** Longer names belong to no topic: rights to them are worked out each time. */
const NAME_CHARACTERS_MAX = 249;
/** Names that were asked for, over all principals: 4 MB of usual ones, 20 MB at most, for clients may make names up. */
const NAMES_MAX = 32_768;
/** What a principal at a host takes, in names. */
const NAMES_PER_ASKER = 8;

/** What is known of the rights of one principal at one host. */
export class KnownRights {
  /** By type of resource and name: a bit for each operation. */
  readonly byType: (Map<string, number> | undefined)[] = [];
  /** By type and operation: whether there is that right to some resource. */
  readonly some = new Map<number, boolean>();

  /** `host` is the `remoteHost` as ACLs write it. */
  constructor(
    readonly principal: string,
    readonly remoteHost: string,
    readonly host: string,
    readonly isSuperUser: boolean,
  ) {}
}

/**
 * Rights that were worked out before. All is forgotten when there is too much of it: to work rights out again takes
 * microseconds.
 */
export class RightsCache {
  readonly #byPrincipal = new Map<string, Map<string, KnownRights>>();
  /** Requests of a client often follow each other. */
  #last: KnownRights | undefined;
  #names = 0;

  /** Of one principal at one host; `undefined` for whoever is new. */
  of(principal: string, remoteHost: string): KnownRights | undefined {
    const last = this.#last;
    if (last !== undefined && last.principal === principal && last.remoteHost === remoteHost) return last;
    return this.#last = this.#byPrincipal.get(principal)?.get(remoteHost);
  }

  /** Takes in whoever is new. */
  add(known: KnownRights): void {
    this.#makeRoom(NAMES_PER_ASKER);
    let byHost = this.#byPrincipal.get(known.principal);
    if (byHost === undefined) this.#byPrincipal.set(known.principal, byHost = new Map());
    byHost.set(known.remoteHost, known);
  }

  /** Keeps rights to a resource that were worked out just now. */
  keep(known: KnownRights, resourceType: number, name: string, rights: number): void {
    if (name.length > NAME_CHARACTERS_MAX) return;
    this.#makeRoom(1);
    (known.byType[resourceType] ??= new Map()).set(name, rights);
  }

  clear(): void {
    this.#byPrincipal.clear();
    this.#last = undefined;
    this.#names = 0;
  }

  #makeRoom(names: number): void {
    if (this.#names + names > NAMES_MAX) this.clear();
    this.#names += names;
  }
}
