/**
 * Clients on secured listeners. Each is a program in its own language that reads jobs, one JSON object a line, and
 * answers each with one: it writes records to a topic and reads them back as a member of a group.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { startProgram } from "../child_program.ts";
import {
  type PreparedProgram,
  prepareGo,
  prepareJava,
  prepareJavaScript,
  preparePython,
} from "../programs.ts";

/** Kafka's names. */
export type Mechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";

/** How a client shows who it is; paths are of PEM files. */
export interface Credentials {
  /** Without one there is no SASL. */
  readonly mechanism?: Mechanism;
  readonly user?: string;
  readonly password?: string;
  /** A file with a JSON Web Token. */
  readonly tokenFile?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** What a client is to do. */
export interface SecureJob extends Credentials {
  /** With `token` it makes a delegation token, and comes with that; only the Java client can. */
  readonly action?: "token";
  readonly bootstrap: string;
  /** The authority that the client trusts. */
  readonly ca: string;
  readonly topic: string;
  readonly group: string;
  /** What the values of this job's records begin with. */
  readonly mark: string;
  readonly records: number;
  /** How long it goes on, with as many again and again; at least once. */
  readonly lastsMs: number;
}

/** What came of it: all was read back, or the broker would not have this client, or something else went wrong. */
export interface SecureAnswer {
  readonly outcome: "read" | "refused" | "failed";
  readonly detail: string;
}

/** A client that nobody here wrote. */
export interface SecureClientKind {
  /** As it is called elsewhere in these suites. */
  readonly name: string;
  prepare(): Promise<PreparedProgram>;
}

/** The clients of this suite. */
export const SECURE_CLIENTS: readonly SecureClientKind[] = [
  { name: "kafka-clients", prepare: () => prepareJava("SecureClient") },
  { name: "confluent-kafka-python", prepare: () => preparePython("secure_client.py", "confluent-kafka") },
  { name: "kafkajs", prepare: () => prepareJavaScript("secure_client.ts", "kafkajs") },
  { name: "franz-go", prepare: () => prepareGo("secureclient", "github.com/twmb/franz-go") },
];

/** One of them, running. */
export class SecureClient implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #said = "";

  constructor(program: PreparedProgram) {
    this.#child = startProgram(program, []);
    this.#child.stderr.on("data", (chunk) => this.#said = (this.#said + chunk).slice(-2_000));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Does one job; one after the other. */
  async run(job: SecureJob): Promise<SecureAnswer> {
    this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the program has ended; it said ${this.#said}`);
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    while (!(await this.#lines.next()).done);
  }
}
