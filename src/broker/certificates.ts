import { type CertificatePrincipals, openCertificatePrincipals } from "../auth/mod.ts";
import { assert } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import type { Clock, Timer } from "../io/clock.ts";
import { EventLimiter } from "../io/event_limiter.ts";
import type { EventSink } from "../io/events.ts";
import type { Files } from "../io/files.ts";
import type { Network, TlsContext } from "../io/network.ts";
import type { TlsListening } from "../server/mod.ts";
import type { BrokerConfig } from "./config.ts";
import { clientAuthOf, type ListenerPlan } from "./listeners.ts";

const DAY_MS = 86_400_000;
/** So long before a certificate expires it is spoken of, once a day. */
const REMINDER_DAYS = 14;

export interface CertificatesIo {
  readonly files: Files;
  readonly network: Network;
  readonly clock: Clock;
  readonly events: EventSink;
}

/**
 * The certificate of the TLS listeners, its key and the authorities of clients: read from their files, and again when
 * these have changed. New connections get what is there now; what cannot be used changes nothing.
 */
export class Certificates {
  readonly #config: BrokerConfig;
  readonly #io: CertificatesIo;
  readonly #limiter: EventLimiter;
  readonly #principals: CertificatePrincipals;
  #context: TlsContext;
  #changedAt: readonly (number | null)[];
  /**
   * What changed could not be used, and nobody has been told: files that belong together are replaced one after the
   * other, so they get until the next look.
   */
  #isInDoubt = false;
  #remindedAtMs = -Infinity;
  #timer: Timer | undefined;
  #isClosed = false;

  private constructor(
    config: BrokerConfig,
    io: CertificatesIo,
    principals: CertificatePrincipals,
    context: TlsContext,
    changedAt: readonly (number | null)[],
  ) {
    this.#config = config;
    this.#io = io;
    this.#limiter = new EventLimiter(io.clock);
    this.#principals = principals;
    this.#context = context;
    this.#changedAt = changedAt;
    this.#loaded(false);
    this.#lookLater();
  }

  /** @throws KliteError as `Files.read` does, and BAD_CONFIG when the files are not what they should be. */
  static async open(config: BrokerConfig, io: CertificatesIo): Promise<Certificates> {
    const principals = await openCertificatePrincipals(config.tlsPrincipalMappingRules);
    const changedAt = await whenChanged(config, io);
    return new Certificates(config, io, principals, await load(config, io), changedAt);
  }

  /** What a listener of that plan goes by. */
  listening(plan: ListenerPlan): TlsListening {
    const clientAuth = clientAuthOf(plan, this.#config);
    const context = () => this.#context;
    return {
      source: {
        clientAuth,
        get context() {
          return context();
        },
        refused: (remote, reason) => {
          this.#limiter.limit(plan.name, (suppressed) => {
            this.#io.events({
              type: "tls_handshake_failed",
              listener: plan.name,
              remote,
              reason,
              suppressed,
            });
          });
        },
      },
      principalOf: this.#principals,
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = this.#io.clock.setTimer(this.#config.tlsReloadIntervalMs, () => {
      void this.#look().then(() => this.#lookLater());
    });
  }

  async #look(): Promise<void> {
    try {
      const changedAt = await whenChanged(this.#config, this.#io);
      const isChanged = changedAt.some((each, index) => each !== this.#changedAt[index]);
      if (isChanged || this.#isInDoubt) await this.#reload(changedAt, isChanged);
    } catch (error) {
      this.#notLoaded(error);
    }
    this.#remind();
  }

  async #reload(changedAt: readonly (number | null)[], isChanged: boolean): Promise<void> {
    this.#changedAt = changedAt;
    try {
      this.#context = await load(this.#config, this.#io);
    } catch (error) {
      if (!isChanged) this.#notLoaded(error);
      this.#isInDoubt = isChanged;
      return;
    }
    this.#isInDoubt = false;
    this.#loaded(true);
  }

  #loaded(isReload: boolean): void {
    const { subject, expiresAtMs } = this.#context;
    this.#io.events({ type: "certificate_loaded", subject, expiresAtMs, isReload });
    this.#remindedAtMs = -Infinity;
    this.#remind();
  }

  #notLoaded(error: unknown): void {
    if (!(error instanceof KliteError)) throw error;
    this.#limiter.limit("not loaded", () => this.#io.events({ type: "certificate_not_loaded", error }));
  }

  #remind(): void {
    const { subject, expiresAtMs } = this.#context;
    const nowMs = this.#io.clock.nowMs();
    const daysLeft = Math.ceil((expiresAtMs - nowMs) / DAY_MS);
    if (daysLeft > REMINDER_DAYS || nowMs - this.#remindedAtMs < DAY_MS) return;
    this.#remindedAtMs = nowMs;
    this.#io.events({ type: "certificate_expires", subject, expiresAtMs, daysLeft: Math.max(0, daysLeft) });
  }
}

async function whenChanged(config: BrokerConfig, { files }: CertificatesIo): Promise<(number | null)[]> {
  return await Promise.all(paths(config).map((path) => path === null ? null : files.changedAtMs(path)));
}

async function load(config: BrokerConfig, { files, network }: CertificatesIo): Promise<TlsContext> {
  const [certificate, key, clientCa] = await Promise.all(
    paths(config).map(async (path) =>
      path === null ? null : new TextDecoder().decode(await files.read(path))
    ),
  );
  assert(typeof certificate === "string" && typeof key === "string", "the config was checked");
  try {
    return await network.prepareTls({ certificate, key, clientCa: clientCa ?? null });
  } catch (cause) {
    if (!(cause instanceof KliteError)) throw cause;
    const named = paths(config).filter((path) => path !== null).join(", ");
    throw new KliteError(cause.code, `TLS is not possible with ${named}: ${cause.message}`, { cause });
  }
}

function paths(
  { tlsCertFile, tlsKeyFile, tlsClientCaFile }: BrokerConfig,
): readonly [string | null, string | null, string | null] {
  return [tlsCertFile, tlsKeyFile, tlsClientCaFile];
}
