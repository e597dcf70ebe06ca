/** What Kafka's command line tools are asked: the same of klite and of a real Kafka. */
import { type AdminFiles, adminRuns } from "./admin_conversation.ts";
import { toolOf, type ToolRun } from "./tool_run.ts";

/** The groups and topics that the suite has made. */
export interface ToolScene {
  readonly bootstrap: string;
  readonly topic: string;
  /** A classic group with members. */
  readonly classic: string;
  /** A group of the consumer protocol with a member. */
  readonly consumer: string;
  /** A group with committed offsets that everyone has left. */
  readonly empty: string;
  /** A file for exported offsets. */
  readonly file: string;
  /** A file that says which records are to be deleted. */
  readonly deletions: string;
  /** What tools for partitions read. */
  readonly files: AdminFiles;
}

const GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const ALL_GROUPS = "org.apache.kafka.tools.GroupsCommand";
const OFFSETS = "org.apache.kafka.tools.GetOffsetShell";
const DELETE_RECORDS = "org.apache.kafka.tools.DeleteRecordsCommand";
const FEATURES = "org.apache.kafka.tools.FeatureCommand";
const TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand";
const PERFORMANCE = "org.apache.kafka.tools.ConsumerPerformance";

/** In this order: later ones see what earlier ones have changed. */
export function toolRuns(scene: ToolScene): ToolRun[] {
  return [
    ...groupRuns(scene),
    ...resetRuns(scene),
    ...deleteRuns(scene),
    ...transactionRuns(scene),
    ...otherRuns(scene),
    ...deleteRecordsRuns(scene),
    ...adminRuns(scene),
  ];
}

function groupRuns({ bootstrap, classic, consumer, empty }: ToolScene): ToolRun[] {
  const groups = toolOf("consumer-groups", GROUPS, bootstrap);
  const all = toolOf("groups", ALL_GROUPS, bootstrap);
  return [
    groups("--list"),
    groups("--list", "--state"),
    groups("--list", "--state", "Empty"),
    groups("--list", "--type"),
    groups("--list", "--type", "consumer"),
    groups("--list", "--type", "classic", "--state", "stable"),
    ...[classic, consumer, empty, "no-such-group"].flatMap((group) => [
      groups("--describe", "--group", group),
      groups("--describe", "--group", group, "--offsets", "--verbose"),
      groups("--describe", "--group", group, "--members"),
      groups("--describe", "--group", group, "--members", "--verbose"),
      groups("--describe", "--group", group, "--state"),
      groups("--describe", "--group", group, "--state", "--verbose"),
    ]),
    groups("--describe", "--all-groups", "--state"),
    all("--list"),
    all("--list", "--consumer"),
    all("--list", "--group-type", "classic"),
    all("--list", "--group-type", "consumer"),
    all("--list", "--protocol", "consumer"),
    all("--list", "--share"),
    all("--list", "--streams"),
  ];
}

function resetRuns({ bootstrap, topic, classic, empty, file }: ToolScene): ToolRun[] {
  const groups = toolOf("consumer-groups", GROUPS, bootstrap);
  const reset = (...how: string[]) => groups("--reset-offsets", "--group", empty, ...how);
  const described = groups("--describe", "--group", empty, "--offsets");
  return [
    reset("--topic", topic, "--to-earliest", "--dry-run"),
    described,
    reset("--topic", topic, "--to-earliest", "--execute"),
    described,
    reset("--all-topics", "--to-latest", "--execute"),
    described,
    reset("--topic", `${topic}:0`, "--to-offset", "3", "--execute"),
    reset("--topic", `${topic}:0,1`, "--shift-by", "-2", "--execute"),
    reset("--topic", `${topic}:0`, "--shift-by", "-100", "--execute"),
    reset("--topic", `${topic}:1`, "--shift-by", "1000", "--execute"),
    reset("--topic", topic, "--to-current", "--execute"),
    described,
    reset("--topic", topic, "--to-datetime", "2000-01-01T00:00:00.000", "--execute"),
    reset("--topic", topic, "--to-datetime", "2999-01-01T00:00:00.000", "--execute"),
    reset("--topic", topic, "--by-duration", "P1D", "--execute"),
    reset("--topic", `${topic}:2`, "--to-offset", "1", "--export", "--dry-run"),
    reset("--from-file", file, "--execute"),
    described,
    reset("--topic", "no-such-topic", "--to-earliest", "--execute"),
    groups("--reset-offsets", "--group", classic, "--topic", topic, "--to-earliest", "--execute"),
    groups("--reset-offsets", "--group", "new-group", "--topic", topic, "--to-offset", "2", "--execute"),
    groups("--describe", "--group", "new-group"),
  ];
}

