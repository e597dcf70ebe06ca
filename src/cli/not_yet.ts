/**
 * Options of other klite versions that this one does not have. They are refused
 * by name, never ignored: a broker that looks protected or backed up and is not
 * would be worse than one that does not start.
 */
const NOT_YET: readonly { readonly what: string; readonly flags: readonly string[] }[] = [
  {
    what: "replicate to a standby",
    flags: [
      "replication-addr",
      "replication-advertised-addr",
      "replication-id",
      "replication-tls-san",
      "replication-ack-timeout",
    ],
  },
];

/** What an option would do that this version cannot, by flag. */
export const notYetByFlag: ReadonlyMap<string, string> = new Map(
  NOT_YET.flatMap(({ what, flags }) => flags.map((flag) => [flag, what] as const)),
);
