import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { CertificateAuthority, type Identity, writeIdentity } from "../../../tests/support/certificates.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { ClientAuth, Listener, Socket, TlsContext, TlsSource, TlsTexts } from "../network.ts";
import { DenoNetwork } from "./network.ts";

const DAY_MS = 86_400_000;

const authority = await CertificateAuthority.create("klite");
const stranger = await CertificateAuthority.create("somebody else");
const newServer = () => authority.issue({ subject: "CN=localhost", use: "server" });
const server = await newServer();
const alice = await authority.issue({ subject: "CN=alice,O=klite", use: "client" });
const clientCa = authority.certificate;

/** A TLS listener that answers each message with itself. */
class Echo {
  readonly refused: string[] = [];
  readonly peers: (Uint8Array | null)[] = [];
  readonly source: {
    context: TlsContext;
    readonly clientAuth: ClientAuth;
    readonly refused: TlsSource["refused"];
  };
  readonly listener: Listener;
  readonly #serving: Promise<void>;
  readonly #sockets = new Set<Socket>();

  private constructor(network: DenoNetwork, clientAuth: ClientAuth, context: TlsContext) {
    this.source = {
      clientAuth,
      context,
      refused: (_: unknown, reason: string) => void this.refused.push(reason),
    };
    this.listener = network.listen({ host: "127.0.0.1", port: 0 }, this.source);
    this.#serving = this.#serve();
  }

  static async open(
    clientAuth: ClientAuth = "none",
    texts: Partial<TlsTexts> = {},
    network = new DenoNetwork(),
  ): Promise<Echo> {
    return new Echo(network, clientAuth, await network.prepareTls({ ...server, clientCa, ...texts }));
  }

  get port(): number {
    return this.listener.address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener.close();
    this.closeAll();
    await this.#serving;
  }

  /** Until so many were refused; fails after a while. */
  async refusing(count: number): Promise<void> {
    for (let tries = 0; this.refused.length < count; tries++) {
      ok(tries < 500, `${this.refused.length} were refused`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.close();
  }

  async #serve(): Promise<void> {
    const serving: Promise<void>[] = [];
    for (let socket = await this.listener.accept(); socket !== null; socket = await this.listener.accept()) {
      this.peers.push(socket.peer?.der ?? null);
      serving.push(this.#echo(socket));
    }
    await Promise.all(serving);
  }

  async #echo(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await socket.read(buffer);
        if (count === null) break;
        await socket.write(buffer.subarray(0, count));
      }
      await socket.closeWrite();
    } catch (error) {
      ok(error instanceof KliteError && error.code === "CONNECTION_CLOSED", String(error));
    } finally {
      socket.close();
      this.#sockets.delete(socket);
    }
  }
}

/** Says `text`, closes its side, and answers what came back; rejects when the connection did not come about. */
function say(port: number, text: string, options: ConnectionOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = connect({ host: "127.0.0.1", port, ca: clientCa, ...options }, () => client.end(text));
    let answer = "";
    client.on("data", (chunk) => answer += chunk);
    // With TLS 1.3 a client learns that its certificate is refused when it believes to be connected.
    client.on("end", () => answer === "" ? reject(new Error("no answer")) : resolve(answer));
    client.on("error", reject);
    client.on("close", () => reject(new Error("closed")));
  });
}

const certified = ({ certificate, key }: Identity): ConnectionOptions => ({ cert: certificate, key });

/** A client that keeps its connection. */
class Client {
  readonly #socket: TLSSocket;
  /** Resolves when the connection is over. */
  readonly ended: Promise<void>;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => void socket.on("close", () => resolve()));
    socket.on("error", () => socket.destroy());
  }

  static open(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, ca: clientCa, checkServerIdentity: () => undefined };
      const socket = connect(options, () => resolve(new Client(socket)));
      socket.once("error", reject);
    });
  }

  /** Whom the server's certificate names. */
  get subject(): string {
    return String(this.#socket.getPeerCertificate().subject.CN);
  }

  ask(text: string): Promise<string> {
    const answer = new Promise<string>((resolve) =>
      this.#socket.once("data", (chunk) => resolve(String(chunk)))
    );
    this.#socket.write(text);
    return answer;
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    await this.ended;
  }
}

