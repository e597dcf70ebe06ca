/** What Kafka's tools for topics, configs, partitions and the cluster are asked: the same of klite and of a real Kafka. */
import { toolOf, type ToolRun } from "./tool_run.ts";

/** Files that some tools read. */
export interface AdminFiles {
  /** Says which topics are to move. */
  readonly topicsToMove: string;
  /** Where partitions are to go: to where they are. */
  readonly reassignment: string;
  /** To a broker that there is not. */
  readonly strangeReassignment: string;
  /** Names partitions that are to get a leader. */
  readonly elections: string;
}

export interface AdminScene {
  readonly bootstrap: string;
  /** A topic of three partitions with records. */
  readonly topic: string;
  /** A group of the consumer protocol. */
  readonly consumer: string;
  readonly files: AdminFiles;
}

const TOPICS = "org.apache.kafka.tools.TopicCommand";
const CONFIGS = "kafka.admin.ConfigCommand";
const CLIENT_METRICS = "org.apache.kafka.tools.ClientMetricsCommand";
const LOG_DIRS = "org.apache.kafka.tools.LogDirsCommand";
const CLUSTER = "org.apache.kafka.tools.ClusterTool";
const FEATURES = "org.apache.kafka.tools.FeatureCommand";
const ELECTIONS = "org.apache.kafka.tools.LeaderElectionCommand";
const REASSIGN = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand";
const QUORUM = "org.apache.kafka.tools.MetadataQuorumCommand";
const VERSIONS = "org.apache.kafka.tools.BrokerApiVersionsCommand";

/** In this order: later ones see what earlier ones have changed. */
export function adminRuns(scene: AdminScene): ToolRun[] {
  return [
    ...topicRuns(scene),
    ...topicConfigRuns(scene),
    ...brokerConfigRuns(scene),
    ...otherConfigRuns(scene),
    ...partitionRuns(scene),
    ...clusterRuns(scene),
    ...topicEnds(scene),
  ];
}

function topicRuns({ bootstrap, topic }: AdminScene): ToolRun[] {
  const topics = toolOf("topics", TOPICS, bootstrap);
  const create = (...args: string[]) => topics("--create", "--topic", ...args);
  const describe = (...args: string[]) => topics("--describe", ...args);
  const made = ["--topic", "made"];
  return [
    create("made", "--partitions", "2", "--replication-factor", "1"),
    create("made"),
    create("made", "--if-not-exists"),
    create("made.too", "--config", "retention.ms=1000", "--config", "cleanup.policy=compact,delete"),
    create("made_too"),
    create("placed", "--replica-assignment", "1,1,1"),
    create("badly", "--config", "retention.ms=soon"),
    create("badly", "--config", "no.such.config=1"),
    create("badly", "--partitions", "0"),
    create("badly", "--replication-factor", "3"),
    create("bad/name"),
    topics("--list"),
    topics("--list", "--exclude-internal"),
    topics("--list", ...made),
    topics("--list", "--topic", "made.*"),
    describe("--topic", topic),
    describe("--topic", "made|made.too|placed"),
    describe("--topic", "placed", "--partition-size-limit-per-response", "1"),
    describe("--topic", "no-such-topic"),
    describe("--topic", "no-such-topic", "--if-exists"),
    describe("--topic-id", "ffffffffffffffffffff_w"),
    describe("--topics-with-overrides"),
    ...["under-replicated", "unavailable", "under-min-isr", "at-min-isr"].map((filter) =>
      describe(...made, `--${filter}-partitions`)
    ),
    topics("--alter", ...made, "--partitions", "4"),
    topics("--alter", ...made, "--partitions", "3"),
    topics("--alter", ...made, "--partitions", "5", "--replica-assignment", "1,1,1,1,1"),
    topics("--alter", "--topic", "no-such-topic", "--partitions", "3"),
    topics("--alter", "--topic", "no-such-topic", "--partitions", "3", "--if-exists"),
    describe(...made),
  ];
}

function topicConfigRuns({ bootstrap }: AdminScene): ToolRun[] {
  const configs = toolOf("configs", CONFIGS, bootstrap);
  const made = ["--entity-type", "topics", "--entity-name", "made"];
  const describe = configs("--describe", ...made);
  return [
    describe,
    configs("--alter", ...made, "--add-config", "retention.ms=5000,cleanup.policy=[compact,delete]"),
    describe,
    configs("--describe", ...made, "--all"),
    configs("--alter", ...made, "--add-config", "max.message.bytes=x"),
    configs("--alter", ...made, "--add-config", "no.such.config=1"),
    configs("--alter", ...made, "--delete-config", "retention.ms"),
    configs("--alter", ...made, "--delete-config", "no.such.config"),
    configs("--alter", ...made, "--delete-config", "cleanup.policy", "--add-config", "segment.bytes=2000000"),
    describe,
    configs("--describe", "--topic", "made.too"),
    configs("--describe", "--entity-type", "topics"),
    configs("--describe", "--topic", "no-such-topic"),
    configs("--alter", "--topic", "no-such-topic", "--add-config", "retention.ms=1"),
  ];
}

