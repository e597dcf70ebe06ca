import { Histogram } from "../../base/histogram.ts";
import type { Group } from "../../cluster/mod.ts";
import { type Engine, Pauses, Traffic } from "../../engine/mod.ts";
import type { ProcessFigures } from "../../io/telemetry.ts";
import type { EventFigures } from "../event_figures.ts";
import type { Observed, ServingBroker } from "../observed.ts";
import { Largest } from "./largest.ts";
import { TopicTraffic } from "./topic_traffic.ts";

/** So many topics, and so many groups, are shown by name. */
export const NAMED_MAX = 100;
/** What all others are shown as. No topic can have that name. */
export const OTHERS = "(other)";
/** A group with a longer id is among the others: ids can have 32 KiB. */
const GROUP_ID_MAX = 200;

/** What is known of one topic, or of all others together. */
export interface TopicFigures {
  readonly label: string;
  readonly traffic: Traffic;
  partitions: number;
  sizeBytes: number;
}

/** What is known of one group, or of all others together. */
export interface GroupFigures {
  readonly label: string;
  /** Empty for the others together. */
  readonly state: string;
  /** Records behind what is committed, over all partitions, and the most in one of them. */
  lag: number;
  lagMax: number;
}

/** What records wait to become objects, and what is in objects. */
export interface StoredFigures {
  unstoredBytes: number;
  unstoredPartitions: number;
  /** Since when the oldest batch waits, wall clock; infinite when none does. */
  unstoredSinceMs: number;
  objects: number;
  objectBytes: number;
}

/** Everything that is looked at for one answer to `/metrics`. */
export interface Scrape {
  readonly nowMs: number;
  readonly events: EventFigures;
  readonly process: ProcessFigures;
  readonly loopDelay: Histogram;
  readonly serving: ServingBroker | null;
  readonly topics: readonly TopicFigures[];
  readonly groups: readonly GroupFigures[];
  readonly stored: StoredFigures;
}

/** Looks through the broker. It remembers who was shown by name, so there is one for all who ask. */
export class Scraper {
  readonly #observed: Observed;
  readonly #loopDelay: Histogram;
  readonly #largestTopics = new Largest(NAMED_MAX);
  readonly #largestGroups = new Largest(NAMED_MAX);
  readonly #traffic = new TopicTraffic();

  constructor(observed: Observed, loopDelay: Histogram) {
    this.#observed = observed;
    this.#loopDelay = loopDelay;
  }

  /** Takes its time where there is much to look at: others run meanwhile. */
  async scrape(): Promise<Scrape> {
    const { clock, events, serving } = this.#observed;
    const process = await this.#observed.processFigures();
    const stored = {
      unstoredBytes: 0,
      unstoredPartitions: 0,
      unstoredSinceMs: Infinity,
      objects: 0,
      objectBytes: 0,
    };
    const engine = serving?.engine;
    const topics = engine === undefined ? [] : await this.#topics(engine, stored);
    const groups = engine === undefined ? [] : await this.#groups(engine);
    const loopDelay = this.#loopDelay;
    return { nowMs: clock.nowMs(), events, process, loopDelay, serving, topics, groups, stored };
  }

  async #topics(engine: Engine, stored: StoredFigures): Promise<TopicFigures[]> {
    const pauses = new Pauses(engine.clock);
    const traffic = new Map<string, Traffic>();
    const sizes = new Map<string, { name: string; partitions: number; sizeBytes: number }>();
    for (const { id, name, partitions } of [...engine.state.topics()]) {
      await pauses.next();
      const sum = new Traffic();
      let sizeBytes = 0;
      for (const { stream } of partitions) {
        const log = engine.logs.find(stream);
        if (log === undefined) continue;
        if (log.traffic !== null) sum.add(log.traffic);
        sizeBytes += log.sizeBytes;
        stored.objects += log.objects.count;
        stored.objectBytes += log.objects.dataBytes;
        if (log.unstoredBytes === 0) continue;
        stored.unstoredBytes += log.unstoredBytes;
        stored.unstoredPartitions++;
        stored.unstoredSinceMs = Math.min(stored.unstoredSinceMs, log.unstoredSinceMs);
      }
      traffic.set(id, sum);
      sizes.set(id, { name, partitions: partitions.length, sizeBytes });
    }
    const shown = this.#largestTopics.choose(
      Array.from(sizes, ([key, { sizeBytes }]) => ({ key, size: sizeBytes + bytesOf(traffic.get(key)) })),
    );
    const total = new Traffic();
    total.add(engine.logs.goneTraffic);
    for (const each of traffic.values()) total.add(each);
    const { named, rest } = this.#traffic.split(traffic, shown, total);
    const others = { label: OTHERS, traffic: rest, partitions: 0, sizeBytes: 0 };
    const figures: TopicFigures[] = [others];
    for (const [id, { name, partitions, sizeBytes }] of sizes) {
      const counted = named.get(id);
      if (counted !== undefined) figures.push({ label: name, traffic: counted, partitions, sizeBytes });
      else {
        others.partitions += partitions;
        others.sizeBytes += sizeBytes;
      }
    }
    return figures;
  }

  async #groups(engine: Engine): Promise<GroupFigures[]> {
    const pauses = new Pauses(engine.clock);
    const all: (GroupFigures & { readonly id: string })[] = [];
    for (const group of [...engine.state.groups]) {
      await pauses.next();
      all.push({
        id: group.id,
        label: groupLabel(group.id),
        state: group.stateName,
        ...lagOf(engine, group),
      });
    }
    const shown = this.#largestGroups.choose(
      all.flatMap(({ id, lag }) => id.length <= GROUP_ID_MAX ? [{ key: id, size: lag }] : []),
    );
    const others = { label: OTHERS, state: "", lag: 0, lagMax: 0 };
    const figures: GroupFigures[] = [others];
    for (const group of all) {
      if (shown.has(group.id)) figures.push(group);
      else {
        others.lag += group.lag;
        others.lagMax = Math.max(others.lagMax, group.lagMax);
      }
    }
    return figures;
  }
}

/** Ids of groups can be any text: one that could be taken for {@link OTHERS} gets one more bracket. */
function groupLabel(id: string): string {
  return id.startsWith("(") ? `(${id}` : id;
}

function bytesOf(traffic: Traffic | undefined): number {
  return traffic === undefined ? 0 : traffic.bytesIn + traffic.bytesOut;
}

function lagOf(engine: Engine, { id }: Group): { lag: number; lagMax: number } {
  let lag = 0;
  let lagMax = 0;
  for (const [topicId, offsets] of engine.state.offsets.topicsOf(id)) {
    const topic = engine.state.topicById(topicId);
    for (const index of offsets.partitions()) {
      const partition = topic?.partitions[index];
      const committed = offsets.find(index);
      if (partition === undefined || committed === undefined) continue;
      const { highWatermark, logStartOffset } = engine.log(partition);
      const behind = Math.max(0, highWatermark - Math.max(committed.offset, logStartOffset));
      lag += behind;
      lagMax = Math.max(lagMax, behind);
    }
  }
  return { lag, lagMax };
}
