/**
 * Options of other klite versions that this one does not have. They are refused
 * by name, never ignored: a broker that looks protected or backed up and is not
 * would be worse than one that does not start.
 */
const NOT_YET: readonly { readonly what: string; readonly flags: readonly string[] }[] = [
  {
    what: "keep data in object storage",
    flags: [
      "s3-bucket",
      "s3-region",
      "s3-endpoint",
      "s3-prefix",
      "s3-flush-interval",
      "s3-target-object-size",
      "s3-flush-check-interval",
    ],
  },
  { what: "delete old records by itself", flags: ["retention-check-interval"] },
  {
    what: "compact topics",
    flags: ["compaction-check-interval", "compaction-min-dirty-objects", "compaction-read-rate"],
  },
  { what: "authenticate clients", flags: ["sasl-enabled", "sasl-mechanism", "sasl-user", "sasl-password"] },
  {
    what: "replicate to a standby",
    flags: [
      "replication-addr",
      "replication-advertised-addr",
      "replication-id",
      "replication-tls-san",
      "replication-ack-timeout",
      "lease-duration",
      "lease-renew-interval",
      "lease-retry-interval",
    ],
  },
];

/** What an option would do that this version cannot, by flag. */
export const notYetByFlag: ReadonlyMap<string, string> = new Map(
  NOT_YET.flatMap(({ what, flags }) => flags.map((flag) => [flag, what] as const)),
);
