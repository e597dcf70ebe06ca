import { ErrorCode } from "../base/error_codes.ts";
import { KLITE_VERSION } from "../base/version.ts";
import type { Socket } from "../io/network.ts";
import { apiVersionsRequest } from "../protocol/generated/api_versions_request.ts";
import { exchange } from "./kafka_exchange.ts";

/** The first version that names its sender, for the broker's log. */
const VERSION = 3;
const CLIENT = "klite-health";

/** Whether the peer answers ApiVersions as a broker does; throws `CONNECTION_CLOSED` when it hangs up. */
export async function answersApiVersions(socket: Socket): Promise<boolean> {
  const input = { clientSoftwareName: CLIENT, clientSoftwareVersion: KLITE_VERSION };
  const reader = await exchange(socket, apiVersionsRequest, VERSION, input, CLIENT);
  if (reader === null) return false;
  // A broker that lacks the version says so, and is a broker all the same.
  const errorCode = reader.int16();
  return errorCode === ErrorCode.NONE || errorCode === ErrorCode.UNSUPPORTED_VERSION;
}
