/** Attacks with what others have signed, or not: tokens of an identity provider, certificates, delegation tokens. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { apiVersionsRequest } from "../../src/protocol/generated/api_versions_request.ts";
import { apiVersionsResponse } from "../../src/protocol/generated/api_versions_response.ts";
import { inParallel } from "../clients/outcome.ts";
import { requestFrame } from "../hostile/frames.ts";
import { CertificateAuthority, type Identity } from "../support/certificates.ts";
import { TokenIssuer, withClaims } from "../support/json_web_tokens.ts";
import { authenticatePlain, authenticateScram, authenticateToken } from "../support/sasl_client.ts";
import { askForToken } from "../support/security_requests.ts";
import type { WireClient } from "../support/wire_client.ts";
import { ALICE, type Target } from "./target.ts";

const DAY_MS = 86_400_000;
const SIDE_BY_SIDE = 8;
const VERSIONS = { clientSoftwareName: "attack", clientSoftwareVersion: "1" };
const ASK_VERSIONS = requestFrame(apiVersionsRequest, 3, VERSIONS);

/** Tokens that are expired, forged, altered or for others. */
export async function forgeTokens(target: Target): Promise<number> {
  const { tokens } = target;
  const { user } = ALICE;
  const nowS = Math.floor(Date.now() / 1000);
  const stranger = await TokenIssuer.create();
  const honest = await tokens.token(user);
  const claims = (changed: Readonly<Record<string, unknown>>) => tokens.token(user, { claims: changed });
  const forged: readonly (readonly [string, string])[] = [
    ["expired", await claims({ iat: nowS - 7200, exp: nowS - 3600 })],
    ["without an end", await claims({ exp: undefined })],
    ["not valid yet", await claims({ nbf: nowS + 3600 })],
    ["of another issuer", await claims({ iss: "https://elsewhere.test" })],
    ["for another audience", await claims({ aud: "somebody-else" })],
    ["for nobody", await claims({ sub: undefined })],
    ["for an empty name", await claims({ sub: "" })],
    ["signed by a stranger", await stranger.token(user)],
    ["with a key of its own", await stranger.token(user, { header: { jwk: stranger.publicKey } })],
    [
      "with a key from elsewhere",
      await stranger.token(user, { header: { jku: "https://elsewhere.test/keys" } }),
    ],
    ["with an unknown key", await tokens.token(user, { header: { kid: "unknown" } })],
    [
      "with an extension that must be understood",
      await tokens.token(user, { header: { crit: ["x"], x: 1 } }),
    ],
    ["unsigned", tokens.unsigned(user)],
    ["signed with the public key", await tokens.signedWithPublicKey(user)],
    ["with another payload", withClaims(await tokens.token("mallory"), { sub: user })],
    ["without its signature", honest.replace(/\.[^.]*$/, ".")],
    ["cut short", honest.slice(0, -10)],
    ["of one part", "nothing"],
    ["empty", ""],
    ["of dots", "..".repeat(1000)],
    ["of 400 kB", `${honest}${"A".repeat(400_000)}`],
  ];
  await inParallel(forged, SIDE_BY_SIDE, async ([what, token]) => {
    await using client = await target.stranger();
    const { answer, complaint } = await authenticateToken(client, token);
    assert.equal(answer.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED, `a token ${what}`);
    if (complaint !== "") assert.equal(JSON.parse(complaint).status, "invalid_token", what);
    assert.ok(!(answer.errorMessage ?? "").includes(token) || token === "", what);
    await client.closedByBroker();
  });
  await using client = await target.stranger();
  assert.equal((await authenticateToken(client, honest)).answer.errorCode, 0);
  return forged.length;
}

/** Certificates that do not count, or none: no request is answered. */
export async function forgeCertificates(target: Target): Promise<number> {
  const { authority } = target;
  const subject = `CN=${ALICE.user}`;
  const other = await CertificateAuthority.create();
  const forged: readonly (readonly [string, Identity | undefined])[] = [
    ["none", undefined],
    ["of another authority with the same name", await other.issue({ subject, use: "client" })],
    ["expired", await authority.issue({ subject, use: "client", validMs: [-2 * DAY_MS, -DAY_MS] })],
    ["not valid yet", await authority.issue({ subject, use: "client", validMs: [DAY_MS, 2 * DAY_MS] })],
    ["for servers", await authority.issue({ subject, use: "server" })],
  ];
  for (const [what, identity] of forged) {
    assert.ok(await isRefused(target, identity), `a certificate ${what}`);
  }
  const honest = await authority.issue({ subject, use: "client" });
  await using client = await target.overTls(target.ports.certificates, honest);
  await ask(client);
  return forged.length;
}

/** Delegation tokens that are altered, made up, or used for more than they are for. */
export async function abuseDelegationTokens(target: Target): Promise<number> {
  await using alice = await target.alice();
  const { tokenId, hmac, errorCode } = await askForToken(alice);
  assert.equal(errorCode, 0);
  const mechanism = "SCRAM-SHA-256";
  const token = { mechanism, user: tokenId, password: hmac.toBase64(), isToken: true } as const;
  const altered = hmac.with(0, hmac[0]! ^ 1).toBase64();
  const abuses = [
    { ...token, password: altered },
    { ...token, user: "no-such-token" },
    { ...token, user: ALICE.user, password: ALICE.password },
    { ...token, isToken: false },
  ];
  for (const abuse of abuses) {
    await using client = await target.stranger();
    const { answer } = await authenticateScram(client, abuse);
    assert.equal(answer.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
  }
  {
    await using client = await target.stranger();
    const { errorCode } = await authenticatePlain(client, tokenId, hmac.toBase64());
    assert.equal(errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
  }
  await using bearer = await target.stranger();
  assert.equal((await authenticateScram(bearer, token)).answer.errorCode, 0);
  // A token makes no tokens.
  assert.equal((await askForToken(bearer)).errorCode, ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
  return abuses.length + 2;
}

async function ask(client: WireClient): Promise<void> {
  const answer = await client.send(apiVersionsRequest, apiVersionsResponse, 3, VERSIONS);
  assert.equal(answer.errorCode, 0);
}

/** Whether the handshake fails; over TLS 1.3 clients learn of it when they read. */
async function isRefused(target: Target, identity: Identity | undefined): Promise<boolean> {
  try {
    using connection = await target.connectTls(target.ports.certificates, identity);
    await connection.write(ASK_VERSIONS);
    return await connection.read(new Uint8Array(1)) === null;
  } catch (error) {
    if (error instanceof Error && /peer|alert|tls|eof|reset|corrupt|decrypt/i.test(error.message)) {
      return true;
    }
    throw error;
  }
}
