import type { Conversation } from "../peer.ts";
import { apiVersions, describeCluster, findCoordinator, metadata, producerIds } from "./cluster.ts";
import { fetchAtEveryVersion, fetchInSessions, fetchWithinLimits } from "./fetch.ts";
import { listOffsets, offsetForLeaderEpoch } from "./offsets.ts";
import {
  produceAtEveryVersion,
  produceInSequence,
  produceInTransactions,
  produceToManyPlaces,
} from "./produce.ts";
import { createPartitions, createTopics, deleteTopics } from "./topics.ts";

export const CONVERSATIONS: readonly Conversation[] = [
  apiVersions,
  metadata,
  describeCluster,
  findCoordinator,
  producerIds,
  createTopics,
  createPartitions,
  deleteTopics,
  produceAtEveryVersion,
  produceToManyPlaces,
  produceInSequence,
  produceInTransactions,
  fetchAtEveryVersion,
  fetchWithinLimits,
  fetchInSessions,
  listOffsets,
  offsetForLeaderEpoch,
];
