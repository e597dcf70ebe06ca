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
  // Ids of topics and clusters, directories, and where in its log a broker is.
  [/TopicId: [\w-]{22}/, "TopicId: ID"],
  [/^(Cluster ?I[dD]:) .*/, "$1 ID"],
  [/"logDir":"[^"]*"/g, '"logDir":"DIRECTORY"'],
  [/^(LeaderEpoch|HighWatermark|MaxFollowerLagTimeMs): \d+$/, "$1: NUMBER"],
  [/^1 [\w-]{22} \d+ (\d+) MILLISECONDS/, "1 DIRECTORY POSITION $1 MILLISECONDS"],
  [/"log_dirs":\["\/[^"]*"/g, '"log_dirs":["DIRECTORY"'],
  [/^1 127\.0\.0\.1 \d+ null/, "1 127.0.0.1 PORT null"],
  // Why something is refused each broker says in its own words.
  [/(org\.apache\.kafka\.common\.errors\.\w+): .*/, "$1: REASON"],
  [/^(Could not (?:upgrade|downgrade|disable) [\w.]+(?: to \d+)?\.) .*/, "$1 REASON"],
  [/^(Error while executing client metrics command :) .*/, "$1 REASON"],
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
