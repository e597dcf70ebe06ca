import type { Outcome } from "../outcome.ts";
import type { ToolAnswer } from "./play.ts";
import type { Unlike } from "./unlike.ts";

/** What there is to hold answers against. */
export interface ExpectedAnswers {
  /** Of a real Kafka, in their order. */
  readonly expected: readonly ToolAnswer[];
  /** Where not all of it is compared, by the title of the run. */
  readonly unlike: ReadonlyMap<string, Unlike>;
  /** Of the tools. */
  readonly version: string;
}

/** One outcome for each run of a tool; failures are told to `progress`, too. */
export function compareAnswers(
  answers: readonly ToolAnswer[],
  { expected, unlike, version }: ExpectedAnswers,
  progress: (line: string) => void,
): Outcome[] {
  return expected.map((one, index) => {
    const { title } = one;
    const failure = difference(one, answers[index], unlike.get(title)?.compared);
    if (failure !== null) progress(`${title}: ${failure}`);
    return {
      subject: title.split(" ")[0] ?? "",
      version,
      check: "as Kafka",
      failure: failure && `${title}: ${failure}`,
    };
  });
}

function difference(expected: ToolAnswer, actual: ToolAnswer | undefined, compared = /^/): string | null {
  if (actual === undefined) return "there is no answer";
  const [wanted, found] = [expected, actual].map(({ lines }) =>
    lines.filter((line) => compared.test(line)).join("\n")
  );
  return wanted === found ? null : `it printed\n${found}\ninstead of\n${wanted}`;
}

/** The answers of a file beside the caller. */
export async function readAnswers(file: URL): Promise<ToolAnswer[]> {
  return JSON.parse(await Deno.readTextFile(file));
}

/** Keeps them there. */
export async function writeAnswers(file: URL, answers: readonly ToolAnswer[]): Promise<void> {
  await Deno.writeTextFile(file, `${JSON.stringify(answers, null, 2)}\n`);
  console.log(`${answers.length} answers`);
}
