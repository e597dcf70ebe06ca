import { boolean, optional, text } from "../kinds.ts";
import { outputOption, startOptions } from "../options.ts";
import type { OptionTable } from "../option.ts";

/** The options of `klite inspect`. It shares the broker's own, so that a container's variables fit both. */
export const inspectOptions = {
  dataDir: {
    ...startOptions.dataDir,
    defaultWords: "./data, or none when --s3-bucket is given",
    help: "The data directory to look at. A broker may be at work on it.",
  },
  s3Bucket: {
    ...startOptions.s3Bucket,
    defaultWords: "none: the objects in the data directory",
    help: "The S3 bucket to look at.",
  },
  s3Region: startOptions.s3Region,
  s3Endpoint: startOptions.s3Endpoint,
  s3Prefix: startOptions.s3Prefix,
  topic: {
    flag: "topic",
    kind: optional(text("NAME", "a topic's name", () => null)),
    default: "",
    defaultWords: "all",
    group: "Topics",
    help: "Show, and verify, this topic only.",
    flagOnly: true,
  },
  verify: {
    flag: "verify",
    kind: boolean,
    default: "false",
    group: "Records",
    help: "Read every object from end to end and check all checksums.",
    flagOnly: true,
  },
  clusterId: {
    ...startOptions.clusterId,
    defaultWords: "the data directory's, or all in the bucket",
    help: "Show this cluster only.",
  },
  output: outputOption(),
} as const satisfies OptionTable;
