import { KliteError } from "../base/klite_error.ts";
import { formatAddress, isEveryInterface } from "../io/address.ts";
import type { Address, Socket } from "../io/network.ts";
import { answersApiVersions } from "./kafka_probe.ts";
import { healthOptions } from "./options.ts";
import { readSettings } from "./settings.ts";
import { refuseUsage } from "./usage.ts";
import { ExitCode, type ProbeIo, type World } from "./world.ts";

const HINT = ", or one that speaks TLS: see --tls-ca";

/** What `klite health` has found out. */
interface HealthReport {
  readonly ready: boolean;
  readonly address: string;
  readonly asked: "kafka" | "http";
  readonly answerMs: number;
  /** Why it is not ready; empty when it is. */
  readonly reason: string;
}

/** Asks a running broker whether it serves. */
export async function health(given: ReadonlyMap<string, readonly string[]>, world: World): Promise<number> {
  const { values, problems } = readSettings(healthOptions, given, (name) => world.process.variable(name));
  if (problems.length > 0) return refuseUsage(world.process, "health", problems);

  const io = await world.openProbe();
  const beganMs = io.clock.monotonicMs();
  const overHttp = values.address === null ? values.healthAddress : null;
  const address = reachable(values.address ?? overHttp ?? values.listen);
  const reason = overHttp === null
    ? await askKafka(address, values, io)
    : await askHttp(address, values.timeoutMs, io);
  const report: HealthReport = {
    ready: reason === "",
    address: formatAddress(address),
    asked: overHttp === null ? "kafka" : "http",
    answerMs: Math.round(io.clock.monotonicMs() - beganMs),
    reason,
  };
  world.process.writeOut(values.output === "json" ? `${JSON.stringify(report)}\n` : sentence(report));
  return report.ready ? ExitCode.ok : ExitCode.notReady;
}

function sentence({ ready, address, answerMs, reason }: HealthReport): string {
  return ready ? `ready: ${address} answered in ${answerMs} ms\n` : `not ready: ${reason}\n`;
}

/** What listens on every interface is asked on the nearest one. */
function reachable({ host, port }: Address): Address {
  return { host: isEveryInterface(host) ? "localhost" : host, port };
}

/** Why the broker is not ready, by its own word; empty when it is. */
async function askHttp(address: Address, timeoutMs: number, { http }: ProbeIo): Promise<string> {
  try {
    const { status, body } = await http.get(address, "/readyz", timeoutMs);
    return status === 200 ? "" : `${formatAddress(address)}/readyz: ${status} ${body.trim()}`;
  } catch (error) {
    return connectionReason(error);
  }
}

/** Why nobody answers the Kafka protocol there; empty when someone does. */
async function askKafka(
  address: Address,
  { timeoutMs, tlsCaFile }: { readonly timeoutMs: number; readonly tlsCaFile: string | null },
  { clock, dialer }: ProbeIo,
): Promise<string> {
  const beganMs = clock.monotonicMs();
  const where = formatAddress(address);
  let socket: Socket;
  try {
    socket = await dialer.connect(address, timeoutMs, tlsCaFile);
  } catch (error) {
    return connectionReason(error);
  }
  let late = false;
  const timer = clock.setTimer(Math.max(0, timeoutMs - (clock.monotonicMs() - beganMs)), () => {
    late = true;
    socket.close();
  });
  try {
    if (await answersApiVersions(socket)) return "";
    return `${where}: what answers there is not a Kafka broker${tlsCaFile === null ? HINT : ""}`;
  } catch (error) {
    return late ? `${where}: no answer within ${timeoutMs} ms` : `${where}: ${connectionReason(error)}`;
  } finally {
    timer.cancel();
    socket.close();
  }
}

function connectionReason(error: unknown): string {
  if (error instanceof KliteError) return error.message;
  throw error;
}
