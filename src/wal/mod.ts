export type {
  Checksum,
  LogOptions,
  LostRange,
  RecoveredEntry,
  RecoverOptions,
  Refusal,
  Wal,
  WalFigures,
  WalOptions,
} from "./contract.ts";
export { ENTRY_HEADER_BYTES, entryBytes, SCAN_PAYLOAD_BYTES } from "./entry.ts";
