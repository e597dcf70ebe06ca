/**
 * What the broker can be asked: one file per API, from a decoded request to a
 * call of the engine to a response.
 *
 * {@link APIS} is the table of all that is served. The router checks versions
 * against it, and ApiVersions is derived from it: adding an API is a file and a
 * line here.
 */
import type { Api } from "./api.ts";
import { findCoordinator } from "./groups/find_coordinator.ts";
import { apiVersions } from "./metadata/api_versions.ts";
import { describeCluster } from "./metadata/describe_cluster.ts";
import { metadata } from "./metadata/metadata.ts";
import { fetch } from "./records/fetch.ts";
import { listOffsets } from "./records/list_offsets.ts";
import { offsetForLeaderEpoch } from "./records/offset_for_leader_epoch.ts";
import { produce } from "./records/produce.ts";
import { createPartitions } from "./topics/create_partitions.ts";
import { createTopics } from "./topics/create_topics.ts";
import { deleteTopics } from "./topics/delete_topics.ts";
import { initProducerId } from "./transactions/init_producer_id.ts";

export const APIS: readonly Api[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  findCoordinator,
  apiVersions,
  createTopics,
  deleteTopics,
  initProducerId,
  offsetForLeaderEpoch,
  createPartitions,
  describeCluster,
];

export { unsupportedApiVersions } from "./metadata/api_versions.ts";
export { CLOSE_CONNECTION, NO_RESPONSE } from "./api.ts";
export type { Api, ApiSettings, Call, Client, Handled, Services } from "./api.ts";
