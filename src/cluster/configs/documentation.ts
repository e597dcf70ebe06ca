import { TOPIC_CONFIGS } from "./topic_configs.ts";

/** What each topic config is for, in a sentence or two. Names of the broker's configs that topics follow say the same. */
const TOPIC: Readonly<Record<string, string>> = {
  "cleanup.policy":
    "What becomes of old records: delete drops them by age and size, compact keeps the last one of each key. Both may be given; with neither all are kept.",
  "compression.gzip.level":
    "How hard gzip tries, 1 to 9, where compression.type is gzip; -1 is gzip's own choice.",
  "compression.lz4.level":
    "How hard lz4 tries. Kept and told: lz4 is always compressed at its fast level here.",
  "compression.type":
    "How batches are stored: as producers send them (producer), not compressed, or compressed anew with the codec named.",
  "compression.zstd.level": "How hard zstd tries where compression.type is zstd.",
  "delete.retention.ms": "How long compaction keeps a tombstone, so that readers learn that the key is gone.",
  "file.delete.delay.ms":
    "How long a file stays before it is removed. Kept and told: there are no files for each topic.",
  "flush.messages":
    "Records after which a sync is forced. Kept and told: nothing is acknowledged before it is synced.",
  "flush.ms":
    "Time after which a sync is forced. Kept and told: nothing is acknowledged before it is synced.",
  "follower.replication.throttled.replicas":
    "Replicas whose followers are slowed down. Kept and told: there are no followers.",
  "index.interval.bytes": "How dense the index is. Kept and told: every batch is in the index.",
  "leader.replication.throttled.replicas":
    "Replicas whose leaders are slowed down. Kept and told: there are no followers.",
  "local.retention.bytes":
    "How much stays on local disk under tiered storage. Kept and told: the log's room decides.",
  "local.retention.ms":
    "How long records stay on local disk under tiered storage. Kept and told: the log's room decides.",
  "max.compaction.lag.ms": "A record is compacted no later than this after it was written.",
  "max.message.bytes": "The largest batch that is taken, in bytes, as it is stored.",
  "message.timestamp.after.max.ms": "How far ahead of the broker's clock a record's time may be.",
  "message.timestamp.before.max.ms": "How far behind the broker's clock a record's time may be.",
  "message.timestamp.type":
    "Whose time counts: the producer's (CreateTime) or the broker's at the append (LogAppendTime).",
  "min.cleanable.dirty.ratio": "The part of a log that must be new before it is compacted.",
  "min.compaction.lag.ms": "A record is not compacted before it is so old.",
  "min.insync.replicas":
    "Replicas that must have a record before acks=all is answered. Kept and told: there is one.",
  "preallocate": "Whether files get their room ahead. Kept and told: the log's files always do.",
  "remote.log.copy.disable": "Stops tiered storage from copying. Kept and told.",
  "remote.log.delete.on.disable": "Whether disabling tiered storage deletes what was copied. Kept and told.",
  "remote.storage.enable":
    "Kafka's tiered storage. It cannot be enabled: klite moves records to objects by itself.",
  "retention.bytes": "The largest a partition gets before its oldest records go; -1 for no limit.",
  "retention.ms": "The age at which records go; -1 for never.",
  "segment.bytes": "The size of a segment file. Kept and told: all partitions share one log.",
  "segment.index.bytes": "The size of an index file. Kept and told: there are none.",
  "segment.jitter.ms": "Spread of segment.ms. Kept and told.",
  "segment.ms": "The age at which a segment file ends. Kept and told: all partitions share one log.",
  "unclean.leader.election.enable":
    "Whether a replica that lags may lead. Kept and told: there is one replica.",
};

