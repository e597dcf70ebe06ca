import type { Answers } from "./answer_book.ts";
import { DIFFERENCES } from "./differences.ts";
import { unlike } from "./unlike.ts";

/**
 * Where klite's answers to a scenario are not what they should be: Kafka's, but for the differences that are named.
 * By question; empty when all is well.
 */
export function compare(scenario: string, klite: Answers | Error, kafka: Answers | undefined): Answers {
  if (klite instanceof Error) return { "all of it": klite.message };
  if (kafka === undefined) return { "all of it": "Kafka has not been asked: deno task parity --record" };
  const named = DIFFERENCES.filter((difference) => difference.scenario === scenario);
  const unused = new Set(named);
  const faults: Record<string, unknown> = {};
  for (const question of new Set([...Object.keys(kafka), ...Object.keys(klite)])) {
    const difference = named.find(({ questions }) => questions.test(question));
    if (difference !== undefined) unused.delete(difference);
    if (!(question in kafka) || !(question in klite)) {
      faults[question] = question in kafka ? "is asked of Kafka alone" : "is asked of klite alone";
      continue;
    }
    const due = difference === undefined ? kafka[question] : difference.klite(kafka[question]);
    const places = unlike(klite[question], due);
    if (places.length > 0) faults[question] = places;
  }
  for (const { questions } of unused) faults[String(questions)] = "is named as a difference and is none";
  return faults;
}
