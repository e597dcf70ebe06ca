/**
 * The matrix of rights: every API, asked by somebody with no rights, with each single right, with all but that one, with all, and with all
 * denied (`requesters.ts`). Each question is asked of all of them, so that a line of the kept answers is one answer and
 * who gets it. `in_time.ts` has rights that change while they are used.
 */
import type { Scenario } from "../scenario.ts";
import { clusterMatrix } from "./cluster.ts";
import { configsMatrix } from "./configs.ts";
import { groupsMatrix, offsetsMatrix } from "./groups.ts";
import { rightsInTime } from "./in_time.ts";
import { recordsMatrix } from "./records.ts";
import { aclsMatrix, tokensMatrix } from "./security.ts";
import { deletionMatrix, metadataMatrix, topicsMatrix } from "./topics.ts";
import { transactionsMatrix } from "./transactions.ts";

export const rights: readonly Scenario[] = [
  metadataMatrix,
  topicsMatrix,
  deletionMatrix,
  recordsMatrix,
  offsetsMatrix,
  groupsMatrix,
  transactionsMatrix,
  configsMatrix,
  clusterMatrix,
  aclsMatrix,
  tokensMatrix,
  ...rightsInTime,
];
