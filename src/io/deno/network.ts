import { assert, AssertionError } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import { formatAddress } from "../address.ts";
import type { Address, Listener, Network, Socket } from "../network.ts";

/** How many connections the system may hold ready before they are accepted. */
const BACKLOG = 1024;

/** TCP of the machine. */
export class DenoNetwork implements Network {
  listen(address: Address): Listener {
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

class DenoListener implements Listener {
  readonly address: Address;
  readonly #listener: Deno.TcpListener;
  #closed = false;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.address = addressOf(listener.addr);
  }

  async accept(): Promise<Socket | null> {
    for (;;) {
      if (this.#closed) return null;
      let connection: Deno.TcpConn;
      try {
        connection = await this.#listener.accept();
      } catch (cause) {
        if (this.#closed) return null;
        throw new KliteError("ACCEPT_FAILED", "cannot accept a connection", { retriable: true, cause });
      }
      const socket = prepared(connection);
      if (socket !== undefined) return socket;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }
}

/** The connection set up, or `undefined` when it died before that. */
function prepared(connection: Deno.TcpConn): DenoSocket | undefined {
  try {
    // An answer must not wait for the peer's delayed acknowledgement.
    connection.setNoDelay(true);
    return new DenoSocket(connection);
  } catch (error) {
    connection.close();
    if (error instanceof AssertionError) throw error;
    return undefined;
  }
}

/** One connection, accepted or opened. */
export class DenoSocket implements Socket {
  readonly remote: Address;
  readonly local: Address;
  readonly peer = null;
  readonly #connection: Deno.TcpConn;
  #closed = false;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.remote = addressOf(connection.remoteAddr);
    this.local = addressOf(connection.localAddr);
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
