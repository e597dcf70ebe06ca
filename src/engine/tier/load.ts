let loading: Promise<typeof import("./mod.ts")> | undefined;

/** The object tier, loaded when it is first needed: a broker with little to do does without. */
export function loadTier(): Promise<typeof import("./mod.ts")> {
  return loading ??= import("./mod.ts");
}
