/** Attacks on passwords: guesses, messages of SCRAM that were altered, steps out of their order. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { inParallel } from "../clients/outcome.ts";
import {
  authenticatePlain,
  authenticateScram,
  continueScram,
  handshake,
  type ScramMechanism,
  type ScramOptions,
  type ScramOutcome,
  sendMessage,
} from "../support/sasl_client.ts";
import { ConnectionEnded } from "../support/wire_client.ts";
import { ALICE, MALLORY, type Target } from "./target.ts";

const { SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM } = ErrorCode;
const SIDE_BY_SIDE = 16;
const MECHANISMS: readonly ScramMechanism[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

/** Many passwords for one user. Each is refused, and each connection ends. */
export async function bruteForce(target: Target, guesses: number): Promise<number> {
  const passwords = ["", " ", ...Array.from({ length: guesses }, (_, index) => `guess ${index}`)];
  await inParallel(passwords, SIDE_BY_SIDE, async (password) => {
    await refusedPlain(target, ALICE.user, password);
    const { answer } = await refusedScram(target, { mechanism: "SCRAM-SHA-256", user: ALICE.user, password });
    assert.equal(answer.errorMessage?.includes(ALICE.password), false);
  });
  return 2 * passwords.length;
}

/** Whether somebody is a user cannot be told: strangers get the same steps, salts that stay, and the same words. */
export async function enumerateUsers(target: Target): Promise<number> {
  let sent = 0;
  for (const mechanism of MECHANISMS) {
    const attempts: ScramOutcome[] = [];
    for (const user of [ALICE.user, "nobody", "nobody", "no-one"]) {
      attempts.push(await refusedScram(target, { mechanism, user, password: "a guess" }));
      sent++;
    }
    const [known, ...unknown] = attempts;
    assert.ok(known !== undefined && known.challenge !== null);
    for (const { answer, challenge } of unknown) {
      assert.equal(answer.errorMessage, known.answer.errorMessage);
      assert.equal(challenge?.iterations, known.challenge.iterations);
      assert.equal(challenge?.salt.length, known.challenge.salt.length);
    }
    const [first, again, other] = unknown.map(({ challenge }) => challenge?.salt);
    assert.equal(first, again, "a stranger's salt stays");
    assert.notEqual(first, other, "strangers have salts of their own");
  }
  const said = await Promise.all(
    [ALICE.user, "nobody"].map((user) => refusedPlain(target, user, "a guess")),
  );
  assert.equal(said[0], said[1]);
  return sent + said.length;
}

const flipFirst = (text: string) => (text.startsWith("A") ? "B" : "A") + text.slice(1);

/** Changes to a good client's messages, each of which has to spoil them. */
const ALTERATIONS: readonly (Pick<ScramOptions, "alterFirst" | "alterFinal"> & { readonly what: string })[] =
  [
    { what: "another nonce", alterFinal: (text) => text.replace(/r=[^,]+/, "r=other") },
    { what: "a longer nonce", alterFinal: (text) => text.replace(/r=([^,]+)/, "r=$1x") },
    { what: "a shorter nonce", alterFinal: (text) => text.replace(/r=([^,]+)./, "r=$1") },
    {
      what: "an altered proof",
      alterFinal: (text) => text.replace(/p=(.*)$/, (_, proof) => `p=${flipFirst(proof)}`),
    },
    { what: "a short proof", alterFinal: (text) => text.replace(/p=.*$/, "p=AAAA") },
    { what: "no proof", alterFinal: (text) => text.replace(/,p=.*$/, "") },
    { what: "a proof that is no base64", alterFinal: (text) => text.replace(/p=.*$/, "p=***") },
    { what: "channel binding", alterFinal: (text) => text.replace("c=biws", "c=eSws") },
    { what: "channel binding from the start", alterFirst: (text) => text.replace(/^n,,/, "p=tls-unique,,") },
    { what: "another's name to act for", alterFirst: (text) => text.replace(/^n,,/, "n,a=mallory,") },
    { what: "a mandatory extension", alterFirst: (text) => text.replace("n,,n=", "n,,m=x,n=") },
    { what: "no name", alterFirst: (text) => text.replace(/n=alice/, "n=") },
    { what: "no nonce", alterFirst: (text) => text.replace(/,r=.*$/, "") },
    { what: "an empty message", alterFirst: () => "" },
    { what: "no text", alterFirst: () => "\u0000\u0001\u0002".repeat(1000) },
    { what: "a very long name", alterFirst: (text) => text.replace("n=alice", `n=${"a".repeat(400_000)}`) },
    { what: "a very long nonce", alterFirst: (text) => text + "n".repeat(400_000) },
  ];

