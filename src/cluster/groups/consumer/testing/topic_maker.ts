import type { ClusterState } from "../../../cluster_state.ts";
import type { MetadataRecord } from "../../../records.ts";

/** Makes topics and adds partitions, each topic with an id of its own. */
export class TopicMaker {
  #made = 0;

  /** What makes the topic have `count` partitions at least. */
  grow(state: ClusterState, name: string, count: number): MetadataRecord[] {
    const topic = state.topic(name);
    const firstStream = state.nextStream;
    if (topic === undefined) {
      const id = `topic-${this.#made++}`;
      return [{ type: "topic_created", name, id, firstStream, partitions: count, configs: {} }];
    }
    const more = count - topic.partitions.length;
    return more <= 0 ? [] : [{ type: "partitions_created", id: topic.id, firstStream, count: more }];
  }
}
