import { assert } from "../base/assert.ts";

/** What one claim holds and will need in the end, as indices into the sizes; or {@link NO_CLAIM}. */
export type ClaimKind = number;

/** The kind of a claim that holds nothing. */
export const NO_CLAIM: ClaimKind = -1;

/**
 * Decides who may have more memory so that nobody waits for ever.
 *
 * A request that is being received holds a buffer and will need a larger one. If buffers grew as long as there is
 * room, many half-received requests could fill it and none could be completed; if each took its announced size at
 * once, a few clients that announce much and send little could take it all. So growth is granted when afterwards
 * there is still an order in which everyone can be completed, each giving back what it holds before the next
 * (Dijkstra's banker). Sizes come from a short list, so there are few kinds of claims and the check is a short
 * loop, however many connections there are.
 *
 * Claims that will be large in the end have a lower limit, all together, so that others need not wait for them.
 */
export class SafeGrowth {
  readonly limitBytes: number;
  readonly #largeLimitBytes: number;
  /** The first size that is large. */
  readonly #largeFrom: number;
  readonly #sizes: readonly number[];
  /** Claims of each kind. */
  readonly #counts: Int32Array;
  /** Kinds by what they lack, least first. */
  readonly #order: readonly Kind[];
  #heldBytes = 0;
  #largeHeldBytes = 0;

  /** `sizes` ascending; both limits have room for one claim of the largest that they apply to. */
  constructor(
    sizes: readonly number[],
    limits: {
      readonly limitBytes: number;
      readonly largeFromBytes: number;
      readonly largeLimitBytes: number;
    },
  ) {
    const { limitBytes, largeFromBytes, largeLimitBytes } = limits;
    this.limitBytes = limitBytes;
    this.#largeLimitBytes = largeLimitBytes;
    this.#largeFrom = sizes.filter((size) => size < largeFromBytes).length;
    this.#sizes = sizes;
    const largest = sizes.at(-1) ?? Infinity;
    assert(limitBytes >= largest, "the largest claim must fit alone");
    assert(largest < largeFromBytes || largeLimitBytes >= largest, "the largest claim must fit alone");
    this.#counts = new Int32Array(sizes.length * sizes.length);
    this.#order = sizes.flatMap((goalBytes, goal) =>
      sizes.slice(0, goal + 1).map((heldBytes, held) => ({
        kind: this.kind(goal, held),
        lackBytes: goalBytes - heldBytes,
        heldBytes,
        isLarge: goal >= this.#largeFrom,
      }))
    ).sort((a, b) => a.lackBytes - b.lackBytes);
  }

  /** Bytes that all claims hold. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The kind of a claim that holds size `held` and will need size `goal` (indices). */
  kind(goal: number, held: number): ClaimKind {
    return goal * this.#sizes.length + held;
  }

  /** Turns a claim of kind `from` into one of kind `to`, if that is safe; else changes nothing. */
  change(from: ClaimKind, to: ClaimKind): boolean {
    this.#count(from, -1);
    this.#count(to, 1);
    if (this.#isSafe()) return true;
    this.#count(to, -1);
    this.#count(from, 1);
    return false;
  }

  /** Ends a claim. */
  end(kind: ClaimKind): void {
    this.#count(kind, -1);
  }

  #count(kind: ClaimKind, change: 1 | -1): void {
    if (kind === NO_CLAIM) return;
    const count = this.#counts[kind]! + change;
    assert(count >= 0, "a claim ended twice");
    this.#counts[kind] = count;
    const heldBytes = change * this.#sizes[kind % this.#sizes.length]!;
    this.#heldBytes += heldBytes;
    if (kind >= this.#largeFrom * this.#sizes.length) this.#largeHeldBytes += heldBytes;
  }

  #isSafe(): boolean {
    let freeBytes = this.limitBytes - this.#heldBytes;
    let largeFreeBytes = this.#largeLimitBytes - this.#largeHeldBytes;
    for (const { kind, lackBytes, heldBytes, isLarge } of this.#order) {
      const count = this.#counts[kind]!;
      if (count === 0) continue;
      if (lackBytes > freeBytes || (isLarge && lackBytes > largeFreeBytes)) return false;
      freeBytes += count * heldBytes;
      if (isLarge) largeFreeBytes += count * heldBytes;
    }
    return true;
  }
}

interface Kind {
  readonly kind: ClaimKind;
  readonly lackBytes: number;
  readonly heldBytes: number;
  readonly isLarge: boolean;
}
