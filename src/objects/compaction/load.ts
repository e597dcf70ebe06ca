let room: Promise<typeof import("./mod.ts")> | undefined;

/** Compaction, loaded when first needed: it comes with decompressors that nothing else here uses. */
export function loadCompaction(): Promise<typeof import("./mod.ts")> {
  return room ??= import("./mod.ts");
}
