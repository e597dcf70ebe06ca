/** An IP address as it is compared, in whatever way it was written; `null` when the text is none. */
export function plainAddress(text: string): string | null {
  const inBrackets = `http://[${text}]/`;
  const isIpv6 = /^[0-9a-fA-F:.]+$/.test(text) && URL.canParse(inBrackets);
  if (isIpv6) return new URL(inBrackets).hostname.slice(1, -1);
  const isIpv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) &&
    text.split(".").every((part) => Number(part) < 256);
  return isIpv4 ? text : null;
}
