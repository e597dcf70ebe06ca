/** An IPv4 address within IPv6, as URLs write it. */
const MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

/** An IP address as it is compared, in whatever way it was written; `null` when the text is none. */
export function plainAddress(text: string): string | null {
  const inBrackets = `http://[${text}]/`;
  const isIpv6 = /^[0-9a-fA-F:.]+$/.test(text) && URL.canParse(inBrackets);
  if (isIpv6) return withoutIpv6(new URL(inBrackets).hostname.slice(1, -1));
  const isIpv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) &&
    text.split(".").every((part) => Number(part) < 256);
  return isIpv4 ? text.split(".").map(Number).join(".") : null;
}

/** An IPv4 address is told as such. */
function withoutIpv6(address: string): string {
  const mapped = MAPPED.exec(address);
  if (mapped === null) return address;
  const halves = mapped.slice(1).map((half) => parseInt(half, 16));
  return halves.flatMap((half) => [half >> 8, half & 0xff]).join(".");
}
