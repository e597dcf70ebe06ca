type GroupsRoom = typeof import("./mod.ts");

let room: Promise<GroupsRoom> | undefined;

/** Loads the code that groups need, once. */
export function loadGroups(): Promise<GroupsRoom> {
  return room ??= import("./mod.ts");
}
