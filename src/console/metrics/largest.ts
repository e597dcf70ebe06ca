/** Something that may be shown by name. */
export interface Candidate {
  readonly key: string;
  readonly size: number;
}

/**
 * Chooses who is shown by name: the largest, `max` of them. Whoever has been chosen stays until it is gone or no more
 * among the `2 × max` largest, so that names do not come and go with every small change.
 */
export class Largest {
  readonly #max: number;
  #chosen: ReadonlySet<string> = new Set();

  constructor(max: number) {
    this.#max = max;
  }

  choose(candidates: readonly Candidate[]): ReadonlySet<string> {
    const largest = candidates.toSorted((a, b) => b.size - a.size || (a.key < b.key ? -1 : 1))
      .slice(0, 2 * this.#max);
    const kept = largest.filter(({ key }) => this.#chosen.has(key)).slice(0, this.#max);
    const others = largest.filter(({ key }) => !this.#chosen.has(key)).slice(0, this.#max - kept.length);
    return this.#chosen = new Set([...kept, ...others].map(({ key }) => key));
  }
}
