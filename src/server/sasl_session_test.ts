import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../base/error_codes.ts";
import { ANONYMOUS } from "../base/principal.ts";
import { SimClock } from "../io/sim/clock.ts";
import { ApiKey } from "../protocol/mod.ts";
import { SaslSession, type SessionFailure, type SessionHost } from "./sasl_session.ts";
import { TrustingAuthenticator, utf8 } from "./sasl_world_test.ts";

const LISTENER = { name: "TESTED", protocol: "SASL_SSL", advertised: null } as const;
const REMOTE = { host: "10.0.0.1", port: 1 };

class TestHost implements SessionHost {
  readonly clock = new SimClock();
  readonly authenticator = new TrustingAuthenticator(this.clock);
  readonly failureDelayMs = 100;
  readonly failures: SessionFailure[] = [];
  succeededTimes = 0;

  constructor(readonly maxSessionMs = 0) {}

  succeeded(): void {
    this.succeededTimes++;
  }

  failed(failure: SessionFailure): void {
    this.failures.push(failure);
  }

  begin(): SaslSession {
    return new SaslSession(this, { listener: LISTENER, remote: REMOTE });
  }
}

/** What a client may do, as often and in whatever order it likes. */
const MOVES = [
  "versions",
  "handshake",
  "bare",
  "other",
  "unknown",
  "alice",
  "mallory",
  "more",
  "no",
  "metadata",
  "wait",
];
const MOVE = fc.constantFrom(...MOVES);

function keyOf(move: string): number {
  if (move === "versions") return ApiKey.ApiVersions;
  if (["handshake", "bare", "other", "unknown"].includes(move)) return ApiKey.SaslHandshake;
  return move === "metadata" ? ApiKey.Metadata : ApiKey.SaslAuthenticate;
}

async function make(session: SaslSession, move: string): Promise<void> {
  if (move === "versions") session.versionsTold();
  else if (keyOf(move) === ApiKey.SaslHandshake) {
    const mechanism = move === "other" ? "ALSO" : move === "unknown" ? "NONE" : "TRUST";
    session.handshake(mechanism, move === "bare" ? 0 : 1);
  } else if (move !== "metadata") {
    const message = utf8(["alice", "mallory"].includes(move) ? `am ${move}` : move);
    if (session.takesMessage) await session.takeMessage(message);
    else await session.authenticate(message);
  }
}

Deno.test("whatever a client tries, it is served only after a success, as whom it was then, and never after a failure", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(MOVE, { maxLength: 30 }), fc.boolean(), async (moves, ends) => {
      const host = new TestHost(ends ? 5000 : 0);
      const session = host.begin();
      let who = ANONYMOUS.text;
      for (const move of moves) {
        if (move === "wait") {
          await host.clock.advance(2000);
          continue;
        }
        const nowMs = host.clock.monotonicMs();
        const successes = host.succeededTimes;
        const passes = session.passes(ApiKey.Metadata, nowMs);
        assert.ok(!passes || successes > 0);
        const mayCome = session.takesMessage
          ? keyOf(move) === ApiKey.SaslAuthenticate
          : session.mayCome(keyOf(move), nowMs);
        if (mayCome) await make(session, move);
        else session.refuse(move);
        if (host.succeededTimes > successes && who === ANONYMOUS.text) who = session.principal.text;
        assert.equal(session.principal.text, who, "a client stays who it is");
        if (!session.hasFailed) continue;
        assert.ok(host.failures.length <= 1);
        for (const key of Object.values(ApiKey)) assert.ok(!session.mayCome(key, nowMs));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("a failure is told of once, whether or not the client waits to learn of it", async () => {
  for (const goesOn of [false, true]) {
    const host = new TestHost();
    const session = host.begin();
    session.handshake("TRUST", 1);
    assert.equal((await session.authenticate(utf8("doubt"))).errorCode, ErrorCode.NONE);
    assert.deepEqual(host.failures.map(({ reason }) => reason), ["the token is bad"]);
    if (goesOn) await session.authenticate(utf8("\x01"));
    else assert.equal(session.refuse("Metadata"), null);
    assert.ok(session.hasFailed);
    assert.equal(host.failures.length, 1);
  }
});

Deno.test("what was shown counts as long as the operator says, and no longer than it says itself", async () => {
  for (
    const [maxSessionMs, message, lifetimeMs] of [
      [0, "am alice", 0],
      [1000, "am alice", 1000],
      [0, "am alice until 700", 700],
      [1000, "am alice until 700", 700],
      [500, "am alice until 700", 500],
    ] as const
  ) {
    const host = new TestHost(maxSessionMs);
    const session = host.begin();
    session.handshake("TRUST", 1);
    assert.equal((await session.authenticate(utf8("more"))).sessionLifetimeMs, 0);
    assert.equal((await session.authenticate(utf8(message))).sessionLifetimeMs, lifetimeMs);
    const endMs = host.clock.monotonicMs() + (lifetimeMs === 0 ? Infinity : lifetimeMs);
    assert.ok(session.passes(ApiKey.Produce, endMs));
    assert.equal(session.passes(ApiKey.Produce, endMs + 1), lifetimeMs === 0);
  }
});

Deno.test("what has ended already is good for nothing", async () => {
  const host = new TestHost();
  const session = host.begin();
  session.handshake("TRUST", 1);
  assert.equal((await session.authenticate(utf8("am alice until 0"))).errorCode, ErrorCode.NONE);
  await host.clock.advance(1);
  assert.ok(!session.passes(ApiKey.Produce, host.clock.monotonicMs()));
});
