/**
 * Apache Kafka's answers, kept as files beside this one: a file for each chapter, and in it the name of each
 * scenario, followed by a line (question and answer, in JSON) per question. Neighbouring versions that were
 * answered alike have one line, and so have those who asked the same and were answered alike.
 */
import { fileURLToPath } from "node:url";
import type { Answers } from "./answer_book.ts";
import type { Chapter } from "./scenario.ts";

const ONE_VERSION = /^(.*), version (\d+)$/;
/** Who asked. */
const ASKED_BY = /^(.*), asked by (.+)$/;
const VERSIONS = /^(.*), versions (\d+)–(\d+)$/;

/** Answers to each scenario of a chapter, by its name. */
export type ChapterAnswers = ReadonlyMap<string, Answers>;

/** Where the answers to a chapter are kept. */
export function answersFile({ name }: Chapter): string {
  return fileURLToPath(new URL(`answers/${name.replaceAll(" ", "_")}.jsonl`, import.meta.url));
}

/** What Kafka answered when it was last asked; nothing if it never was. */
export async function keptAnswers(chapter: Chapter): Promise<ChapterAnswers> {
  const text = await Deno.readTextFile(answersFile(chapter)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const all = new Map<string, Record<string, unknown>>();
  let answers: Record<string, unknown> = {};
  for (const kept of text.split("\n")) {
    if (kept === "") continue;
    const line: string | readonly [question: string, answer: unknown] = JSON.parse(kept);
    if (typeof line === "string") all.set(line, answers = {});
    else unpack(line[0], line[1], answers);
  }
  return all;
}

function unpack(line: string, answer: unknown, into: Record<string, unknown>): void {
  const [, asked, requesters] = ASKED_BY.exec(line) ?? [];
  if (requesters !== undefined) {
    for (const requester of requesters.split(", ")) into[`${asked}, asked by ${requester}`] = answer;
    return;
  }
  const [, question, from, to] = VERSIONS.exec(line) ?? [];
  if (question === undefined) into[line] = answer;
  for (let version = Number(from); version <= Number(to); version++) {
    into[`${question}, version ${version}`] = answer;
  }
}

/** The text of a chapter's file. */
export function printedChapter(all: ChapterAnswers): string {
  return Array.from(all, ([name, answers]) => `${JSON.stringify(name)}\n${printed(answers)}`).join("");
}

/** Answers, or whatever there is to be said about them, as lines. */
export function printed(answers: Answers): string {
  const lines: { question: string; from: number; to: number; answer: string }[] = [];
  for (const [line, value] of Object.entries(byRequesters(answers))) {
    const [, question = line, version = "-1"] = ONE_VERSION.exec(line) ?? [];
    const answer = JSON.stringify(value);
    const number = Number(version);
    const last = lines.at(-1);
    if (last?.question === question && last.answer === answer && last.to + 1 === number) last.to = number;
    else lines.push({ question, from: number, to: number, answer });
  }
  return lines.map((line) => `[${JSON.stringify(titleOf(line))}, ${line.answer}]\n`).join("");
}

/** Those who asked the same and were answered alike, in one line. */
function byRequesters(answers: Answers): Answers {
  const together = new Map<string, { line: string; answer: unknown }>();
  for (const [line, answer] of Object.entries(answers)) {
    const [, asked, requester] = ASKED_BY.exec(line) ?? [];
    const key = requester === undefined ? line : `${asked} ${JSON.stringify(answer)}`;
    const same = together.get(key);
    if (same === undefined) together.set(key, { line, answer });
    else same.line += `, ${requester}`;
  }
  return Object.fromEntries(Array.from(together.values(), ({ line, answer }) => [line, answer]));
}

function titleOf({ question, from, to }: { question: string; from: number; to: number }): string {
  if (from === -1) return question;
  return from === to ? `${question}, version ${from}` : `${question}, versions ${from}–${to}`;
}
