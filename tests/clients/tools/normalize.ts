/** Takes out of a tool's output what differs from run to run: ids, times, ports, widths of columns, orders of rows. */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Lines that tell of the program in which the tools run, not of the broker. */
const NOISE = /^(at |KafkaTools\$|exit code 0$|$)/;

/** What is replaced, in this order; runs of spaces have become one. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [UUID, "UUID"],
  // Kafka's own form of a UUID, which stands before a member's host.
  [/[\w-]{22}(?= \/127\.0\.0\.1)/g, "UUID"],
  [/127\.0\.0\.1:\d+ \(\d+\)/g, "BROKER"],
  [/127\.0\.0\.1:\d+/g, "ADDRESS"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.:,]\d+/g, "TIME"],
  [/\b1[789]\d{11}\b/g, "MILLISECONDS"],
  [/Epoch: \d+/, "Epoch: EPOCH"],
  // Of transactions and producers: the node's id, the producer's, and how long it has been.
  [/^(tools-open) \d+ \d+ /, "$1 NODE PRODUCER "],
  [/^\d+ (tools-open) \d+ (.* MILLISECONDS) \d+ /, "NODE $1 PRODUCER $2 AGE "],
  [/^\d+ (\d+ -?\d+ \d+ MILLISECONDS)/, "PRODUCER $1"],
  // Of the performance test only how many records it has seen.
  [/^TIME, TIME, [\d.]+, [\d.]+, (\d+),.*/, "$1 records"],
];

/** The lines in a form, and an order, that two runs have in common. */
export function normalize(lines: readonly string[]): string[] {
  return lines.map(normalizeLine).filter((line) => !NOISE.test(line)).toSorted();
}

function normalizeLine(line: string): string {
  const plain = line.replace(/\s+/g, " ").trim();
  return REPLACEMENTS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), plain);
}