/** SCRAM with the right password in altered messages, and somebody else's messages again. */
export async function alterScram(target: Target): Promise<number> {
  const altered = ALTERATIONS.flatMap((alteration) =>
    MECHANISMS.map((mechanism) => ({ mechanism, ...alteration }))
  );
  await inParallel(
    altered,
    SIDE_BY_SIDE,
    ({ what, ...alteration }) =>
      refused(target, what, async (client) => {
        const { answer } = await authenticateScram(client, { ...ALICE, ...alteration });
        return answer.errorCode;
      }),
  );
  // A whole conversation that was overheard.
  let overheard = "";
  await using alice = await target.stranger();
  const nonce = "the-same-nonce";
  const listen = { alterFinal: (text: string) => overheard = text };
  const good = await authenticateScram(alice, { mechanism: "SCRAM-SHA-256", ...ALICE, nonce, ...listen });
  assert.equal(good.answer.errorCode, 0);
  const replay = { mechanism: "SCRAM-SHA-256", ...ALICE, nonce, alterFinal: () => overheard } as const;
  await refused(
    target,
    "a replay",
    async (client) => (await authenticateScram(client, replay)).answer.errorCode,
  );
  return altered.length + 2;
}

/** Messages that come too early, too late or twice. */
export async function breakOrder(target: Target): Promise<number> {
  {
    await using client = await target.stranger();
    await assert.rejects(sendMessage(client, "\0alice\0x"), ConnectionEnded, "no handshake");
  }
  await refused(target, "GSSAPI", async (client) => (await handshake(client, "GSSAPI")).errorCode, [
    UNSUPPORTED_SASL_MECHANISM,
  ]);
  await refused(target, "a final message first", async (client) => {
    await handshake(client, "SCRAM-SHA-256");
    return (await sendMessage(client, "c=biws,r=x,p=AAAA")).errorCode;
  });
  const malformed = ["", "\0", "\0\0", "alice", "\0alice", "x\0y\0z\0w", "\0".repeat(100_000), "\0\ud800\0x"];
  await inParallel(
    malformed,
    SIDE_BY_SIDE,
    (message) =>
      refused(target, `PLAIN ${JSON.stringify(message.slice(0, 20))}`, async (client) => {
        await handshake(client, "PLAIN");
        return (await sendMessage(client, message)).errorCode;
      }),
  );
  return malformed.length + 3;
}

/** Whoever is somebody cannot become somebody else on the way. */
export async function becomeAnother(target: Target): Promise<number> {
  const { mechanism } = { mechanism: "SCRAM-SHA-256" } as const;
  const asMallory = async () => {
    const client = await target.stranger();
    const { answer } = await authenticateScram(client, { mechanism, ...MALLORY });
    assert.equal(answer.errorCode, 0);
    return client;
  };
  {
    await using client = await asMallory();
    const { answer } = await authenticateScram(client, { mechanism, ...ALICE });
    assert.equal(answer.errorCode, SASL_AUTHENTICATION_FAILED);
    await client.closedByBroker();
  }
  {
    await using client = await asMallory();
    const { answer } = await authenticateScram(client, { mechanism, ...MALLORY, password: "another" });
    assert.equal(answer.errorCode, SASL_AUTHENTICATION_FAILED);
    await client.closedByBroker();
  }
  {
    await using client = await asMallory();
    // The very same user, by a way that shows less.
    await assert.rejects(authenticatePlain(client, MALLORY.user, MALLORY.password), ConnectionEnded);
  }
  {
    await using client = await asMallory();
    await handshake(client, mechanism);
    assert.equal((await continueScram(client, { mechanism, ...MALLORY })).answer.errorCode, 0);
  }
  return 4;
}

/** Answers the words of the refusal. */
async function refusedPlain(target: Target, user: string, password: string): Promise<string | null> {
  await using client = await target.stranger();
  const { errorCode, errorMessage } = await authenticatePlain(client, user, password);
  assert.equal(errorCode, SASL_AUTHENTICATION_FAILED);
  await client.closedByBroker();
  return errorMessage;
}

async function refusedScram(target: Target, options: ScramOptions): Promise<ScramOutcome> {
  await using client = await target.stranger();
  const outcome = await authenticateScram(client, options);
  assert.equal(outcome.answer.errorCode, SASL_AUTHENTICATION_FAILED);
  await client.closedByBroker();
  return outcome;
}

/** The attempt has to end with an error of these, and with the connection. */
async function refused(
  target: Target,
  what: string,
  attempt: (client: Awaited<ReturnType<Target["stranger"]>>) => Promise<number>,
  due: readonly number[] = [SASL_AUTHENTICATION_FAILED],
): Promise<void> {
  await using client = await target.stranger();
  let errorCode: number;
  try {
    errorCode = await attempt(client);
  } catch (error) {
    if (error instanceof ConnectionEnded) throw new Error(`${what} got no answer`, { cause: error });
    throw error;
  }
  assert.ok(due.includes(errorCode), `${what} met ${errorCode}`);
  await client.closedByBroker();
}
