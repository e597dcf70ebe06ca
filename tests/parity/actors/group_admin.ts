import { api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";

/** Somebody who looks after groups. Groups are named by the words that scenarios have for them. */
export class GroupAdmin {
  readonly #peer: Peer;
  readonly client: Client;

  constructor(peer: Peer) {
    this.#peer = peer;
    this.client = peer.client("admin");
  }

  async describes(groups: readonly string[] = ["group"], version = 6): Promise<void> {
    await this.client.ask("describes", api.describeGroups, version, this.#describeInput(groups));
  }

  /** Describes until the group is in `state`, and keeps that answer. */
  async waitsFor(state: string, group = "group"): Promise<void> {
    await this.client.askUntil(
      `waits for ${state}`,
      api.describeGroups,
      5,
      this.#describeInput([group]),
      ({ groups }) => groups[0]?.groupState === state,
    );
  }

  /** Describes until the group has so many members, and keeps that answer. */
  async waitsForMembers(count: number, group = "group"): Promise<void> {
    await this.client.askUntil(
      `waits for ${count} members`,
      api.describeGroups,
      5,
      this.#describeInput([group]),
      ({ groups }) => groups[0]?.members.length === count,
    );
  }

  async lists(
    filters: { readonly states?: readonly string[]; readonly types?: readonly string[] } = {},
    version = 5,
  ): Promise<void> {
    const { states = [], types = [] } = filters;
    await this.client.ask("lists", api.listGroups, version, { statesFilter: states, typesFilter: types });
  }

  async deletes(groups: readonly string[] = ["group"], version = 2): Promise<void> {
    const groupsNames = groups.map((group) => this.#named(group));
    await this.client.ask("deletes", api.deleteGroups, version, { groupsNames });
  }

  #describeInput(groups: readonly string[]) {
    return { groups: groups.map((group) => this.#named(group)), includeAuthorizedOperations: false };
  }

  #named(group: string): string {
    return group === "" ? "" : this.#peer.unique(group);
  }
}
