import type { Call } from "../api.ts";

/**
 * Where this client is told to find the broker: what its listener has for its clients. Without an advertised address
 * it is the one that the client itself used, which is known to work for it.
 */
export function advertisedEndpoint({ client }: Call): { host: string; port: number } {
  const { host, port } = client.listener.advertised ?? client.local;
  return { host, port };
}
