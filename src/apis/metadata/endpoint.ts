import type { Call, Services } from "../api.ts";

/**
 * Where this client is told to find the broker. Without an advertised address it
 * is the one that the client itself used, which is known to work for it.
 */
export function advertisedEndpoint(services: Services, call: Call): { host: string; port: number } {
  const { host, port } = services.settings.advertised ?? call.client.local;
  return { host, port };
}