function brokerConfigRuns({ bootstrap }: AdminScene): ToolRun[] {
  const configs = toolOf("configs", CONFIGS, bootstrap);
  const one = ["--entity-type", "brokers", "--entity-name", "1"];
  const all = ["--entity-type", "brokers", "--entity-default"];
  return [
    configs("--describe", ...one),
    configs("--describe", ...all),
    configs("--alter", ...all, "--add-config", "log.retention.ms=86400000,message.max.bytes=2000000"),
    configs("--alter", ...one, "--add-config", "log.cleaner.delete.retention.ms=1000"),
    configs("--describe", ...one),
    configs("--describe", ...all),
    configs("--describe", "--topic", "made", "--all"),
    configs("--alter", ...one, "--add-config", "num.partitions=3"),
    configs("--alter", ...one, "--add-config", "log.retention.bytes=many"),
    configs("--alter", ...one, "--delete-config", "log.cleaner.delete.retention.ms"),
    configs("--alter", ...all, "--delete-config", "log.retention.ms,message.max.bytes"),
    configs("--describe", ...one),
    configs("--alter", "--broker-logger", "1", "--add-config", "root=DEBUG"),
    configs("--alter", "--broker-logger", "1", "--add-config", "root=LOUD"),
    configs("--alter", "--broker-logger", "1", "--add-config", "root=INFO"),
  ];
}

function otherConfigRuns({ bootstrap, consumer }: AdminScene): ToolRun[] {
  const configs = toolOf("configs", CONFIGS, bootstrap);
  const metrics = toolOf("client-metrics", CLIENT_METRICS, bootstrap);
  const group = ["--entity-type", "groups", "--entity-name", consumer];
  const described = metrics("--describe", "--name", "often");
  return [
    configs("--describe", ...group),
    configs("--alter", ...group, "--add-config", "consumer.heartbeat.interval.ms=600"),
    configs("--describe", ...group),
    configs("--describe", "--entity-type", "groups"),
    configs("--alter", ...group, "--add-config", "consumer.heartbeat.interval.ms=99999999"),
    configs("--alter", ...group, "--add-config", "no.such.config=1"),
    configs("--alter", ...group, "--delete-config", "consumer.heartbeat.interval.ms"),
    configs("--describe", ...group),
    metrics("--list"),
    metrics("--alter", "--name", "often", "--metrics", "org.apache.kafka.,x", "--interval", "1000"),
    metrics("--alter", "--name", "often", "--match", "client_id=a.*"),
    metrics("--list"),
    described,
    metrics("--alter", "--name", "often", "--interval", "1"),
    metrics("--delete", "--name", "often"),
    metrics("--list"),
    described,
  ];
}

function partitionRuns({ bootstrap, topic, files }: AdminScene): ToolRun[] {
  const dirs = toolOf("log-dirs", LOG_DIRS, bootstrap);
  const elect = toolOf("leader-election", ELECTIONS, bootstrap);
  const reassign = toolOf("reassign-partitions", REASSIGN, bootstrap);
  return [
    dirs("--describe", "--topic-list", "made,placed"),
    dirs("--describe", "--topic-list", topic, "--broker-list", "1"),
    dirs("--describe", "--topic-list", "no-such-topic"),
    dirs("--describe", "--broker-list", "7"),
    elect("--election-type", "preferred", "--topic", topic, "--partition", "0"),
    elect("--election-type", "unclean", "--topic", topic, "--partition", "1"),
    elect("--election-type", "preferred", "--topic", "no-such-topic", "--partition", "0"),
    elect("--election-type", "preferred", "--path-to-json-file", files.elections),
    elect("--election-type", "preferred", "--all-topic-partitions"),
    elect("--election-type", "unclean", "--all-topic-partitions"),
    reassign("--list"),
    reassign("--generate", "--topics-to-move-json-file", files.topicsToMove, "--broker-list", "1"),
    reassign("--generate", "--topics-to-move-json-file", files.topicsToMove, "--broker-list", "1,2"),
    reassign("--execute", "--reassignment-json-file", files.reassignment),
    reassign("--verify", "--reassignment-json-file", files.reassignment),
    reassign("--cancel", "--reassignment-json-file", files.reassignment),
    reassign("--execute", "--reassignment-json-file", files.strangeReassignment),
    reassign("--verify", "--reassignment-json-file", files.strangeReassignment),
    reassign("--list"),
  ];
}

function clusterRuns({ bootstrap }: AdminScene): ToolRun[] {
  const cluster = (...args: string[]): ToolRun => ({
    title: `cluster ${args.join(" ")}`,
    words: [CLUSTER, ...args, "--bootstrap-server", bootstrap],
  });
  const features = toolOf("features", FEATURES, bootstrap);
  const quorum = toolOf("metadata-quorum", QUORUM, bootstrap);
  return [
    cluster("cluster-id"),
    cluster("list-endpoints"),
    cluster("list-endpoints", "--include-fenced-brokers"),
    cluster("unregister", "--id", "7"),
    features("upgrade", "--feature", "group.version=1"),
    features("upgrade", "--feature", "transaction.version=2", "--feature", "group.version=1", "--dry-run"),
    features("upgrade", "--feature", "group.version=9"),
    features("downgrade", "--feature", "transaction.version=9"),
    features("disable", "--feature", "no.such.feature"),
    quorum("describe", "--status"),
    quorum("describe", "--replication"),
    toolOf("broker-api-versions", VERSIONS, bootstrap)(),
  ];
}

function topicEnds({ bootstrap }: AdminScene): ToolRun[] {
  const topics = toolOf("topics", TOPICS, bootstrap);
  const gone = ["made", "made.too", "placed"];
  return [
    ...gone.map((name) => topics("--delete", "--topic", name)),
    topics("--delete", "--topic", "made"),
    topics("--delete", "--topic", "made", "--if-exists"),
  ];
}
