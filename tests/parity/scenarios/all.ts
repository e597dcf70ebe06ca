import type { Chapter } from "../scenario.ts";
import { apiVersions, describeCluster, findCoordinator, metadata, producerIds } from "./cluster.ts";
import { changingProtocols } from "./changing_protocols.ts";
import { consumerGroups } from "./consumer_groups.ts";
import { deleteRecords } from "./delete_records.ts";
import { fetchAtEveryVersion, fetchInSessions, fetchWithinLimits } from "./fetch.ts";
import { groupLife } from "./group_life.ts";
import { idempotence } from "./idempotence.ts";
import { joining } from "./joining.ts";
import { listOffsets, offsetForLeaderEpoch } from "./list_offsets.ts";
import { expiry } from "./expiry.ts";
import { offsets } from "./offsets.ts";
import { transactionalOffsets } from "./offsets_in_transactions.ts";
import { transactionAdmin } from "./transaction_admin.ts";
import {
  produceAtEveryVersion,
  produceInSequence,
  produceInTransactions,
  produceToManyPlaces,
} from "./produce.ts";
import { staticMembers } from "./static_members.ts";
import { createPartitions, createTopics, deleteTopics } from "./topics.ts";
import { transactions } from "./transactions.ts";

export const CHAPTERS: readonly Chapter[] = [
  { name: "cluster", scenarios: [apiVersions, metadata, describeCluster, findCoordinator, producerIds] },
  { name: "topics", scenarios: [createTopics, createPartitions, deleteTopics] },
  {
    name: "produce",
    scenarios: [produceAtEveryVersion, produceToManyPlaces, produceInSequence, produceInTransactions],
  },
  { name: "fetch", scenarios: [fetchAtEveryVersion, fetchWithinLimits, fetchInSessions] },
  { name: "list offsets", scenarios: [listOffsets, offsetForLeaderEpoch] },
  { name: "delete records", scenarios: deleteRecords },
  { name: "joining", scenarios: joining },
  { name: "static members", scenarios: staticMembers },
  { name: "group life", scenarios: groupLife },
  { name: "idempotence", scenarios: idempotence },
  { name: "transactions", scenarios: transactions },
  { name: "transactions as operators see them", scenarios: transactionAdmin },
  { name: "offsets", scenarios: offsets },
  { name: "offsets in transactions", scenarios: transactionalOffsets },
  { name: "consumer groups", scenarios: consumerGroups },
  { name: "changing protocols", scenarios: changingProtocols },
  { name: "expiry", scenarios: expiry, config: { offsetsCheckIntervalMs: 100 } },
];
