import { BROKER_CONFIGS } from "../../src/cluster/configs/mod.ts";
import { APIS } from "../../src/apis/mod.ts";

/** Where klite answers something else than Apache Kafka, on purpose. */

/** One difference, for all the questions that it shows in. */
export interface Difference {
  readonly scenario: string;
  readonly questions: RegExp;
  readonly why: string;
  /** klite's answer, made from Kafka's. */
  readonly klite: (kafka: unknown) => unknown;
}

type Fields = Record<string, unknown>;

/** Changes the fields of all objects inside `value`, at any depth, of which `where` is true. */
function changed(value: unknown, where: (fields: Fields) => boolean, change: Fields): unknown {
  if (Array.isArray(value)) return value.map((item) => changed(item, where, change));
  if (typeof value !== "object" || value === null) return value;
  const fields: Fields = { ...value };
  const inner = Object.entries(fields).map(([name, field]) => [name, changed(field, where, change)]);
  return { ...Object.fromEntries(inner), ...(where(fields) ? change : {}) };
}

const has = (name: string) => (fields: Fields) => name in fields;

/** Repeated elements of all lists left out, at any depth. */
function once(value: unknown): unknown {
  if (Array.isArray(value)) {
    const texts = new Set(value.map((item) => JSON.stringify(once(item))));
    return Array.from(texts, (text): unknown => JSON.parse(text));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, once(inner)]));
}

const BATCHES = [0, 2, 4].map((baseOffset, batch) => ({
  baseOffset,
  leaderEpoch: 0,
  attributes: batch === 1 ? 1 : 0,
  lastOffsetDelta: 1,
  maxTimestampMs: 1_700_000_000_001 + 10 * batch,
  records: [0, 1].map((record) =>
    `${baseOffset + record} ${1_700_000_000_000 + 10 * batch + record}  batch ${batch}, r… (118 characters)`
  ),
}));

const served = (records: unknown) => ({
  errorCode: 0,
  highWatermark: 6,
  lastStableOffset: 6,
  logStartOffset: 0,
  abortedTransactions: null,
  records,
});

const servedKeys = new Set(APIS.map(({ key }) => key));

const KNOWN_OF_BROKERS = new Set(BROKER_CONFIGS.map(({ name }) => name));

const INSYNC_OF_CLUSTER =
  "Kafka sets min.insync.replicas for the whole cluster, as part of a feature that klite does not have.";

