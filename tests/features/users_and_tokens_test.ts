/** Users and delegation tokens that clients make: what they are good for at once, and after a restart. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { describeUserScramCredentialsRequest } from "../../src/protocol/generated/describe_user_scram_credentials_request.ts";
import { describeUserScramCredentialsResponse } from "../../src/protocol/generated/describe_user_scram_credentials_response.ts";
import { expireDelegationTokenRequest } from "../../src/protocol/generated/expire_delegation_token_request.ts";
import { expireDelegationTokenResponse } from "../../src/protocol/generated/expire_delegation_token_response.ts";
import { authenticateScram, type ScramMechanism } from "../support/sasl_client.ts";
import { askForToken, removePassword, setPassword } from "../support/security_requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import { WireClient } from "../support/wire_client.ts";

const MECHANISMS: readonly ScramMechanism[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];
/** Kafka's code for somebody who is not let in. */
const REFUSED = 58;

/** A broker with a listener for users, who are at home in SCRAM, and one for an administrator. */
async function start(secret: string): Promise<{ readonly broker: TestBroker; readonly secretFile: string }> {
  const secretFile = await Deno.makeTempFile({ prefix: "klite-token-secret-" });
  await Deno.writeTextFile(secretFile, `${secret}\n`);
  const admin = { name: "ADMIN", protocol: "PLAINTEXT", address: { host: "127.0.0.1", port: 0 } } as const;
  const broker = await TestBroker.start({
    config: {
      saslEnabled: true,
      saslMechanisms: MECHANISMS,
      moreListeners: [admin],
      tokenSecretFile: secretFile,
    },
  });
  return { broker, secretFile };
}

function connectAdmin(broker: TestBroker): Promise<WireClient> {
  return WireClient.connect(broker.running.addresses.get("ADMIN")?.port ?? 0);
}

async function userNames(client: WireClient): Promise<string[]> {
  const answer = await client.send(
    describeUserScramCredentialsRequest,
    describeUserScramCredentialsResponse,
    0,
    { users: null },
  );
  return answer.results.map(({ user }) => user);
}

/** A connection of somebody who tries to log in, and the error code that they get. */
async function logIn(
  broker: TestBroker,
  user: string,
  mechanism: ScramMechanism,
  password: string,
  isToken = false,
) {
  const client = await broker.connect();
  const { answer } = await authenticateScram(client, { mechanism, user, password, isToken });
  return { client, errorCode: answer.errorCode };
}

Deno.test("a user that was made can log in at once and after a restart, with either mechanism, until it is removed", async () => {
  const { broker, secretFile } = await start("secret");
  await using _broker = broker;
  let admin = await connectAdmin(broker);
  const errorCodes = async (password: string) => {
    const outcomes = await Promise.all(
      MECHANISMS.map((mechanism) => logIn(broker, "ann", mechanism, password)),
    );
    return outcomes.map(({ errorCode }) => errorCode);
  };
  const restart = async () => {
    await admin[Symbol.asyncDispose]();
    await broker.restart();
    admin = await connectAdmin(broker);
  };
  deepStrictEqual(await errorCodes("first"), [REFUSED, REFUSED]);
  await setPassword(admin, "ann", "SCRAM-SHA-256", "first");
  deepStrictEqual(await errorCodes("first"), [0, REFUSED]);
  await setPassword(admin, "ann", "SCRAM-SHA-512", "first");
  deepStrictEqual(await errorCodes("first"), [0, 0]);
  await restart();
  deepStrictEqual(await errorCodes("first"), [0, 0]);
  deepStrictEqual(await errorCodes("wrong"), [REFUSED, REFUSED]);
  await setPassword(admin, "ann", "SCRAM-SHA-256", "second");
  deepStrictEqual(await errorCodes("first"), [REFUSED, 0]);
  deepStrictEqual(await errorCodes("second"), [0, REFUSED]);
  for (const mechanism of MECHANISMS) await removePassword(admin, "ann", mechanism);
  deepStrictEqual(await errorCodes("second"), [REFUSED, REFUSED]);
  await restart();
  deepStrictEqual(await errorCodes("second"), [REFUSED, REFUSED]);
  deepStrictEqual(await userNames(admin), []);
  await admin[Symbol.asyncDispose]();
  await Deno.remove(secretFile);
});

Deno.test("a token logs in as its owner, over restarts, until it expires or the broker's secret is another", async () => {
  const { broker, secretFile } = await start("secret");
  await using _broker = broker;
  const admin = await connectAdmin(broker);
  await setPassword(admin, "ann", "SCRAM-SHA-256", "password");
  await admin[Symbol.asyncDispose]();
  const ann = await logIn(broker, "ann", "SCRAM-SHA-256", "password");
  const { errorCode, tokenId, hmac } = await askForToken(ann.client);
  strictEqual(errorCode, 0);
  const password = hmac.toBase64();
  const errorCodes = async (secret = password, isToken = true) => {
    const outcomes = await Promise.all(
      MECHANISMS.map((mechanism) => logIn(broker, tokenId, mechanism, secret, isToken)),
    );
    return outcomes.map((outcome) => outcome.errorCode);
  };
  deepStrictEqual(await errorCodes(), [0, 0]);
  deepStrictEqual(await errorCodes("another"), [REFUSED, REFUSED]);
  deepStrictEqual(await errorCodes(password, false), [REFUSED, REFUSED]);
  await broker.restart();
  deepStrictEqual(await errorCodes(), [0, 0]);
  const withToken = await logIn(broker, tokenId, "SCRAM-SHA-256", password, true);
  const refused = await askForToken(withToken.client);
  // Who it is that may not make another is said all the same.
  deepStrictEqual([refused.errorCode, refused.principalName], [64, "ann"]);

  await Deno.writeTextFile(secretFile, "another secret");
  await broker.restart();
  deepStrictEqual(await errorCodes(), [REFUSED, REFUSED]);
  await Deno.writeTextFile(secretFile, "secret");
  await broker.restart();
  deepStrictEqual(await errorCodes(), [0, 0]);
  const annAgain = await logIn(broker, "ann", "SCRAM-SHA-256", "password");
  const gone = await annAgain.client.send(expireDelegationTokenRequest, expireDelegationTokenResponse, 2, {
    hmac,
    expiryTimePeriodMs: -1,
  });
  strictEqual(gone.errorCode, 0);
  deepStrictEqual(await errorCodes(), [REFUSED, REFUSED]);
  const said = JSON.stringify(broker.events);
  for (const secret of [password, hmac.toHex(), "another secret"]) ok(!said.includes(secret));
  ok(said.includes(`delegation token ${tokenId} of User:ann made`));
  await Deno.remove(secretFile);
});
