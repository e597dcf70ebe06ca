import { ErrorCode } from "../../base/error_codes.ts";

/** The error for a client that knows another leader epoch than the broker's (KIP-320); −1 knows none. */
export function leaderEpochError(clientEpoch: number, epoch: number): number {
  if (clientEpoch === -1 || clientEpoch === epoch) return ErrorCode.NONE;
  return clientEpoch < epoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
}
