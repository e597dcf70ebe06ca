/**
 * Apache Kafka's answers to the conversations, kept as files beside this one: a line (question and answer, in
 * JSON) per question, and one for all neighbouring versions that were answered alike.
 */
import { fileURLToPath } from "node:url";
import type { Answers, Conversation } from "./peer.ts";

const ONE_VERSION = /^(.*), version (\d+)$/;
const VERSIONS = /^(.*), versions (\d+)–(\d+)$/;

/** Where the answers to `conversation` are kept. */
export function answersFile(conversation: Conversation): string {
  return fileURLToPath(new URL(`answers/${conversation.name.replaceAll(" ", "_")}.jsonl`, import.meta.url));
}

/** What Kafka answered when it was last asked, by question. */
export async function kafkaAnswers(conversation: Conversation): Promise<Answers> {
  const text = await Deno.readTextFile(answersFile(conversation));
  const answers: Record<string, unknown> = {};
  for (const kept of text.trimEnd().split("\n")) {
    const [line, answer]: [string, unknown] = JSON.parse(kept);
    const [, question, from, to] = VERSIONS.exec(line) ?? [];
    if (question === undefined) answers[line] = answer;
    for (let version = Number(from); version <= Number(to); version++) {
      answers[`${question}, version ${version}`] = answer;
    }
  }
  return answers;
}

/** The text of a file of answers. */
export function printed(answers: Answers): string {
  const lines: { question: string; from: number; to: number; answer: string }[] = [];
  for (const [line, value] of Object.entries(answers)) {
    const [, question = line, version = "-1"] = ONE_VERSION.exec(line) ?? [];
    const answer = JSON.stringify(value);
    const number = Number(version);
    const last = lines.at(-1);
    if (last?.question === question && last.answer === answer && last.to + 1 === number) last.to = number;
    else lines.push({ question, from: number, to: number, answer });
  }
  return lines.map((line) => `[${JSON.stringify(titleOf(line))}, ${line.answer}]\n`).join("");
}

function titleOf({ question, from, to }: { question: string; from: number; to: number }): string {
  if (from === -1) return question;
  return from === to ? `${question}, version ${from}` : `${question}, versions ${from}–${to}`;
}