/** What openssl's client says; it speaks versions of TLS that the runtime does not. */
async function openssl(port: number, flags: readonly string[]): Promise<string> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, ...flags];
  const { stdout, stderr } = await new Deno.Command("openssl", { args, stdin: "null" }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** Lets openssl's client, which can take sessions up again, be answered once, or be refused. */
async function sayBy(port: number, flags: readonly string[]): Promise<void> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-quiet", ...flags];
  const client = new Deno.Command("openssl", { args, stdin: "piped", stdout: "piped", stderr: "null" })
    .spawn();
  const writer = client.stdin.getWriter();
  await writer.write(new TextEncoder().encode("hello\n"));
  // One that is answered would go on for ever.
  for await (const _ of client.stdout) {
    client.kill();
    break;
  }
  await writer.abort();
  await client.status;
}

Deno.test("what is written arrives on either side, in parts and in large pieces", async () => {
  await using echo = await Echo.open();
  equal(await say(echo.port, "hello"), "hello");
  const large = "0123456789abcdef".repeat(200_000);
  equal(await say(echo.port, large), large);
  deepEqual(echo.peers, [null, null]);
});

Deno.test("TLS 1.2 and 1.3 are spoken, and nothing older", async () => {
  await using echo = await Echo.open();
  match(await openssl(echo.port, ["-tls1_3"]), /Protocol *: TLSv1\.3|New, TLSv1\.3/);
  match(await openssl(echo.port, ["-tls1_2"]), /New, TLSv1\.2/);
  match(await openssl(echo.port, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]), /Cipher is \(NONE\)/);
  equal(echo.refused.length, 1);
});

const faultyClients: readonly [string, RegExp, () => Promise<Identity>][] = [
  [
    "another authority's",
    /not of an authority.*CN=alice/,
    () => stranger.issue({ subject: "CN=alice", use: "client" }),
  ],
  [
    "expired",
    /it expired on/,
    () => authority.issue({ subject: "CN=alice", use: "client", validMs: [-2 * DAY_MS, -DAY_MS] }),
  ],
  [
    "not in force yet",
    /not valid before/,
    () => authority.issue({ subject: "CN=alice", use: "client", validMs: [DAY_MS, 2 * DAY_MS] }),
  ],
  ["a server's", /not made for clients/, () => authority.issue({ subject: "CN=alice", use: "server" })],
];

for (const clientAuth of ["required", "requested"] as const) {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    Deno.test(`a certificate that is ${clientAuth} is of the right authority, in force and made for clients: ${maxVersion}`, async () => {
      await using echo = await Echo.open(clientAuth);
      equal(await say(echo.port, "hello", { ...certified(alice), maxVersion }), "hello");
      const [peer] = echo.peers;
      equal(new X509Certificate(peer ?? "").subject, "CN=alice\nO=klite");
      for (const [what, reason, issue] of faultyClients) {
        const before = echo.refused.length;
        await rejects(say(echo.port, "hello", { ...certified(await issue()), maxVersion }), Error, what);
        equal(echo.refused.length, before + 1, what);
        match(echo.refused.at(-1) ?? "", reason);
      }
      equal(echo.peers.length, 1);
    });
  }
}

Deno.test("a certificate that cannot be made sense of is refused like any other, and nothing else comes of it", async () => {
  await using echo = await Echo.open("requested");
  const nameless = await stranger.issue({ subject: "", use: "client" });
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    await rejects(say(echo.port, "hello", { ...certified(nameless), maxVersion }));
    match(echo.refused.at(-1) ?? "", /not of an authority that is trusted.*its subject is $/);
  }
  equal(await say(echo.port, "hello", certified(alice)), "hello");
});

