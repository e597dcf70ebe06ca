/** A program with members of groups in it, told what to do line by line; member_event.ts says how. */
import { createInterface } from "node:readline";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { startProgram } from "../child_program.ts";
import type { PreparedProgram } from "../programs.ts";
import { type MemberEvent, parseMemberEvent } from "./member_event.ts";

/** What a member is told when it is to join. */
export interface JoinOrder {
  readonly member: string;
  readonly group: string;
  readonly topic: string;
  readonly mode: string;
  readonly instance?: string;
  readonly forward?: string | undefined;
}

const STDERR_CHARACTERS_MAX = 5_000_000;
const END_MS = 30_000;

/** One running program. */
export class MemberProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #said: Promise<void>;
  readonly #members = new Set<string>();
  #stderr = "";

  /** Starts it; `onEvent` is called for each event in its order. */
  constructor(program: PreparedProgram, bootstrap: string, onEvent: (event: MemberEvent) => void) {
    const child = startProgram(program, [bootstrap]);
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_MAX);
    });
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => onEvent(parseMemberEvent(line)));
    this.#said = once(lines, "close").then(() => {});
  }

  /** The members that have joined and not left. */
  get members(): ReadonlySet<string> {
    return this.#members;
  }

  /** What its client has logged. */
  get log(): string {
    return this.#stderr;
  }

  join({ member, group, topic, mode, instance = "-", forward = "-" }: JoinOrder): void {
    this.#members.add(member);
    this.#write(`join ${member} ${group} ${topic} ${mode} ${instance} ${forward}`);
  }

  leave(member: string): void {
    this.#members.delete(member);
    this.#write(`leave ${member}`);
  }

  /** Throws when it has ended by itself. */
  assertAlive(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(
      `the member program ended, ${signalCode ?? `code ${exitCode}`}: ${this.#stderr.slice(-2_000)}`,
    );
  }

  /** SIGKILL; resolves when all it had said before has been heard. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#said;
  }

  /** Lets all members leave and waits for the end; false when that takes too long. */
  async end(): Promise<boolean> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await this.#said;
    clearTimeout(timer);
    return this.#child.signalCode !== "SIGKILL";
  }

  #write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }
}
