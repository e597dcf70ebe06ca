import type { Message, Struct } from "./model.ts";

/** `AddOffsetsToTxnRequest` → `add_offsets_to_txn_request`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2").toLowerCase();
}

/** `FetchRequest` → `fetchRequest`. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** The exported interface of a struct: its own name, with the message's before it when it is a part of one. */
export function interfaceName(message: Message, struct: Struct): string {
  return struct === message.root ? message.name : message.name + struct.name;
}
