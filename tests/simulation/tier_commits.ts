import assert from "node:assert/strict";
import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import { offsetCommitRequest } from "../../src/protocol/generated/offset_commit_request.ts";
import { offsetCommitResponse } from "../../src/protocol/generated/offset_commit_response.ts";
import { offsetFetchRequest } from "../../src/protocol/generated/offset_fetch_request.ts";
import { offsetFetchResponse } from "../../src/protocol/generated/offset_fetch_response.ts";
import { only, type TopicRef } from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";

const GROUP_ID = "readers";

/** Somebody who commits ever higher offsets of a topic. */
export class GroupCommits {
  readonly #topic: TopicRef;
  #asked = -1;
  #answered = -1;
  #life = 0;

  constructor(topic: TopicRef) {
    this.#topic = topic;
  }

  cut(): void {
    this.#life++;
  }

  async commit(client: WireClient): Promise<void> {
    const life = this.#life;
    const committedOffset = ++this.#asked;
    const answer = await client.send(offsetCommitRequest, offsetCommitResponse, 9, {
      groupId: GROUP_ID,
      memberId: "",
      generationIdOrMemberEpoch: -1,
      topics: [{
        name: this.#topic.name,
        partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: "" }],
      }],
    });
    const { errorCode } = only(only(answer.topics).partitions);
    if (this.#life !== life) return;
    if (errorCode === ErrorCode.NONE) this.#answered = Math.max(this.#answered, committedOffset);
  }

  /** The offset is one that was answered or came later; of a lost disk only that it was asked for is known. */
  async check(client: WireClient, hasLostDisk: boolean): Promise<void> {
    const answer = await client.send(offsetFetchRequest, offsetFetchResponse, 7, {
      groupId: GROUP_ID,
      topics: [{ name: this.#topic.name, partitionIndexes: [0] }],
      groups: [],
    });
    assert.equal(answer.errorCode, ErrorCode.NONE, errorName(answer.errorCode));
    const { committedOffset } = only(only(answer.topics).partitions);
    const least = hasLostDisk ? -1 : this.#answered;
    const name = `the committed offset of ${this.#topic.name}`;
    assert.ok(committedOffset >= least && committedOffset <= this.#asked, `${name}: ${committedOffset}`);
    this.#answered = committedOffset;
  }
}
