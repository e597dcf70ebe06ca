/** What may stand in a {@link Heap}. */
export interface HeapItem {
  /** Where it stands, kept by the heap; -1 while it stands in none. */
  place: number;
}

/** A binary heap: of all its items the first is at hand, and any of them can be taken out or put elsewhere in log n. */
export class Heap<Item extends HeapItem> {
  readonly #isBefore: (item: Item, other: Item) => boolean;
  readonly #items: Item[] = [];

  constructor(isBefore: (item: Item, other: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  /** Adds what stands in no heap. */
  add(item: Item): void {
    this.#rise(item, this.#items.length);
  }

  /** Takes an item out; one that is not in it is no matter. */
  remove(item: Item): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#items.pop()!;
    if (last !== item) this.#settle(last, place);
  }

  /** To be called when an item's order has changed. */
  moved(item: Item): void {
    this.#settle(item, item.place);
  }

  /** Takes all out, in no order. */
  takeAll(): Item[] {
    const all = this.#items.splice(0);
    for (const item of all) item.place = -1;
    return all;
  }

  #settle(item: Item, place: number): void {
    if (this.#rise(item, place) === place) this.#sink(item, place);
  }

  /** Puts `item` at `place` or as far above it as it belongs; answers where. */
  #rise(item: Item, place: number): number {
    while (place > 0) {
      const above = this.#items[(place - 1) >>> 1]!;
      if (!this.#isBefore(item, above)) break;
      place = this.#put(above, place);
    }
    this.#items[place] = item;
    item.place = place;
    return place;
  }

  /** Puts `item` at `place` or as far below it as it belongs. */
  #sink(item: Item, place: number): void {
    for (let below = 2 * place + 1; below < this.#items.length; below = 2 * place + 1) {
      let next = this.#items[below]!;
      const other = this.#items[below + 1];
      if (other !== undefined && this.#isBefore(other, next)) next = other;
      if (!this.#isBefore(next, item)) break;
      place = this.#put(next, place);
    }
    this.#items[place] = item;
    item.place = place;
  }

  /** Puts `item` elsewhere; answers the place that it leaves. */
  #put(item: Item, place: number): number {
    const left = item.place;
    this.#items[place] = item;
    item.place = place;
    return left;
  }
}
