/** Partitions by topic id; each list ascends and is never empty. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/**
 * What a member holds: by topic id and partition, the epoch at which the member
 * got it. A commit with an older epoch than that tells of an owner before (KIP-1251).
 */
export type Holdings = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** {@link Assignment} as it is written down. */
export type SavedAssignment = Readonly<Record<string, readonly number[]>>;
/** {@link Holdings} as they are written down: pairs of partition and epoch. */
export type SavedHoldings = Readonly<Record<string, readonly (readonly [number, number])[]>>;

export const NO_ASSIGNMENT: Assignment = new Map();
export const NO_HOLDINGS: Holdings = new Map();

export function saveAssignment(assignment: Assignment): SavedAssignment {
  return Object.fromEntries(assignment);
}

export function loadAssignment(saved: SavedAssignment): Assignment {
  return new Map(Object.entries(saved));
}

export function saveHoldings(holdings: Holdings): SavedHoldings {
  return Object.fromEntries(Array.from(holdings, ([topicId, epochs]) => [topicId, [...epochs]]));
}

export function loadHoldings(saved: SavedHoldings): Holdings {
  return new Map(Object.entries(saved).map(([topicId, epochs]) => [topicId, new Map(epochs)]));
}

/** The partitions of all that is held, whatever their epochs. */
export function partitionsOf(...all: readonly Holdings[]): Assignment {
  const held = new Map<string, readonly number[]>();
  for (const holdings of all) {
    for (const [topicId, epochs] of holdings) {
      const partitions = [...held.get(topicId) ?? [], ...epochs.keys()];
      held.set(topicId, partitions.sort((a, b) => a - b));
    }
  }
  return held;
}

/** Holds all of `assignment` since `epoch`. */
export function heldSince(assignment: Assignment, epoch: number): Holdings {
  return new Map(
    Array.from(assignment, ([topicId, partitions]) => [
      topicId,
      new Map(partitions.map((partition) => [partition, epoch])),
    ]),
  );
}

export function holds(holdings: Holdings, topicId: string, partition: number): boolean {
  return holdings.get(topicId)?.has(partition) ?? false;
}

export function sameAssignment(a: Assignment, b: Assignment): boolean {
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others?.length !== partitions.length) return false;
    if (partitions.some((partition, index) => others[index] !== partition)) return false;
  }
  return true;
}

/** Whether both hold the same partitions since the same epochs. */
export function sameHoldings(a: Holdings, b: Holdings): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [topicId, epochs] of a) {
    const others = b.get(topicId);
    if (others?.size !== epochs.size) return false;
    for (const [partition, epoch] of epochs) if (others.get(partition) !== epoch) return false;
  }
  return true;
}
