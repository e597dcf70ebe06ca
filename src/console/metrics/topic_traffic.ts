import { Traffic } from "../../engine/mod.ts";

/** A topic that is shown by name: what had gone in and out when that began, and at the last look. */
interface Shown {
  readonly before: Traffic;
  last: Traffic;
}

/**
 * Splits the traffic of all topics into that of those shown by name and the rest, so that no counter ever goes back
 * although other topics are shown now than before: a topic's counter begins at 0 when its name is first shown, and
 * what it had by then stays with the rest; what was counted by name stays out of it when the name is shown no more.
 */
export class TopicTraffic {
  readonly #shown = new Map<string, Shown>();
  /** Counted by names that are shown no more. */
  readonly #ended = new Traffic();
  /** Topics that the rest told of when it was last looked at. */
  #unshown: ReadonlySet<string> = new Set();

  /** All `topics` by id, and which of them are shown; `total` is also of those that are no more. */
  split(
    topics: ReadonlyMap<string, Traffic>,
    shown: ReadonlySet<string>,
    total: Traffic,
  ): { readonly named: ReadonlyMap<string, Traffic>; readonly rest: Traffic } {
    for (const [id, { before, last }] of this.#shown) {
      if (shown.has(id) && topics.has(id)) continue;
      this.#ended.add(difference(last, before));
      this.#shown.delete(id);
    }
    const named = new Map<string, Traffic>();
    let rest = difference(total, this.#ended);
    for (const id of shown) {
      const now = topics.get(id);
      if (now === undefined) continue;
      const counted = this.#counted(id, now);
      named.set(id, counted);
      rest = difference(rest, counted);
    }
    this.#unshown = new Set(topics.keys().filter((id) => !shown.has(id)));
    return { named, rest };
  }

  #counted(id: string, now: Traffic): Traffic {
    let entry = this.#shown.get(id);
    if (entry === undefined) {
      entry = { before: this.#unshown.has(id) ? now : new Traffic(), last: now };
      this.#shown.set(id, entry);
    }
    entry.last = now;
    return difference(now, entry.before);
  }
}

function difference(from: Traffic, what: Traffic): Traffic {
  const result = new Traffic();
  result.recordsIn = from.recordsIn - what.recordsIn;
  result.bytesIn = from.bytesIn - what.bytesIn;
  result.recordsOut = from.recordsOut - what.recordsOut;
  result.bytesOut = from.bytesOut - what.bytesOut;
  return result;
}
