import type { ClassicLimits } from "../../cluster/mod.ts";
import type { Engine } from "../engine.ts";
import { ClassicGroups } from "./classic_groups.ts";

/** What the operator decides about groups. */
export interface GroupSettings {
  readonly classic: ClassicLimits;
}

/** What of all groups is not durable: one coordinator for each kind. */
export class GroupCoordinator {
  readonly classic: ClassicGroups;

  constructor(engine: Engine, settings: GroupSettings) {
    this.classic = new ClassicGroups(engine, settings.classic);
  }

  /** Takes the groups over that recovery found. */
  start(): void {
    this.classic.start();
  }

  /** Lets those who wait for a group know that somebody else has changed or deleted it. */
  changed(groupId: string): void {
    this.classic.settle(groupId);
  }
}
