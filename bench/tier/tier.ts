/**
 * The bench's group `tier`: records on their way into a bucket and back, beside what the S3 server does by itself in
 * the same run. klite only; the server is a real one on this machine, and takes its part of the cores.
 */
import { lacksS3Server, S3Server } from "../../tests/support/s3_server.ts";
import type { Effort } from "../report/model.ts";
import type { TierFigures, TierPart } from "../report/tier_model.ts";
import { briefFailure } from "../report/format.ts";
import { measureBesideFlushing } from "./beside.ts";
import { measureLargeBatches, measureSmallBatches } from "./life.ts";
import { measureLocalRecovery, measurePartitions } from "./recovery.ts";
import { type Home, TierRows, type TierSite } from "./site.ts";
import { measureTierStarts } from "./starts.ts";

/** What to do, and where. */
export interface TierPlan {
  readonly effort: Effort;
  /** Where brokers keep their data. */
  readonly dir: string;
}

/** Measures all of it, a number of rounds; empty where no S3 server can be had. */
export class TierBench {
  readonly #plan: TierPlan;
  readonly #rows: TierRows;
  readonly #failures: { readonly part: TierPart; readonly failure: string }[] = [];
  readonly #homes = new Set<Home>();
  #server: S3Server | null = null;
  #isStopped = false;

  constructor(plan: TierPlan, readonly progress: (line: string) => void) {
    this.#plan = plan;
    this.#rows = new TierRows(progress);
  }

  async measure(): Promise<TierFigures> {
    if (await lacksS3Server()) return { rows: [], failures: [] };
    this.#server = await S3Server.start();
    try {
      for (let round = 0; round < this.#plan.effort.runs; round++) await this.#round(this.#server, round);
    } finally {
      await this.stop();
    }
    return { rows: this.#rows.all(), failures: this.#failures };
  }

  /** Ends brokers and the S3 server and removes their data. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#homes].map((home) => home[Symbol.asyncDispose]()));
    const server = this.#server;
    this.#server = null;
    await server?.[Symbol.asyncDispose]();
  }

  async #round(server: S3Server, round: number): Promise<void> {
    const { dir, effort } = this.#plan;
    const site: TierSite = { server, dir, times: effort, rows: this.#rows, homes: this.#homes };
    this.progress(`objects, round ${round + 1}/${effort.runs}`);
    await this.#part("store", async () => {
      // Loads the S3 client, which nothing else of the bench needs.
      const { measureStore } = await import("./store.ts");
      await measureStore(site);
    });
    await this.#part("flush", () => measureSmallBatches(site));
    await this.#part("flush", () => measureLargeBatches(site));
    await this.#part("beside", () => measureBesideFlushing(site, round));
    await this.#part("recovery", () => measureLocalRecovery(site));
    await this.#part("partitions", () => measurePartitions(site));
    await this.#part("starts", () => measureTierStarts(site));
  }

  async #part(part: TierPart, measure: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await measure();
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.progress(`${part}: FAILED: ${briefFailure(failure)}`);
      this.#failures.push({ part, failure });
    }
  }
}
