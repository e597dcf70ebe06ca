import { KliteError } from "../../base/klite_error.ts";
import type { ClusterView, TopicFacts } from "../../broker/inspect/mod.ts";
import { nearest } from "../nearest.ts";
import type { OptionValues } from "../option.ts";
import type { SettingSource } from "../settings.ts";
import type { World } from "../world.ts";
import { KafkaClient } from "./kafka_client.ts";
import { KafkaView } from "./kafka_view.ts";
import type { sourceOptions } from "./options.ts";
import { ProgressBar } from "./progress_bar.ts";

/** Where the answers are to come from. */
export type SourceValues = OptionValues<typeof sourceOptions>;
export type SourceSources = { readonly [Name in keyof SourceValues]: SettingSource };

/** What does not fit together, a sentence each: variables of a container may be there for another purpose. */
export function sourceProblems({ address }: SourceValues, sources: SourceSources): string[] {
  const stored = ([["dataDir", "data-dir"], ["s3Bucket", "s3-bucket"]] as const)
    .filter(([name]) => address !== null && sources[name] === "flag");
  return stored.map(([, flag]) =>
    `--addr asks a running broker and --${flag} looks at what is stored. Leave out one of them.`
  );
}

/** Opens what the options name. */
export async function openView(
  values: SourceValues,
  sources: SourceSources,
  world: World,
): Promise<ClusterView> {
  const { address, dataDir, clusterId } = values;
  if (address !== null) {
    return new KafkaView(await KafkaClient.connect(await world.openProbe(), address, values));
  }
  const { openStored, OBJECT_DIRECTORY } = await import("../../broker/inspect/mod.ts");
  const { s3Bucket: bucket, s3Region: region, s3Endpoint: endpoint, s3Prefix: prefix } = values;
  const { clock, disk, store } = await world.openInspection(
    dataDir,
    bucket === null
      ? { kind: "directory", directory: OBJECT_DIRECTORY }
      : { kind: "s3", bucket, region, endpoint, prefix },
  );
  // With a bucket and no word of a directory the bucket is meant.
  const looksAtDirectory = bucket === null || sources.dataDir !== "default";
  const bar = new ProgressBar(world.process);
  try {
    return await openStored({
      disk: looksAtDirectory ? disk : null,
      ...{ store, clock, clusterId },
      onProgress: (what, doneBytes, totalBytes) => bar.show(what, doneBytes, totalBytes),
    });
  } catch (error) {
    await store.close();
    throw error;
  } finally {
    bar.clear();
  }
}

/**
 * A topic that must be there.
 * @throws KliteError NOT_FOUND, with the name that was most likely meant.
 */
export async function topicNamed(view: ClusterView, name: string): Promise<TopicFacts> {
  const [topic] = await view.topics([name]);
  if (topic !== undefined) return topic;
  throw notFound(view, `topic '${name}'`, name, await view.topicNames());
}

/** There is no such thing; the nearest one, or some of those that there are, may help. */
export function notFound(
  view: ClusterView,
  what: string,
  name: string,
  names: readonly string[],
): KliteError {
  const near = nearest(name, names);
  const some = names.slice(0, NAMED_MAX).map((each) => `'${each}'`).join(", ");
  const hint = near !== null
    ? ` Did you mean '${near}'?`
    : names.length === 0
    ? " There is none at all."
    : ` There ${names.length === 1 ? "is" : "are"} ${some}${
      names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : ""
    }.`;
  return new KliteError("NOT_FOUND", `There is no ${what} (${view.source}).${hint}`);
}

/** Names that a message has. */
const NAMED_MAX = 10;