/** The place that Kafka's value comes from left out: `min.insync.replicas` as it was set for the whole cluster. */
function withoutClusterInsync(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) =>
      JSON.stringify(item) !== '{"name":"min.insync.replicas","value":"1","source":3}'
    )
      .map(withoutClusterInsync);
  }
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withoutClusterInsync(field)]);
  const copy: Fields = Object.fromEntries(fields);
  return copy["name"] === "min.insync.replicas" && copy["configSource"] === 3
    ? { ...copy, configSource: 5 }
    : copy;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    scenario: "requests in the middle of an exchange",
    questions: /^(topics Metadata|producer InitProducerId)Request/,
    why:
      "Kafka has an error of each API for those who have yet to authenticate. klite reads nothing of such requests, and lets go of the client as for any other that comes out of turn.",
    klite: () => null,
  },
  {
    scenario: "messages without headers",
    questions: /^SCRAM says/,
    why: "Kafka shows who is a user and who is not; klite has a challenge for everybody.",
    klite: () => "r=…,s=…,i=4096",
  },
  {
    scenario: "whoever authenticates again has to be who it was, in the same way",
    questions: /chooses GSSAPI/,
    why: "Kafka says why it lets go of a client at the first time only.",
    klite: () => ({ errorCode: 33, mechanisms: ["PLAIN", "SCRAM-SHA-256"] }),
  },
  {
    scenario: "what may be set for whom",
    questions: /^(NaN|Infinity) /,
    why: "A limit that is no number limits nothing.",
    klite: (kafka) => changed(kafka, has("errorCode"), { errorCode: 42 }),
  },
  {
    scenario: "who may have quotas",
    questions: /^address (1\.2\.3|localhost)$/,
    why:
      "Kafka looks names of machines up, and knows old ways to write addresses. klite takes addresses alone.",
    klite: (kafka) => changed(kafka, has("errorCode"), { errorCode: 42 }),
  },
  {
    scenario: "what a user can have, and what not",
    questions: /^no password$/,
    why: "Kafka fails inside; klite says that this is no password.",
    klite: (kafka) => changed(kafka, has("errorCode"), { errorCode: 93 }),
  },
  {
    scenario: "the topic config min.insync.replicas",
    questions: /^describes it/,
    why: INSYNC_OF_CLUSTER,
    klite: withoutClusterInsync,
  },
  ...[1, 2, 3, 4].map((version) => ({
    scenario: `descriptions at version ${version}`,
    questions: /^twice$/,
    why: "Whose configs are asked for twice is told once: a request cannot ask for more than there is.",
    klite: once,
  })),
  ...[1, 2, 3, 4].map((version) => ({
    scenario: `descriptions at version ${version}`,
    questions: /^(no keys|all)$/,
    why: INSYNC_OF_CLUSTER,
    klite: withoutClusterInsync,
  })),
  ...["incremental: an unknown operation", "incremental: an operation below zero"].map((scenario) => ({
    scenario,
    questions: /^changes$/,
    why: "Kafka fails inside; klite says that the request is wrong.",
    klite: (kafka: unknown) => changed(kafka, has("errorCode"), { errorCode: 42 }),
  })),
  {
    scenario: "all configs of a broker",
    questions: /^names$/,
    why:
      "klite tells the broker configs that mean something to it; what the others would do, it does not do.",
    klite: (kafka) => Array.isArray(kafka) ? kafka.filter((name) => KNOWN_OF_BROKERS.has(name)) : kafka,
  },
  {
    scenario: "all configs of a broker",
    questions: /^describes many, version/,
    why:
      "The first member of an empty group waits 100 ms for others, where Kafka has 3 s; docs/configuration.md says why.",
    klite: (kafka) =>
      changed(
        kafka,
        (fields) => fields["name"] === "group.initial.rebalance.delay.ms" && fields["source"] === 5,
        {
          value: "100",
        },
      ),
  },
  ...[4, 5].map((version) => ({
    scenario: `log directories at version ${version}`,
    questions: /^/,
    why:
      "How much room the disk has, a program under Deno learns only with a permission that klite does not ask for.",
    klite: (kafka: unknown) => changed(kafka, has("totalBytes"), { totalBytes: -1, usableBytes: -1 }),
  })),
  ...[0, 1, 2].map((version) => ({
    scenario: `the quorum at version ${version}`,
    questions: /^of the metadata$/,
    why: "klite has held no election, and no controller that listens elsewhere.",
    klite: (kafka: unknown) =>
      changed(
        changed(kafka, has("leaderEpoch"), { leaderEpoch: 0 }),
        (fields) => fields["name"] === "CONTROLLER",
        { name: "PLAINTEXT" },
      ),
  })),
  {
    scenario: "topics that there are not are described",
    questions: /^no name$/,
    why: "Kafka fails inside; klite says that this is no name.",
    klite: (kafka) => changed(kafka, has("errorCode"), { errorCode: 17, topicAuthorizedOperations: 3576 }),
  },
  {
    scenario: "api versions",
    questions: /^what is served/,
    why: "klite names what it serves; what that is, docs/compatibility.md tells.",
    klite: (kafka) => Array.isArray(kafka) ? kafka.filter(({ apiKey }) => servedKeys.has(apiKey)) : kafka,
  },
  {
    scenario: "metadata",
    questions: /^by no id/,
    why:
      "Kafka fails inside and answers nothing of use; a topic without name and id is one that is not known.",
    klite: (kafka) => {
      const topics = changed(kafka, has("isInternal"), { errorCode: 100, name: null });
      const brokers = [{ nodeId: 1, host: "(host)", port: "(port)", rack: null }];
      return changed(topics, has("brokers"), {
        brokers,
        clusterId: "(clusterId)",
        controllerId: 1,
        errorCode: 0,
      });
    },
  },
  {
    scenario: "metadata",
    questions: /^by name and by id/,
    why: "Kafka forgets the names when there is an id among what is asked for.",
    klite: (kafka) =>
      changed(kafka, has("brokers"), {
        topics: [["one-RUN", 3], ["two-RUN", 1]].map(([name, partitions]) => ({
          errorCode: 0,
          name,
          topicId: `id of ${name}`,
          isInternal: false,
          partitions: Array.from({ length: Number(partitions) }, (_, partitionIndex) => ({
            errorCode: 0,
            partitionIndex,
            leaderId: 1,
            leaderEpoch: 0,
            replicaNodes: [1],
            isrNodes: [1],
            offlineReplicas: [],
          })),
          topicAuthorizedOperations: -2147483648,
        })),
      }),
  },
  {
    scenario: "create topics",
    questions: /, version [567]$|^an assignment$|^configs$|^a config twice$/,
    why:
      "Kafka sets min.insync.replicas for the whole cluster, as part of a feature that klite does not have.",
    klite: (kafka) =>
      changed(kafka, (fields) => fields["name"] === "min.insync.replicas", { configSource: 5 }),
  },
  {
    scenario: "create partitions",
    questions: /^to 2\^31 - 1/,
    why:
      "Kafka fails inside; klite refuses it as it refuses a new topic of that size, and as Kafka does there.",
    klite: (kafka) => changed(kafka, has("errorCode"), { errorCode: 44 }),
  },
  {
    scenario: "delete topics",
    questions: /^by name and again by id$/,
    why: "The refusal goes to the first that named the topic, which did so by name.",
    klite: (kafka) => changed(kafka, has("errorCode"), { topicId: "none" }),
  },
  {
    scenario: "produce in sequence",
    questions: /^the first again$|^[2-6] again$|^the new epoch again$|^across again$/,
    why:
      "For a retry Kafka tells the batch's largest timestamp, which clients take for the broker's own time. " +
      "klite answers a retry as it answered the first try.",
    klite: (kafka) => changed(kafka, has("logAppendTimeMs"), { logAppendTimeMs: -1 }),
  },
  {
    scenario: "fetch within limits",
    questions: /^less than no byte/,
    why: "Kafka fails inside; a limit below zero is no more than one of zero.",
    klite: (kafka) => changed(kafka, has("highWatermark"), served(BATCHES.slice(0, 1))),
  },
  {
    scenario: "fetch within limits",
    questions: /^an unknown isolation level$/,
    why: "Kafka fails inside; klite reads what is not committed unless it is told to read what is.",
    klite: (kafka) =>
      changed(changed(kafka, has("highWatermark"), served(BATCHES)), has("responses"), { errorCode: 0 }),
  },
  {
    scenario: "offsets of several groups are fetched at once",
    questions: /^all of one twice/,
    why: "All offsets of a group are told once: a request cannot ask for more than there is.",
    klite: (kafka) => once(kafka),
  },
  {
    scenario: "groups are described in every state, at every version",
    questions: /^admin describes \(36\)$/,
    why: "A group that is asked for twice is described once: a request cannot ask for more than there is.",
    klite: (kafka) => once(kafka),
  },
  ...[
    ["each of the last five batches may be sent again", /^a produces x y \((8|9|10|11|12)\)$/],
    ["what is stored otherwise keeps its producer", /^sends it again$/],
    ["a batch must fit its producer's transaction, version 1", /^p produces right \(2\)$/],
    ["a batch must fit its producer's transaction, version 2", /^p produces right \(2\)$/],
  ].map(([scenario, questions]) => ({
    scenario: String(scenario),
    questions: new RegExp(questions ?? ""),
    why: "As in “produce in sequence”: a retry is answered as the first try was.",
    klite: (kafka: unknown) => changed(kafka, has("logAppendTimeMs"), { logAppendTimeMs: -1 }),
  })),
  {
    scenario: "what is open holds back what was committed behind it",
    questions: /^reads what is committed up to 7$/,
    why:
      "Kafka tells of an aborted transaction behind all that it sends. klite tells of those that are sent.",
    klite: (kafka) => changed(kafka, has("abortedTransactions"), { abortedTransactions: [] }),
  },
  {
    scenario: "an operator ends what hangs in a partition",
    questions: /^of an epoch before$/,
    why: "Kafka fails inside at an epoch below 0; klite says what is wrong with it.",
    klite: (kafka) => changed(kafka, has("errorCode"), { errorCode: 47 }),
  },
  {
    scenario: "offsets are committed in transactions at every version",
    questions: /^p\d commits offsets \(6\)$/,
    why:
      "Once offsets are in a transaction Kafka does not look at the transactional id that comes with more.",
    klite: (kafka) => changed(kafka, has("partitionIndex"), { errorCode: 49 }),
  },
  ...[
    ["the start of a log moves within its bounds", /^lists special time -3$/],
    ["all that is visible is deleted, and offsets go on", /^lists special time -3$/],
    ["each partition of a request succeeds or fails on its own", /^lists special time -3 \(3\)$/],
    ['records are deleted as the cleanup policy "delete" allows', /^lists special time -3$/],
    ['records are deleted as the cleanup policy "compact,delete" allows', /^lists special time -3$/],
    ['records are deleted as the cleanup policy "delete,compact" allows', /^lists special time -3$/],
    ['records are deleted as the cleanup policy "" allows', /^lists special time -3$/],
    ["times are looked up behind the start", /^lists special time -3 \(5\)$/],
  ].map(([scenario, questions]) => ({
    scenario: String(scenario),
    questions: new RegExp(questions ?? ""),
    why: "As long as its file is there, Kafka tells of the largest timestamp of records that are deleted.",
    klite: (kafka: unknown) =>
      changed(kafka, has("timestamp"), { timestamp: -1, offset: -1, leaderEpoch: -1 }),
  })),
  ...([
    ["all that is visible is deleted, and offsets go on", 2, { offset: 23 }],
    ["the largest timestamp is deleted", 2, { timestamp: 1_700_000_000_050, offset: 4 }],
    ["the largest timestamp is deleted", 3, { timestamp: 1_700_000_000_030, offset: 5 }],
  ] as const).map(([scenario, time, found]) => ({
    scenario,
    questions: new RegExp(`^lists special time -3 \\(${time}\\)$`),
    why: "The same, where there are records that are not deleted.",
    klite: (kafka: unknown) => changed(kafka, has("timestamp"), found),
  })),
  {
    scenario: "a transaction is open across the start, and commits",
    questions: /^reads .* up to 4 \([23]\)$/,
    why:
      "Kafka tells the beginning of the batch where the log starts in its midst. Nobody can read from there.",
    klite: (kafka) => changed(kafka, has("lastStableOffset"), { lastStableOffset: 2 }),
  },
];
