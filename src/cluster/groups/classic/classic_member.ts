import { equalBytes } from "../../../base/bytes.ts";
import type { SavedClassicMember } from "./records.ts";

/** One way to divide the work that a member knows, and what it says about itself in those terms. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** A member of a classic group. */
export interface ClassicMember {
  readonly id: string;
  /** Set for static members (KIP-345). */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** The preferred one first. */
  readonly protocols: readonly MemberProtocol[];
  /** What the leader gave it last; empty when nothing. */
  readonly assignment: Uint8Array;
}

/** No bytes: no assignment yet, or nothing assigned. */
export const NO_ASSIGNMENT = new Uint8Array(0);

/** What a member takes beside its texts and bytes, about: the objects, and its timer. */
const MEMBER_OVERHEAD_BYTES = 1024;
const PROTOCOL_OVERHEAD_BYTES = 128;

/** Memory that a member takes, about; its assignment is its group's affair. */
export function memberBytes(member: ClassicMember): number {
  const { id, instanceId, clientId, clientHost, protocols } = member;
  let bytes = MEMBER_OVERHEAD_BYTES + id.length + (instanceId ?? "").length + clientId.length +
    clientHost.length;
  for (const { name, metadata } of protocols) {
    bytes += PROTOCOL_OVERHEAD_BYTES + name.length + metadata.length;
  }
  return bytes;
}

/** The member as records hold it. */
export function saveMember(member: ClassicMember): SavedClassicMember {
  const { id, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = member;
  const protocols = member.protocols.map(({ name, metadata }) => [name, metadata.toBase64()] as const);
  return { id, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols };
}

/** The member that a record holds, with an assignment that is known from elsewhere. */
export function loadMember(saved: SavedClassicMember, assignment: Uint8Array): ClassicMember {
  const protocols = saved.protocols.map(([name, text]) => ({ name, metadata: Uint8Array.fromBase64(text) }));
  return { ...saved, protocols, assignment };
}

/** What the member says about itself in terms of `protocol`. */
export function metadataOf(member: ClassicMember, protocol: string | null): Uint8Array {
  return member.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_ASSIGNMENT;
}

/** Whether two members' protocols are the same, in the same order, to the byte. */
export function sameProtocols(a: readonly MemberProtocol[], b: readonly MemberProtocol[]): boolean {
  return a.length === b.length && a.every((one, index) => {
    const other = b[index];
    return other !== undefined && one.name === other.name && equalBytes(one.metadata, other.metadata);
  });
}