const OTHERS: Readonly<Record<string, string>> = {
  "advertised.listeners": "The address that clients are told to connect to, when one was given.",
  "authorizer.class.name": "What decides who may do what; empty: everybody may do everything.",
  "auto.create.topics.enable": "Whether a topic that a client asks for is made.",
  "broker.id": "The number of this broker.",
  "broker.rack": "Where this broker stands. One broker has no use for it.",
  "connections.max.idle.ms": "Connections that are silent for so long are closed.",
  "default.replication.factor": "Replicas of a new topic. There is one broker, hence one.",
  "delegation.token.expiry.check.interval.ms": "How often the broker looks for delegation tokens to forget.",
  "delegation.token.expiry.time.ms": "How long a delegation token is good for without being renewed.",
  "delegation.token.max.lifetime.ms": "How long a delegation token can be renewed.",
  "delete.topic.enable": "Whether topics can be deleted.",
  "group.consumer.assignment.interval.ms":
    "Shortest time between two assignments of a group of the consumer protocol.",
  "group.consumer.assignors":
    "How partitions are assigned in groups of the consumer protocol; the first is the default.",
  "group.consumer.heartbeat.interval.ms": "How often members of the consumer protocol speak.",
  "group.consumer.max.assignment.interval.ms": "The largest consumer.assignment.interval.ms of a group.",
  "group.consumer.max.heartbeat.interval.ms": "The largest consumer.heartbeat.interval.ms of a group.",
  "group.consumer.max.session.timeout.ms": "The largest consumer.session.timeout.ms of a group.",
  "group.consumer.max.size": "The most members of a group of the consumer protocol.",
  "group.consumer.migration.policy": "Whether groups with members change from one protocol to the other.",
  "group.consumer.min.assignment.interval.ms": "The smallest consumer.assignment.interval.ms of a group.",
  "group.consumer.min.heartbeat.interval.ms": "The smallest consumer.heartbeat.interval.ms of a group.",
  "group.consumer.min.session.timeout.ms": "The smallest consumer.session.timeout.ms of a group.",
  "group.consumer.session.timeout.ms": "How long a member of the consumer protocol may be silent.",
  "group.coordinator.rebalance.protocols": "The protocols that groups can speak.",
  "group.initial.rebalance.delay.ms": "How long the first member of an empty classic group waits for others.",
  "group.max.session.timeout.ms": "The longest session that a member of a classic group may ask for.",
  "group.max.size": "The most members of a classic group.",
  "group.min.session.timeout.ms": "The shortest session that a member of a classic group may ask for.",
  "listeners": "Where the broker listens.",
  "log.cleaner.enable": "Whether compaction runs.",
  "log.dirs": "The data directory.",
  "log.flush.scheduler.interval.ms": "How often Kafka looks for what is to be synced. Kept and told.",
  "log.retention.check.interval.ms": "How often the broker looks for records whose time is over.",
  "log.retention.hours": "The age at which records go, in hours, where log.retention.ms is not set.",
  "log.retention.minutes": "The same in minutes. Not used.",
  "log.roll.hours": "The age at which a segment file ends, in hours. Kept and told.",
  "log.roll.jitter.hours": "Its spread. Kept and told.",
  "max.connections": "The most connections at a time; more are refused.",
  "max.incremental.fetch.session.cache.slots": "The most fetch sessions; other clients fetch without one.",
  "max.request.partition.size.limit": "The most partitions that DescribeTopicPartitions tells at once.",
  "node.id": "The number of this node.",
  "num.partitions": "Partitions of a topic that is made without a count.",
  "offset.metadata.max.bytes": "The longest text beside a committed offset.",
  "offsets.retention.check.interval.ms": "How often the broker looks for offsets to forget.",
  "offsets.retention.minutes": "How long the offsets of a group are kept that nobody is in any more.",
  "process.roles": "What this node is: broker and controller in one.",
  "producer.id.expiration.ms": "How long a partition remembers a producer that writes no more.",
  "socket.request.max.bytes": "The largest request.",
  "transaction.abort.timed.out.transaction.cleanup.interval.ms":
    "How often the broker looks for transactions to abort.",
  "transaction.max.timeout.ms": "The longest time-out that a producer may ask for.",
  "transaction.remove.expired.transaction.cleanup.interval.ms":
    "How often the broker looks for transactional ids to forget.",
  "transactional.id.expiration.ms": "How long an unused transactional id is remembered.",
  "consumer.assignment.interval.ms": "Shortest time between two assignments of this group.",
  "consumer.heartbeat.interval.ms": "How often members of this group speak.",
  "consumer.session.timeout.ms": "How long a member of this group may be silent.",
  "interval.ms": "How often clients that match push their metrics.",
  "match": "Which clients: what of them must be like which pattern. Without it, all.",
  "metrics": "What their metrics' names begin with; * for all.",
};

/** What the config is for. */
export function configDocumentation(name: string): string {
  const own = TOPIC[name] ?? OTHERS[name];
  if (own !== undefined) return own;
  const topicConfig = TOPIC_CONFIGS.find(({ broker }) => broker === name);
  return topicConfig === undefined ? "" : `For topics without their own: ${TOPIC[topicConfig.name]}`;
}
