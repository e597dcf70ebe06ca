/** A broker that may do little, and what its runtime notes of what it asks for. */
import type { ServerProcess } from "../support/server_process.ts";
import { WireClient } from "../support/wire_client.ts";
import type { PermissionKind, PermissionSet } from "./permission_set.ts";

/** What was asked for, whether it was given or not. */
export interface AskedPermission {
  readonly permission: string;
  /** An address, a path, a variable. */
  readonly value: string;
}

const BETWEEN_LOOKS_MS = 20;

/** One that runs, or has ended. */
export class RestrictedBroker implements AsyncDisposable {
  readonly #process: ServerProcess;
  readonly #auditFile: string;
  readonly #ports: { readonly kafka: number; readonly health: number };

  constructor(
    process: ServerProcess,
    auditFile: string,
    ports: { readonly kafka: number; readonly health: number },
  ) {
    this.#process = process;
    this.#auditFile = auditFile;
    this.#ports = ports;
  }

  /** The answer of its HTTP endpoint. */
  async ask(path: string, token?: string): Promise<{ readonly status: number; readonly body: string }> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${this.#ports.health}${path}`, { headers });
    return { status: answer.status, body: await answer.text() };
  }

  /** Throws when it ends before, or takes longer. */
  async untilReady(timeoutMs: number): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    while (!(await this.#isReady())) {
      this.#process.assertAlive();
      if (performance.now() > giveUpAt) throw new Error(`it is not ready within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS));
    }
  }

  /** A client over TLS that trusts this authority. */
  async connect(authority: string): Promise<WireClient> {
    const address = { hostname: "127.0.0.1", port: this.#ports.kafka };
    return new WireClient(await Deno.connectTls({ ...address, caCerts: [authority] }));
  }

  /** All that it has asked for so far. */
  async asked(): Promise<AskedPermission[]> {
    const lines = (await Deno.readTextFile(this.#auditFile)).trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line));
  }

  log(): string {
    return this.#process.log();
  }

  /** Ends it in order. */
  async stop(): Promise<number> {
    return (await this.#process.stop()).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await this.ask("/readyz")).status === 200;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }
}

/** Which of the set's permissions nobody has asked for; the set has places of this machine. */
export function unusedOf(set: PermissionSet, asked: readonly AskedPermission[]): string[] {
  const isUsed = (kind: PermissionKind, name: string) =>
    asked.some(({ permission, value }) =>
      permission === kind &&
      (value === name || pathOf(value).startsWith(`${name}/`) || pathOf(value) === name)
    );
  const kinds: readonly PermissionKind[] = ["net", "read", "write", "env"];
  return kinds.flatMap((kind) =>
    set[kind].filter((name) => !isUsed(kind, name)).map((name) => `${kind} ${name}`)
  );
}

function pathOf(value: string): string {
  return value.startsWith("file://") ? new URL(value).pathname : value;
}
