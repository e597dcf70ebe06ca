/** A way to a server on which answers get lost. */

interface Cut {
  readonly pattern: RegExp;
  /** Awaited when the server has answered, before the client's connection is closed. */
  readonly meanwhile: () => Promise<void>;
}

/** Forwards bytes between its own port and a server's. */
export class CuttingProxy implements AsyncDisposable {
  readonly port: number;
  readonly #serverPort: number;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #ended: Promise<void>;
  #cuts: Cut[] = [];
  /** How many answers were lost. */
  cutCount = 0;

  constructor(serverPort: number) {
    this.#serverPort = serverPort;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#ended = this.#accept();
  }

  /** The answer to the next request whose first line matches is lost: the server has done what it should. */
  cutNext(pattern: RegExp, meanwhile: () => Promise<void> = () => Promise.resolve()): void {
    this.#cuts.push({ pattern, meanwhile });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#ended;
  }

  async #accept(): Promise<void> {
    const running: Promise<void>[] = [];
    for await (const client of this.#listener) running.push(this.#serve(client));
    await Promise.all(running);
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const server = await this.#reach();
    if (server === null) return close(client);
    this.#connections.add(client).add(server);
    let cut: Cut | undefined;
    const toServer = pump(client, server, (bytes) => {
      cut ??= this.#takeCut(new TextDecoder().decode(bytes.subarray(0, 2_000)));
      return Promise.resolve(true);
    });
    const toClient = pump(server, client, async () => {
      if (cut === undefined) return true;
      await cut.meanwhile();
      this.cutCount++;
      return false;
    });
    // When one side has ended, or is to, the other one does too.
    await Promise.race([toServer, toClient]);
    for (const connection of [client, server]) {
      this.#connections.delete(connection);
      close(connection);
    }
    await Promise.all([toServer, toClient]);
  }

  /** `null` while nobody listens there, or the server is just being ended. */
  async #reach(): Promise<Deno.TcpConn | null> {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port: this.#serverPort });
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused || isEndOfConnection(error)) return null;
      throw error;
    }
  }

  #takeCut(text: string): Cut | undefined {
    const firstLine = /^[A-Z]+ \S+ HTTP\/1\.1\r\n/.exec(text)?.[0];
    if (firstLine === undefined) return undefined;
    const found = this.#cuts.find(({ pattern }) => pattern.test(firstLine));
    this.#cuts = this.#cuts.filter((cut) => cut !== found);
    return found;
  }
}

/** Carries bytes over until one side ends, or `pass` says no. */
async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  pass: (bytes: Uint8Array) => Promise<boolean>,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null || !(await pass(buffer.subarray(0, count)))) return;
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
    }
  } catch (error) {
    if (!isEndOfConnection(error)) throw error;
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!isEndOfConnection(error)) throw error;
  }
}

function isEndOfConnection(error: unknown): boolean {
  return [
    Deno.errors.BadResource,
    Deno.errors.Interrupted,
    Deno.errors.ConnectionReset,
    Deno.errors.BrokenPipe,
  ]
    .some((kind) => error instanceof kind);
}
