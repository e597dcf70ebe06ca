import type { HttpResponse } from "../../io/http.ts";
import type { Observed } from "../observed.ts";
import { LoopDelay } from "./loop_delay.ts";
import { Scraper } from "./scrape.ts";
import { METRICS } from "./table.ts";

/** Not written as an import: what is belongs to the program from its first moment, and with it the library's memory. */
type ExpositionFile = typeof import("./exposition.ts");
const EXPOSITION = new URL("./exposition.ts", import.meta.url).href;

/** Answers `/metrics`. */
export class MetricsPage {
  readonly #loopDelay: LoopDelay;
  readonly #scraper: Scraper;
  #exposition: Promise<InstanceType<ExpositionFile["Exposition"]>> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(observed: Observed) {
    this.#loopDelay = new LoopDelay(observed.clock);
    this.#scraper = new Scraper(observed, this.#loopDelay.seconds);
  }

  /** One after the other, however many ask. */
  render(): Promise<HttpResponse> {
    const page = this.#last.then(() => this.#render());
    const done = (): void => {};
    this.#last = page.then(done, done);
    return page;
  }

  close(): void {
    this.#loopDelay.close();
  }

  async #render(): Promise<HttpResponse> {
    this.#loopDelay.watch();
    this.#exposition ??= openExposition();
    // What cannot be loaded now may be had later.
    this.#exposition.catch(() => this.#exposition = null);
    const exposition = await this.#exposition;
    const body = await exposition.write(await this.#scraper.scrape());
    return { status: 200, contentType: exposition.contentType, body };
  }
}

async function openExposition() {
  const { Exposition }: ExpositionFile = await import(EXPOSITION);
  return new Exposition(Object.values(METRICS).flat());
}
