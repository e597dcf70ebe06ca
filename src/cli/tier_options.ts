import { byteSize, duration, integer, optional, text } from "./kinds.ts";
import type { OptionTable } from "./option.ts";

const KIB = 2 ** 10;
const GIB = 2 ** 30;
const DAY_MS = 86_400_000;

/** The options of `klite start` about what is kept below the log: objects, and how they are cleaned. */
export const tierOptions = {
  s3Bucket: {
    flag: "s3-bucket",
    kind: optional(text("NAME", "a bucket's name: 3 to 63 of a-z, 0-9, '-' and '.'", bucketProblem)),
    default: "",
    defaultWords: "none: records are kept in the data directory alone",
    group: "Object storage",
    help: "The S3 bucket that records, topics and offsets are copied to.",
    more:
      "What has been copied survives the loss of the disk. The bucket must exist. Credentials are found as by the " +
      "AWS command line: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`), a profile, or the " +
      "role of the instance, the container or the service account. Without a bucket the same objects are " +
      "written to `objects/` in the data directory, but only when the log needs the room.",
  },
  s3Region: {
    flag: "s3-region",
    kind: text("REGION", "a region such as eu-central-1", regionProblem),
    default: "us-east-1",
    group: "Object storage",
    help: "The region of the bucket.",
  },
  s3Endpoint: {
    flag: "s3-endpoint",
    kind: optional(text("URL", "a URL such as http://localhost:9000", endpointProblem)),
    default: "",
    defaultWords: "Amazon's for the region",
    group: "Object storage",
    help: "Where the S3 API is served, for stores other than Amazon's. Buckets are then named in the path.",
    more:
      "The store has to know conditional writes (`If-None-Match` and `If-Match` of PutObject), as Amazon S3, MinIO, " +
      "Ceph, Cloudflare R2 and others do: with them two brokers on one bucket refuse each other.",
  },
  s3Prefix: {
    flag: "s3-prefix",
    kind: text("PREFIX", "parts of letters, digits, '.', '_' and '-', separated by '/'", prefixProblem),
    default: "",
    defaultWords: "none",
    group: "Object storage",
    help: "What the names of all objects in the bucket begin with, before klite-<cluster id>.",
  },
  s3FlushIntervalMs: {
    flag: "s3-flush-interval",
    kind: duration(100, 30 * DAY_MS),
    default: "60s",
    group: "Object storage",
    help: "The longest time until a record is in the bucket.",
    more:
      "It bounds what is lost with the disk. A shorter interval makes more and smaller objects: each partition that is " +
      "written to costs one put in each interval.",
  },
  s3TargetObjectBytes: {
    flag: "s3-target-object-size",
    kind: byteSize(64 * KIB, GIB),
    default: "67108864",
    group: "Object storage",
    help:
      "A partition with so many bytes that are not in an object yet is copied at once; also the largest object.",
  },
  s3FlushCheckIntervalMs: {
    flag: "s3-flush-check-interval",
    kind: duration(10, DAY_MS),
    default: "5s",
    group: "Object storage",
    help: "How often klite looks for records that have waited for long enough.",
  },
  retentionCheckIntervalMs: {
    flag: "retention-check-interval",
    kind: duration(100, 30 * DAY_MS),
    default: "5m",
    group: "Cleaning",
    help: "How often klite looks for records to delete: log.retention.check.interval.ms of Kafka.",
  },
  compactionCheckIntervalMs: {
    flag: "compaction-check-interval",
    kind: duration(100, 30 * DAY_MS),
    default: "30s",
    group: "Cleaning",
    help: "How often klite looks for partitions to compact.",
  },
  compactionMinDirtyObjects: {
    flag: "compaction-min-dirty-objects",
    kind: integer(1, 1_000_000),
    default: "4",
    group: "Cleaning",
    help: "A partition with fewer new objects than that is not compacted yet.",
  },
  compactionReadRateBytes: {
    flag: "compaction-read-rate",
    kind: byteSize(KIB, 2 ** 40, { zero: "no limit" }),
    default: "52428800",
    group: "Cleaning",
    help: "The most bytes that compaction reads in a second.",
  },
  scrubIntervalMs: {
    flag: "scrub-interval",
    kind: duration(0, 3650 * DAY_MS),
    default: "0",
    defaultWords: "0, never",
    group: "Cleaning",
    help: "How often all that is kept is read, slowly, to find damage before a consumer does.",
    more:
      "The snapshots, the log's files and every object, at 16 MiB a second at most. What is damaged is made again where " +
      "the other of log and objects has the bytes, and named where neither has.",
  },
} as const satisfies OptionTable;

function bucketProblem(name: string): string | null {
  if (name.includes("/")) return "a bucket's name has no '/'; the rest belongs into --s3-prefix";
  if (/[A-Z_]/.test(name)) return "capital letters and '_' cannot be in a bucket's name";
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes("..")) return "not such a name";
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? "an address is no bucket's name" : null;
}

function regionProblem(region: string): string | null {
  return /^[A-Za-z0-9-]{1,64}$/.test(region) ? null : "not such a name";
}

function endpointProblem(url: string): string | null {
  if (!/^https?:\/\//i.test(url)) return "it does not begin with http:// or https://";
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === "") return "not a URL";
  if (parsed.username !== "" || parsed.password !== "") {
    return "credentials do not belong here; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  }
  return parsed.pathname !== "/" || parsed.search !== "" || parsed.hash !== ""
    ? "there is something behind the host and port"
    : null;
}

/** Keys have 900 characters at most, of which klite's own take up to 400. */
const PREFIX_CHARACTERS_MAX = 400;

function prefixProblem(prefix: string): string | null {
  if (prefix.length > PREFIX_CHARACTERS_MAX) return `longer than ${PREFIX_CHARACTERS_MAX} characters`;
  const parts = prefix.replace(/^\/|\/$/g, "").split("/");
  if (prefix === "") return null;
  return parts.every((part) => /^[A-Za-z0-9._-]+$/.test(part) && !/^\.\.?$/.test(part))
    ? null
    : "not such a prefix";
}
