/**
 * A broker with authentication on all its listeners, a client that has logged in and behaves, and beside it one attack
 * after the other. All of them have to fail with the right error, memory must stay bounded, the client must
 * notice nothing, and somebody honest must be able to come in at any time.
 */
import { Bystander } from "../hostile/bystander.ts";
import { alterScram, becomeAnother, breakOrder, bruteForce, enumerateUsers } from "./password_attacks.ts";
import { flood, floodTls, forbiddenFrames, holdFrames, outstay } from "./frame_attacks.ts";
import { abuseDelegationTokens, forgeCertificates, forgeTokens } from "./identity_attacks.ts";
import { ConnectionEnded, type WireClient } from "../support/wire_client.ts";
import { Target } from "./target.ts";

/** What the broker may take, whatever is tried. */
export const MEMORY_BYTES_MAX = 256 * 2 ** 20;

/** How long somebody honest may try to come in. */
const COME_IN_MS = 10_000;
const BETWEEN_TRIES_MS = 100;

/** How much of everything. */
export interface AttackScale {
  /** Passwords to guess. */
  readonly guesses: number;
  /** Connections of each flood. */
  readonly flooding: number;
  /** Connections that each hold a large frame. */
  readonly holding: number;
  /** Connections that stay until the deadline, which takes that long; 0 for none. */
  readonly outstaying: number;
}

/** What came of one attack. */
export interface AttackOutcome {
  readonly name: string;
  readonly attempts: number;
  /** The most memory that the broker had held by the end of it. */
  readonly peakBytes: number;
  /** How long the attack took, in milliseconds. */
  readonly tookMs: number;
  /** The longest round of the client beside. */
  readonly slowestMs: number;
}

/** Runs all attacks; throws when one has come to anything. */
export async function runAttacks(
  scale: AttackScale,
  report: (outcome: AttackOutcome) => void = () => {},
): Promise<AttackOutcome[]> {
  await using target = await Target.start();
  const { broker } = target;
  try {
    const bystander = await Bystander.with(await target.alice());
    const outcomes: AttackOutcome[] = [];
    try {
      for (const [name, attack] of attacksOn(target, bystander, scale)) {
        const beganMs = performance.now();
        const attempts = await attack().catch((error) => {
          throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
        });
        await honestClients(target, bystander);
        const peakBytes = broker.peakResidentBytes();
        const tookMs = performance.now() - beganMs;
        const outcome = { name, attempts, tookMs, peakBytes, slowestMs: bystander.takeSlowestMs() };
        outcomes.push(outcome);
        report(outcome);
      }
    } finally {
      await bystander.stop();
    }
    const { code } = await broker.stop();
    if (code !== 0) throw new Error(`the broker stopped with exit code ${code}`);
    checkLog(target);
    return outcomes;
  } catch (error) {
    throw new Error(`an attack came to something; the broker said:\n${broker.log().slice(-3000)}`, {
      cause: error,
    });
  }
}

function attacksOn(
  target: Target,
  bystander: Bystander,
  { guesses, flooding, holding, outstaying }: AttackScale,
): readonly (readonly [string, () => Promise<number>])[] {
  const meanwhile = () => honestClients(target, bystander);
  return [
    ["guessed passwords", () => bruteForce(target, guesses)],
    ["who is a user", () => enumerateUsers(target)],
    ["altered messages of SCRAM", () => alterScram(target)],
    ["messages out of order", () => breakOrder(target)],
    ["becoming another", () => becomeAnother(target)],
    ["forged tokens", () => forgeTokens(target)],
    ["forged certificates", () => forgeCertificates(target)],
    ["abused delegation tokens", () => abuseDelegationTokens(target)],
    ["frames that strangers may not send", () => forbiddenFrames(target)],
    ["frames that are held", () => holdFrames(target, holding, meanwhile)],
    ["a flood of connections", () => flood(target, flooding, meanwhile)],
    ["a flood of handshakes", () => floodTls(target, flooding, meanwhile)],
    ["staying without a name", () => outstay(target, outstaying)],
  ];
}

/** Whoever is in goes on, and whoever has the right to comes in, over any listener. */
async function honestClients(target: Target, bystander: Bystander): Promise<void> {
  await bystander.nextRound();
  await using _newcomer = await comeIn(target);
  const identity = await target.authority.issue({ subject: "CN=bob", use: "client" });
  await using _certified = await target.overTls(target.ports.certificates, identity);
  if (target.broker.exit !== null) throw new Error(`the broker ended with code ${target.broker.exit.code}`);
}

/**
 * As clients do, more than once: of those who have yet to authenticate the newest of an address with too many may have to
 * go, and here the attackers have the address of everybody else.
 */
async function comeIn(target: Target): Promise<WireClient> {
  const giveUpAt = performance.now() + COME_IN_MS;
  for (;;) {
    try {
      return await target.alice("SCRAM-SHA-512");
    } catch (error) {
      if (!(error instanceof ConnectionEnded) || performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }
}

/** Failures are told, nothing was a fault of the broker's, and no secret stands there. */
function checkLog({ broker, secrets }: Target): void {
  const lines = broker.log().split("\n");
  const faults = lines.filter((line) => line.includes('"level":"error"'));
  if (faults.length > 0) {
    throw new Error(`the broker found faults of its own: ${faults.slice(0, 5).join("\n")}`);
  }
  if (!lines.some((line) => line.includes("authenticat"))) {
    throw new Error("no failed authentication was told");
  }
  const leaked = secrets.find((secret) => lines.some((line) => line.includes(secret)));
  if (leaked !== undefined) throw new Error(`the log has a secret: ${leaked}`);
}
