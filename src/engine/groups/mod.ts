/**
 * What of groups is not durable. A room of its own in the engine, with its rules: it is loaded when somebody asks for
 * a group, or recovery has found one.
 */
import type { Engine } from "../engine.ts";
import { GroupCoordinator } from "./group_coordinator.ts";

const coordinators = new WeakMap<Engine, GroupCoordinator>();

/** The coordinator of an engine's groups; made when first asked for. */
export function groupsOf(engine: Engine): GroupCoordinator {
  let groups = coordinators.get(engine);
  if (groups === undefined) {
    groups = new GroupCoordinator(engine, engine.groupSettings);
    coordinators.set(engine, groups);
  }
  return groups;
}
