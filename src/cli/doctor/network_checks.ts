import { equalBytes } from "../../base/bytes.ts";
import { KliteError } from "../../base/klite_error.ts";
import { formatAddress, isEveryInterface } from "../../io/address.ts";
import type { Address, Listener, Socket } from "../../io/network.ts";
import { ProtocolError } from "../../protocol/mod.ts";
import type { DoctorIo } from "../world.ts";
import { askIdentity, type BrokerIdentity } from "./broker_identity.ts";
import { type Finding, ok, skipped, warning, wrong } from "./finding.ts";

export interface NetworkSettings {
  readonly listen: Address;
  /** `null`: clients are told the address that they used. */
  readonly advertised: Address | null;
  readonly timeoutMs: number;
  /** With whose authorities the broker is asked over TLS; `null`: without TLS. */
  readonly tlsCaFile: string | null;
}

const NONCE_BYTES = 16;

/**
 * Whether clients reach the broker: at the address it listens on, and at those that it tells them, which is where they
 * really connect to. Beside a running broker that one is asked; before a run its place is taken for a moment.
 */
export async function checkNetwork(settings: NetworkSettings, io: DoctorIo): Promise<Finding[]> {
  const local = reachable(settings.listen);
  let broker: BrokerIdentity | null;
  try {
    broker = await askIdentity(local, settings, io);
  } catch (error) {
    if (error instanceof ProtocolError) broker = null;
    else if (error instanceof KliteError && error.code === "CONNECTION_CLOSED") {
      return await checkBeforeRun(settings, io);
    } else if (error instanceof KliteError) {
      return [
        wrong("broker", error.message, "Name a file with the authorities of its certificate by --tls-ca."),
      ];
    } else throw error;
  }
  if (broker === null) {
    return [
      wrong(
        "broker",
        `what listens on ${formatAddress(local)} is not a Kafka broker`,
        "End that program, or choose another --listen. A broker that speaks TLS there is asked with --tls-ca.",
      ),
    ];
  }
  const { clusterId, nodeId, told } = broker;
  const findings = [
    ok("broker", `a broker answers on ${formatAddress(local)}: cluster ${clusterId}, node ${nodeId}`),
  ];
  for (const address of told) findings.push(await checkTold(address, broker, settings, io));
  return findings;
}

async function checkTold(
  address: Address,
  broker: BrokerIdentity,
  settings: NetworkSettings,
  io: DoctorIo,
): Promise<Finding> {
  const where = formatAddress(address);
  const { advertised } = settings;
  if (advertised !== null && formatAddress(advertised) !== where) {
    return wrong(
      "advertised",
      `clients are told ${where}, but --advertised-addr here is ${formatAddress(advertised)}`,
      "Restart the broker with the new setting, or run klite doctor with the broker's own flags and variables.",
    );
  }
  let found: BrokerIdentity | null;
  try {
    found = await askIdentity(address, settings, io);
  } catch (error) {
    if (!(error instanceof KliteError || error instanceof ProtocolError)) throw error;
    return wrong(
      "advertised",
      `clients are told ${where}, and cannot connect from here: ${error.message}`,
      "Set --advertised-addr to an address that clients reach: the host's name or address and the port that is open to them.",
    );
  }
  if (found?.clusterId !== broker.clusterId || found.nodeId !== broker.nodeId) {
    return wrong(
      "advertised",
      `clients are told ${where}, which leads to ${
        found === null ? "no Kafka broker" : `cluster ${found.clusterId}`
      }`,
      "Set --advertised-addr to an address that leads to this broker.",
    );
  }
  return reachedBack(address, advertised);
}

async function checkBeforeRun(
  { listen, advertised, timeoutMs }: NetworkSettings,
  io: DoctorIo,
): Promise<Finding[]> {
  const findings = [skipped("broker", `no broker answers on ${formatAddress(reachable(listen))}`)];
  let listener: Listener;
  try {
    listener = io.network.listen(listen);
  } catch (error) {
    if (!(error instanceof KliteError)) throw error;
    return [
      ...findings,
      wrong("listen", error.message, "Choose another --listen, or end the program that has this one."),
    ];
  }
  try {
    findings.push(ok("listen", `${formatAddress(listen)} can be listened on`));
    const target = advertised ?? reachable(listener.address);
    const problem = await leadsTo(target, listener, timeoutMs, io);
    if (problem === null) findings.push(reachedBack(target, advertised));
    else {
      findings.push(
        wrong(
          "advertised",
          `clients will be told ${formatAddress(target)}, which does not lead here: ${problem}`,
          "Set --advertised-addr to an address that clients reach, and see that its port is forwarded to this one.",
        ),
      );
    }
  } finally {
    listener.close();
  }
  return findings;
}

function reachedBack(address: Address, advertised: Address | null): Finding {
  const where = formatAddress(address);
  if (advertised === null) {
    return ok(
      "advertised",
      "each client is told the address that it used itself; that is not translated on the way here",
    );
  }
  if (/^(?:localhost|127\.|::1$)/.test(address.host)) {
    return warning(
      "advertised",
      `clients are told ${where}, which leads back to this broker on this machine only`,
      "That is right if all clients run here. Else set --advertised-addr to this machine's name.",
    );
  }
  return ok("advertised", `clients are told ${where}, which leads back to this broker`);
}

/** Why what connects to `target` does not come out at `listener`; `null` when it does. */
async function leadsTo(
  target: Address,
  listener: Listener,
  timeoutMs: number,
  { clock, dialer, random }: DoctorIo,
): Promise<string | null> {
  const nonce = random.bytes(NONCE_BYTES);
  const arrived = Promise.withResolvers<string | null>();
  const timer = clock.setTimer(timeoutMs, () => arrived.resolve("somebody else answers there"));
  const accepting = (async () => {
    for (let socket = await listener.accept(); socket !== null; socket = await listener.accept()) {
      const accepted = socket;
      void firstBytes(accepted).then((bytes) => {
        if (equalBytes(bytes, nonce)) arrived.resolve(null);
        accepted.close();
      });
    }
  })();
  try {
    const socket = await dialer.connect(target, timeoutMs);
    try {
      await socket.write(nonce);
      return await arrived.promise;
    } finally {
      socket.close();
    }
  } catch (error) {
    if (error instanceof KliteError) return error.message;
    throw error;
  } finally {
    timer.cancel();
    listener.close();
    await accepting;
  }
}

/** What a connection begins with; less if it ends before. */
async function firstBytes(socket: Socket): Promise<Uint8Array> {
  const bytes = new Uint8Array(NONCE_BYTES);
  let length = 0;
  try {
    while (length < NONCE_BYTES) {
      const count = await socket.read(bytes.subarray(length));
      if (count === null) break;
      length += count;
    }
  } catch (error) {
    // Whoever else connects here may go as it likes.
    if (!(error instanceof KliteError)) throw error;
  }
  return bytes.subarray(0, length);
}

/** What listens on every interface is asked on the nearest one. */
function reachable({ host, port }: Address): Address {
  return { host: isEveryInterface(host) ? "localhost" : host, port };
}
