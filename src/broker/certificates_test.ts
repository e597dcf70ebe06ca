import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { COMMON_CONFIG } from "../../tests/support/common_config.ts";
import { KliteError } from "../base/klite_error.ts";
import type { KliteEvent } from "../io/events.ts";
import type { TlsContext, TlsTexts } from "../io/network.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimFiles } from "../io/sim/files.ts";
import { SimNetwork } from "../io/sim/network.ts";
import { Certificates } from "./certificates.ts";
import type { BrokerConfig } from "./config.ts";

const DAY_MS = 86_400_000;
const LOOK_MS = 5000;

const CONFIG: BrokerConfig = {
  ...COMMON_CONFIG,
  listen: { host: "", port: 9092 },
  autoCreateTopics: false,
  walSegmentBytes: 1,
  tailMemoryBytes: 1,
  tlsCertFile: "cert",
  tlsKeyFile: "key",
  tlsReloadIntervalMs: LOOK_MS,
};

/** Certificates are `SUBJECT DAYS`, good with the key of the subject's name. */
class StageNetwork extends SimNetwork {
  readonly #nowMs: number;

  constructor(nowMs: number) {
    super();
    this.#nowMs = nowMs;
  }

  override prepareTls({ certificate, key }: TlsTexts): Promise<TlsContext> {
    const [subject = "", days = ""] = certificate.split(" ");
    return key === subject
      ? Promise.resolve({ subject, expiresAtMs: this.#nowMs + Number(days) * DAY_MS })
      : Promise.reject(new KliteError("BAD_CONFIG", "they do not fit"));
  }
}

class Stage {
  readonly clock = new SimClock();
  readonly files = new SimFiles(this.clock);
  readonly events: string[] = [];
  readonly network = new StageNetwork(this.clock.nowMs());

  open(): Promise<Certificates> {
    return Certificates.open(CONFIG, {
      ...this,
      events: (event) => void this.events.push(this.#words(event)),
    });
  }

  /** Lets a look happen, and what follows from it. */
  async look(): Promise<string[]> {
    await this.clock.advance(LOOK_MS);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    return this.events.splice(0);
  }

  #words(event: KliteEvent): string {
    switch (event.type) {
      case "certificate_loaded":
        return `${event.isReload ? "reloaded" : "loaded"} ${event.subject}`;
      case "certificate_expires":
        return `${event.daysLeft} days`;
      default:
        return event.type;
    }
  }
}

Deno.test("files that are replaced one after the other are used when all are there, without complaint", async () => {
  const stage = new Stage();
  stage.files.write("cert", "a 90");
  stage.files.write("key", "a");
  const certificates = await stage.open();
  deepStrictEqual(await stage.look(), ["loaded a"]);
  stage.files.write("cert", "b 90");
  deepStrictEqual(await stage.look(), []);
  stage.files.write("key", "b");
  deepStrictEqual(await stage.look(), ["reloaded b"]);
  deepStrictEqual(await stage.look(), []);
  certificates.close();
});

Deno.test("files that do not fit in the end are complained of once, and change nothing", async () => {
  const stage = new Stage();
  stage.files.write("cert", "a 90");
  stage.files.write("key", "a");
  const certificates = await stage.open();
  const { source } = certificates.listening({
    name: "SSL",
    protocol: "SSL",
    address: CONFIG.listen,
    advertised: null,
  });
  deepStrictEqual(await stage.look(), ["loaded a"]);
  stage.files.write("key", "x");
  deepStrictEqual(await stage.look(), []);
  deepStrictEqual(await stage.look(), ["certificate_not_loaded"]);
  deepStrictEqual(await stage.look(), []);
  strictEqual(source.context.subject, "a");
  stage.files.write("key", "a");
  deepStrictEqual(await stage.look(), ["reloaded a"]);
  certificates.close();
});

Deno.test("a certificate that ends is spoken of once a day", async () => {
  const stage = new Stage();
  stage.files.write("cert", "a 2");
  stage.files.write("key", "a");
  const certificates = await stage.open();
  deepStrictEqual(stage.events, ["loaded a", "2 days"]);
  const said: string[] = [];
  for (let look = 0; look < 3 * DAY_MS / LOOK_MS; look++) said.push(...await stage.look());
  deepStrictEqual(said.slice(2), ["1 days", "0 days", "0 days"]);
  certificates.close();
});

Deno.test("nothing is looked at once they are closed, and a start without files fails", async () => {
  const stage = new Stage();
  await rejects(stage.open(), /cannot read/);
  stage.files.write("cert", "a 90");
  stage.files.write("key", "a");
  const certificates = await stage.open();
  certificates.close();
  stage.files.write("cert", "b 90");
  stage.files.write("key", "b");
  deepStrictEqual(await stage.look(), ["loaded a"]);
});
