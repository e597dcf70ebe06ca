/** Hosts of ACLs are addresses as Java writes them: four numbers, or eight groups without zeros left out. */

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;

/**
 * An address in the one way that Java writes it, however it was written: `::1` is `0:0:0:0:0:0:0:1`, and an IPv4
 * address within IPv6 is that IPv4 address. What is no IPv6 address stays as it is.
 */
export function javaHost(host: string): string {
  if (!host.includes(":")) return host;
  const mapped = MAPPED.exec(host);
  if (mapped !== null) return mapped[1]!;
  const [address = "", zone] = host.split("%");
  const halves = address.split("::").map((half) => half === "" ? [] : half.split(":"));
  const [head = [], tail = []] = halves;
  const missing = GROUPS - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return host;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return host;
  const text = groups.map((group) => parseInt(group, 16).toString(16)).join(":");
  return zone === undefined ? text : `${text}%${zone}`;
}

/** Whether what an ACL says of hosts is true of `host`, as {@link javaHost} gives it. */
export function hostMatches(ofAcl: string, host: string): boolean {
  return ofAcl === "*" || ofAcl === host || (ofAcl.includes(":") && javaHost(ofAcl) === host);
}
