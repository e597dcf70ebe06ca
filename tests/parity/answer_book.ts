import { Normalizer } from "./normalize.ts";

/** What a broker answered, by the words that the scenario has for the question. */
export type Answers = Readonly<Record<string, unknown>>;

/** Keeps what a broker answers in one scenario, in the order of the questions. */
export class AnswerBook {
  readonly normalizer: Normalizer;
  readonly #answers = new Map<string, unknown>();

  constructor(run: string) {
    this.normalizer = new Normalizer(run);
  }

  /** Begins a line, and answers what it is called: a question that was asked before gets a number. */
  open(question: string): string {
    let line = question;
    for (let time = 2; this.#answers.has(line); time++) line = `${question} (${time})`;
    this.#answers.set(line, null);
    return line;
  }

  close(line: string, answer: unknown): void {
    this.#answers.set(line, answer);
  }

  /** All that was answered, in a form that any broker's answers can have. */
  get answers(): Answers {
    const plain = Array.from(
      this.#answers,
      ([line, answer]) => [line, this.normalizer.plain(answer)] as const,
    );
    return Object.fromEntries(plain);
  }
}
