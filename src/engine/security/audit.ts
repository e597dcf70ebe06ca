import { AclOperation, AclResource, nameOf } from "../../cluster/security/acls/acl_codes.ts";
import type { Clock } from "../../io/clock.ts";
import { EventLimiter } from "../../io/event_limiter.ts";
import type { EventSink } from "../../io/events.ts";
import type { Requester } from "./authorizer.ts";

/** Clients may make up names. */
const NAME_CHARACTERS_MAX = 249;
/** Of the changes of one request so many are said in full. */
const CHANGES_SAID = 20;
const CHANGE_CHARACTERS_MAX = 1000;

/** Says in events who was denied what, and who changed what of users, tokens, rights and quotas. Never a secret. */
export class Audit {
  readonly #events: EventSink;
  readonly #limiter: EventLimiter;
  #deniedCount = 0;

  constructor(world: { readonly clock: Clock; readonly events: EventSink }) {
    this.#events = world.events;
    this.#limiter = new EventLimiter(world.clock);
  }

  /** How often somebody was denied something, whether or not it was said. */
  get deniedCount(): number {
    return this.#deniedCount;
  }

  /** Denials are many when they are attempts, so not each one is said. */
  denied({ principal, remote }: Requester, operation: number, resourceType: number, name: string): void {
    this.#deniedCount++;
    this.#limiter.limit("access_denied", (suppressed) =>
      this.#events({
        type: "access_denied",
        principal: principal.text,
        remote: remote.host,
        operation: nameOf(AclOperation, operation),
        resourceType: nameOf(AclResource, resourceType),
        name: name.slice(0, NAME_CHARACTERS_MAX),
        suppressed,
      }));
  }

  /** What a request has changed, each change in words; none is no event. */
  changed({ principal, remote }: Requester, changes: readonly string[]): void {
    if (changes.length === 0) return;
    this.#events({
      type: "security_changed",
      principal: principal.text,
      remote: remote.host,
      changes: changes.slice(0, CHANGES_SAID).map((change) => change.slice(0, CHANGE_CHARACTERS_MAX)),
      unsaid: Math.max(changes.length - CHANGES_SAID, 0),
    });
  }
}