function deleteRuns({ bootstrap, topic, classic, empty }: ToolScene): ToolRun[] {
  const groups = toolOf("consumer-groups", GROUPS, bootstrap);
  return [
    groups("--delete-offsets", "--group", empty, "--topic", `${topic}:1`),
    groups("--describe", "--group", empty),
    groups("--delete-offsets", "--group", empty, "--topic", topic),
    groups("--delete-offsets", "--group", empty, "--topic", "no-such-topic"),
    groups("--delete-offsets", "--group", classic, "--topic", topic),
    groups("--delete-offsets", "--group", "no-such-group", "--topic", topic),
    groups("--delete", "--group", classic),
    groups("--delete", "--group", "no-such-group"),
    groups("--delete", "--group", empty, "--group", "new-group"),
    groups("--list"),
  ];
}

function transactionRuns({ bootstrap, topic }: ToolScene): ToolRun[] {
  const transactions = (...args: string[]): ToolRun => ({
    title: `transactions ${args.join(" ")}`,
    words: [TRANSACTIONS, "--bootstrap-server", bootstrap, ...args],
  });
  const producers = transactions("describe-producers", "--topic", topic, "--partition", "0");
  return [
    transactions("list"),
    producers,
    { title: "transactions (one is left open)", words: ["begin", "tools-open", topic] },
    transactions("list"),
    transactions("list", "--duration-filter", "600000"),
    transactions("list", "--transactional-id-pattern", "tools-.*"),
    transactions("describe", "--transactional-id", "tools-open"),
    transactions("describe", "--transactional-id", "no-such-id"),
    producers,
    transactions("find-hanging", "--topic", topic),
    transactions("find-hanging", "--topic", topic, "--max-transaction-timeout", "0"),
    transactions("abort", "--topic", topic, "--partition", "0", "--start-offset", "5"),
    transactions("abort", "--topic", topic, "--partition", "0", "--start-offset", "6"),
    producers,
  ];
}

function otherRuns({ bootstrap, topic }: ToolScene): ToolRun[] {
  const offsets = toolOf("get-offsets", OFFSETS, bootstrap);
  return [
    offsets("--topic", topic),
    offsets("--topic", topic, "--time", "earliest"),
    offsets("--topic", topic, "--time", "-3"),
    offsets("--topic", topic, "--time", "0"),
    offsets("--topic-partitions", `${topic}:0,${topic}:2-`),
    offsets("--topic", "no-such-topic"),
    toolOf("features", FEATURES, bootstrap)("describe"),
    toolOf("consumer-perf-test", PERFORMANCE, bootstrap)(
      ...["--topic", topic, "--num-records", "19", "--group", "tools-perf", "--timeout", "10000"],
    ),
  ];
}

function deleteRecordsRuns({ bootstrap, topic, deletions }: ToolScene): ToolRun[] {
  const deleteRecords = toolOf("delete-records", DELETE_RECORDS, bootstrap);
  const offsets = toolOf("get-offsets", OFFSETS, bootstrap);
  return [
    deleteRecords("--offset-json-file", deletions),
    offsets("--topic", topic, "--time", "-2"),
    deleteRecords("--offset-json-file", deletions),
    offsets("--topic", topic, "--time", "0"),
  ];
}
