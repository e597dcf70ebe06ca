import type { Clock } from "../../io/clock.ts";
import type { Dialer } from "../../io/dial.ts";
import type { Address } from "../../io/network.ts";
import { metadataRequest } from "../../protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../protocol/generated/metadata_response.ts";
import { exchange } from "../kafka_exchange.ts";

/** The first version with the cluster's id, and none of topics when none are asked for. */
const VERSION = 4;

/** What a broker tells its clients about itself. */
export interface BrokerIdentity {
  readonly clusterId: string;
  readonly nodeId: number;
  /** Where it tells clients to connect to. */
  readonly told: readonly Address[];
}

/**
 * Asks whoever listens at `address` as a client does; `null` when that is no Kafka broker.
 * @throws KliteError CONNECTION_CLOSED when nobody answers in time.
 */
export async function askIdentity(
  address: Address,
  { timeoutMs, tlsCaFile }: { readonly timeoutMs: number; readonly tlsCaFile: string | null },
  { clock, dialer }: { readonly clock: Clock; readonly dialer: Dialer },
): Promise<BrokerIdentity | null> {
  const socket = await dialer.connect(address, timeoutMs, tlsCaFile);
  const timer = clock.setTimer(timeoutMs, () => socket.close());
  try {
    const input = {
      topics: [],
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    const reader = await exchange(socket, metadataRequest, VERSION, input, "klite-doctor");
    if (reader === null) return null;
    const { clusterId, controllerId, brokers } = metadataResponse.decode(reader, VERSION);
    return { clusterId: clusterId ?? "", nodeId: controllerId, told: brokers };
  } finally {
    timer.cancel();
    socket.close();
  }
}
