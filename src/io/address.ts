import type { Address } from "./network.ts";

/** What a text was read as, or what is wrong with it. */
export type ParsedAddress = { readonly value: Address } | { readonly problem: string };

const HOST = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?$/;

/** Reads `host:port`, `:port` (an empty host) or `[ipv6]:port`. */
export function parseAddress(text: string): ParsedAddress {
  if (/^\d+$/.test(text)) return { problem: `a port needs a colon before it, :${text}` };
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(text);
  if (bracketed === null && text.split(":").length > 2) {
    return { problem: "an IPv6 host goes in brackets, such as [::1]:9092" };
  }
  const colon = text.lastIndexOf(":");
  const host = bracketed?.[1] ?? text.slice(0, Math.max(colon, 0));
  const portText = bracketed === null ? text.slice(colon) : bracketed[2] ?? "";
  if (colon < 0 || !portText.startsWith(":")) return { problem: "the port is missing" };
  if (bracketed === null ? host !== "" && !HOST.test(host) : !IPV6.test(host)) {
    return { problem: `'${host}' is not a host name or IP address` };
  }
  const port = portText.slice(1);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    return { problem: `'${port}' is not a port, 0 to 65535` };
  }
  return { value: { host, port: Number(port) } };
}

/** `host:port` with an IPv6 host in brackets; `:port` when the host is empty. */
export function formatAddress(address: Address): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** Whether a listener on this host takes connections on every interface. */
export function isEveryInterface(host: string): boolean {
  return host === "" || host === "0.0.0.0" || /^[0:]*$/.test(host);
}
