import assert from "node:assert/strict";
import { snakeCase } from "./names.ts";

Deno.test("file names are the messages' names in snake case", () => {
  assert.equal(snakeCase("AddOffsetsToTxnRequest"), "add_offsets_to_txn_request");
  assert.equal(snakeCase("KRaftVersionRecord"), "k_raft_version_record");
  assert.equal(snakeCase("UpdateRaftVoterResponse"), "update_raft_voter_response");
});