Deno.test("who takes a session up again is whoever was let in when it began, and is nobody if nobody was", async () => {
  const folder = await Deno.makeTempDir();
  const network = new DenoNetwork();
  const forged = await writeIdentity(
    folder,
    "forged",
    await stranger.issue({ subject: "CN=alice", use: "client" }),
  );
  const good = await writeIdentity(folder, "good", alice);
  try {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const [bad, session] = [join(folder, `bad${version}`), join(folder, `session${version}`)];
      await using echo = await Echo.open("requested", {}, network);
      const forging = [version, "-cert", forged.certificate, "-key", forged.key];
      await sayBy(echo.port, [...forging, "-sess_out", bad]);
      const isTaken = await Deno.stat(bad).then(() => true, () => false);
      await sayBy(echo.port, [...forging, ...isTaken ? ["-sess_in", bad] : []]);
      await echo.refusing(2);
      deepEqual(echo.peers, []);

      const showing = [version, "-cert", good.certificate, "-key", good.key];
      await sayBy(echo.port, [...showing, "-sess_out", session]);
      await sayBy(echo.port, [version, "-sess_in", session]);
      echo.source.context = await network.prepareTls({
        ...await newServer(),
        clientCa: stranger.certificate + clientCa,
      });
      await sayBy(echo.port, [version, "-sess_in", session]);
      equal(echo.peers.length, 3);
      // Whoever was good need not be by other authorities.
      echo.source.context = await network.prepareTls({ ...server, clientCa: stranger.certificate });
      await sayBy(echo.port, [version, "-sess_in", session]);
      await echo.refusing(3);
      equal(echo.peers.length, 3);
      match(echo.refused.at(-1) ?? "", /in the session that the client takes up again/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a client without a certificate is refused where one is required, and served where it is requested", async () => {
  await using requiring = await Echo.open("required");
  await rejects(say(requiring.port, "hello"));
  deepEqual(requiring.refused, ["the client shows no certificate"]);
  await using requesting = await Echo.open("requested");
  equal(await say(requesting.port, "hello"), "hello");
  deepEqual(requesting.peers, [null]);
});

Deno.test("a client that is refused for its certificate is told by an alert, and does not see a broker that went away", async () => {
  await using echo = await Echo.open("required");
  match(await openssl(echo.port, ["-tls1_2"]), /alert certificate unknown/);
  const { certificate: cert, key } = await stranger.issue({ subject: "CN=alice", use: "client" });
  for (const shown of [{ cert, key }, {}]) {
    using client = await Deno.connectTls({
      hostname: "127.0.0.1",
      port: echo.port,
      caCerts: [clientCa],
      ...shown,
    });
    await rejects(client.read(new Uint8Array(1)), /received fatal alert/);
  }
});

Deno.test("a client that can agree on nothing is told by an alert", async () => {
  await using echo = await Echo.open();
  match(await openssl(echo.port, ["-tls1_2", "-cipher", "AES128-SHA"]), /alert handshake failure/);
  match(await openssl(echo.port, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]), /alert handshake failure/);
});

Deno.test("a certificate that nobody asks for is not looked at", async () => {
  await using echo = await Echo.open("none");
  equal(await say(echo.port, "hello", certified(alice)), "hello");
  deepEqual(echo.peers, [null]);
});

Deno.test("a new certificate is for new connections; those that are open go on", async () => {
  const network = new DenoNetwork();
  await using echo = await Echo.open();
  const before = await Client.open(echo.port);
  equal(before.subject, "localhost");
  const renewed = await authority.issue({ subject: "CN=renewed", use: "server" });
  echo.source.context = await network.prepareTls({ ...renewed, clientCa });
  const after = await Client.open(echo.port);
  equal(after.subject, "renewed");
  equal(await before.ask("still"), "still");
  equal(await after.ask("new"), "new");
  await Promise.all([before.close(), after.close()]);
});

Deno.test("clients that are slow to shake hands, or speak something else, hold up nobody and make room for others", async () => {
  await using echo = await Echo.open();
  const silent: Deno.TcpConn[] = [];
  for (let count = 0; count < 600; count++) {
    silent.push(await Deno.connect({ hostname: "127.0.0.1", port: echo.port }));
    if (count % 3 === 0) await silent[count]!.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    if (count % 3 === 1) await silent[count]!.write(new Uint8Array([0x16, 3, 1, 2, 0, 1]));
  }
  equal(await say(echo.port, "hello"), "hello");
  ok(echo.refused.some((reason) => /corrupt message/.test(reason)), "HTTP is no TLS");
  for (const connection of silent) connection.close();
});

Deno.test("a connection that is closed fails whoever reads", async () => {
  await using echo = await Echo.open();
  const client = await Client.open(echo.port);
  equal(await client.ask("hello"), "hello");
  echo.closeAll();
  await client.ended;
});

Deno.test("a client that does not read is not written to for ever, and one that is not read from has to wait", async () => {
  const network = new DenoNetwork();
  const context = await network.prepareTls({ ...server, clientCa: null });
  const source = { clientAuth: "none", context, refused: () => {} } as const;
  const listener = network.listen({ host: "127.0.0.1", port: 0 }, source);
  const client = await Deno.connectTls({
    hostname: "127.0.0.1",
    port: listener.address.port,
    caCerts: [clientCa],
  });
  const [socket] = await Promise.all([listener.accept(), client.handshake()]);
  ok(socket !== null);
  const bytes = new Uint8Array(65_536);
  ok(await bytesTaken(() => socket.write(bytes)) < HELD_BYTES_MAX);
  ok(await bytesTaken(() => client.write(bytes)) < HELD_BYTES_MAX);
  socket.close();
  client.close();
  listener.close();
});

/** As much as the system may hold of a connection. */
const HELD_BYTES_MAX = 32 * 2 ** 20;

/** How much is written until nothing more is taken, or clearly too much. */
async function bytesTaken(write: () => Promise<unknown>): Promise<number> {
  let taken = 0;
  const writing = (async () => {
    while (taken < HELD_BYTES_MAX) {
      await write();
      taken += 65_536;
    }
  })();
  writing.catch(() => {});
  for (let before = -1; before !== taken;) {
    before = taken;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return taken;
}

Deno.test("a certificate that names nobody but hosts is as good as any", async () => {
  const nameless = await authority.issue({ subject: "", use: "server" });
  const context = await new DenoNetwork().prepareTls({ ...nameless, clientCa: null });
  equal(context.subject, "");
  await using echo = await Echo.open("none", nameless);
  equal(await say(echo.port, "hello"), "hello");
});

Deno.test("a key that the runtime's TLS does not take is refused in words, too", async () => {
  const folder = await Deno.makeTempDir();
  const [key, certificate] = [join(folder, "key"), join(folder, "certificate")];
  try {
    const args = ["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak"];
    await new Deno.Command("openssl", { args: [...args, "-keyout", key, "-out", certificate] }).output();
    const texts = {
      key: await Deno.readTextFile(key),
      certificate: await Deno.readTextFile(certificate),
      clientCa: null,
    };
    await rejects(new DenoNetwork().prepareTls(texts), { code: "BAD_CONFIG", message: /key too small/ });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("texts that cannot be served with are refused in words", async () => {
  const network = new DenoNetwork();
  const other = await authority.issue({ subject: "CN=other", use: "server" });
  const cases: [Partial<TlsTexts>, RegExp][] = [
    [{ certificate: "" }, /no certificate in the certificate/],
    [{ certificate: server.key }, /no certificate in the certificate/],
    [{ certificate: server.certificate.replace("MII", "AAA") }, /should be a certificate in the certificate/],
    [
      { certificate: server.certificate + stranger.certificate },
      /second certificate of the chain has not issued/,
    ],
    [{ key: "" }, /private key cannot be read/],
    [{ key: server.certificate }, /private key cannot be read/],
    [{ key: other.key }, /private key is not that of the certificate/],
    [{ key: "-----BEGIN ENCRYPTED PRIVATE KEY-----" }, /without one/],
    [{ clientCa: "" }, /no certificate in the client authorities/],
  ];
  for (const [texts, expected] of cases) {
    await rejects(network.prepareTls({ ...server, clientCa, ...texts }), (error) => {
      ok(error instanceof KliteError && error.code === "BAD_CONFIG");
      match(error.message, expected);
      return true;
    });
  }
  const chained = await network.prepareTls({
    ...server,
    certificate: server.certificate + clientCa,
    clientCa: null,
  });
  equal(chained.subject, "CN=localhost");
  ok(Math.abs(chained.expiresAtMs - Date.now() - DAY_MS) < 3_600_000);
});
