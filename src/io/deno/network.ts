import { assert, AssertionError } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import { formatAddress } from "../address.ts";
import type { Address, Listener, Network, Socket, TlsContext, TlsSource, TlsTexts } from "../network.ts";
import type { DenoTlsContext } from "./tls_context.ts";

/** Loaded when there is a TLS listener: a broker without one at rest has no use for it. */
type TlsModule = typeof import("./tls.ts");

/** How many connections the system may hold ready before they are accepted. */
const BACKLOG = 1024;

/** TCP of the machine. */
export class DenoNetwork implements Network {
  #tls: TlsModule | undefined;
  #context: DenoTlsContext | undefined;

  listen(address: Address, source?: TlsSource, admits = (_: Address) => true): Listener {
    const listener = this.#listen(address);
    if (source === undefined) return listener;
    assert(this.#tls !== undefined, "TLS was made ready");
    return new this.#tls.TlsListener(listener, source, admits);
  }

  async prepareTls(texts: TlsTexts): Promise<TlsContext> {
    this.#tls ??= await import("./tls.ts");
    return this.#context = await this.#tls.openContext(texts, this.#context);
  }

  #listen(address: Address): DenoListener {
    // `::` takes IPv4 too; a machine without IPv6 refuses it.
    const hosts = address.host === "" ? ["::", "0.0.0.0"] : [address.host];
    let cause: unknown;
    for (const hostname of hosts) {
      try {
        return new DenoListener(Deno.listen({ hostname, port: address.port, tcpBacklog: BACKLOG }));
      } catch (error) {
        cause = error;
        if (error instanceof Deno.errors.AddrInUse) break;
      }
    }
    throw new KliteError("ADDRESS_UNAVAILABLE", `cannot listen on ${formatAddress(address)}`, { cause });
  }
}

/** A listener for plain connections. */
export class DenoListener implements Listener {
  readonly address: Address;
  readonly #listener: Deno.TcpListener;
  #closed = false;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.address = addressOf(listener.addr);
  }

  async accept(): Promise<Socket | null> {
    const accepted = await this.acceptTcp();
    return accepted === null ? null : new DenoSocket(accepted);
  }

  /** The same, as it is before it is a {@link Socket}. */
  async acceptTcp(): Promise<TcpConnection | null> {
    for (;;) {
      if (this.#closed) return null;
      let connection: Deno.TcpConn;
      try {
        connection = await this.#listener.accept();
      } catch (cause) {
        if (this.#closed) return null;
        throw new KliteError("ACCEPT_FAILED", "cannot accept a connection", { retriable: true, cause });
      }
      try {
        return tcpConnection(connection);
      } catch (error) {
        // It died before it could be set up.
        connection.close();
        if (error instanceof AssertionError) throw error;
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }
}

/** A connection of the system, set up, and whom it connects. */
export interface TcpConnection {
  readonly connection: Deno.TcpConn;
  readonly remote: Address;
  readonly local: Address;
}

/** Sets a new connection up. Throws what the system says when it is gone already. */
export function tcpConnection(connection: Deno.TcpConn): TcpConnection {
  // An answer must not wait for the peer's delayed acknowledgement.
  connection.setNoDelay(true);
  return {
    connection,
    remote: addressOf(connection.remoteAddr),
    local: addressOf(connection.localAddr),
  };
}

/** One connection, accepted or opened. */
export class DenoSocket implements Socket {
  readonly remote: Address;
  readonly local: Address;
  readonly peer = null;
  readonly #connection: Deno.Conn;
  #closed = false;

  constructor(
    { connection, remote, local }: Pick<Socket, "remote" | "local"> & { readonly connection: Deno.Conn },
  ) {
    this.#connection = connection;
    this.remote = remote;
    this.local = local;
  }

  read(into: Uint8Array): Promise<number | null> {
    assert(into.length > 0, "a read needs room");
    return this.#connection.read(into).catch(throwClosed);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      let at = await this.#connection.write(bytes);
      while (at < bytes.length) at += await this.#connection.write(bytes.subarray(at));
    } catch (cause) {
      throw closedBecause(cause);
    }
  }

  async closeWrite(): Promise<void> {
    try {
      await this.#connection.closeWrite();
    } catch (cause) {
      throw closedBecause(cause);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}

function throwClosed(cause: unknown): never {
  throw closedBecause(cause);
}

function closedBecause(cause: unknown): KliteError {
  return new KliteError("CONNECTION_CLOSED", "the connection is closed", { cause });
}

/** IPv4 peers of a listener on every interface show in their own form, not inside an IPv6 one. */
function addressOf(address: Deno.Addr): Address {
  assert(address.transport === "tcp", "only TCP is asked for");
  return { host: address.hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port: address.port };
}
