import { duration } from "../kinds.ts";
import { outputOption, startOptions, trustOption } from "../options.ts";
import type { OptionTable } from "../option.ts";

/** The options of `klite doctor`. They are the broker's own, so that its variables fit both. */
export const doctorOptions = {
  listen: { ...startOptions.listen, help: "Where the broker listens, or will." },
  advertised: startOptions.advertised,
  tlsCaFile: trustOption(),
  timeoutMs: {
    flag: "timeout",
    kind: duration(1, 3_600_000),
    default: "3s",
    group: "Network",
    help: "How long to wait for an answer to a connection.",
    flagOnly: true,
  },
  dataDir: { ...startOptions.dataDir, help: "The broker's data directory. A broker may be at work on it." },
  walSegmentBytes: startOptions.walSegmentBytes,
  walMaxDiskBytes: startOptions.walMaxDiskBytes,
  s3Bucket: {
    ...startOptions.s3Bucket,
    help: "The S3 bucket to check; a small object is put there and deleted.",
  },
  s3Region: startOptions.s3Region,
  s3Endpoint: startOptions.s3Endpoint,
  s3Prefix: startOptions.s3Prefix,
  output: outputOption(),
} as const satisfies OptionTable;
