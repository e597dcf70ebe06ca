import { KliteError } from "../../base/klite_error.ts";
import type { PartitionFacts, TopicFacts } from "../../broker/inspect/mod.ts";
import { isoTime } from "../../io/iso_time.ts";
import type { OptionValues } from "../option.ts";
import { topicNamed } from "./open_view.ts";
import { recordsOptions } from "./options.ts";
import { recordJson, recordText } from "./record_text.ts";
import { recordsOf } from "./shown_record.ts";
import type { Look, ViewCommand } from "./view_command.ts";

type Values = OptionValues<typeof recordsOptions>;

/** `klite inspect records`: what stands at an offset or a time, one batch in memory at a time. */
export const recordsCommand: ViewCommand<typeof recordsOptions> = {
  name: "inspect records",
  options: recordsOptions,
  problems: ({ offset, time }) =>
    offset !== null && time !== null
      ? ["--offset and --time both say where to begin. Leave out one of them."]
      : [],
  async answer(values, look) {
    const topic = await topicNamed(look.view, values.topic);
    const partition = choosePartition(topic, values.partition);
    const fromOffset = await beginning(values, partition, look);
    const name = `${topic.name}-${partition.partition}`;
    if (values.output === "text") look.write(heading(name, partition, look.view.source));
    if (fromOffset === null || !await show(values, partition, fromOffset, look)) {
      look.say(`there is no record ${where(values, fromOffset)}.`);
    }
  },
};

function choosePartition({ name, partitions }: TopicFacts, wanted: number | null): PartitionFacts {
  const [first, second] = partitions;
  if (wanted === null && first !== undefined && second === undefined) return first;
  const found = partitions.find(({ partition }) => partition === wanted);
  if (found !== undefined) return found;
  const range = partitions.length === 1 ? "only partition 0" : `the partitions 0 to ${partitions.length - 1}`;
  throw wanted === null
    ? new KliteError("BAD_CONFIG", `'${name}' has ${range}. Say which with --partition.`)
    : new KliteError("NOT_FOUND", `'${name}' has no partition ${wanted}; it has ${range}.`);
}

/** Where to begin; `null` when there is nothing as young as what is asked for. */
async function beginning(
  { topic, offset, time, count }: Values,
  { partition, startOffset, endOffset }: PartitionFacts,
  { view, say }: Look,
): Promise<number | null> {
  if (time !== null) return await view.offsetAt(topic, partition, time);
  const asked = offset ?? -count;
  if (asked < 0) return Math.max(startOffset, endOffset + asked);
  if (asked > endOffset) {
    throw new KliteError(
      "NOT_FOUND",
      `${topic}-${partition} ends before offset ${asked}: ${offsetWords(startOffset, endOffset)}.`,
    );
  }
  if (asked < startOffset) {
    say(`${topic}-${partition} begins at offset ${startOffset}; what was below is deleted.`);
  }
  return Math.max(startOffset, asked);
}

/** Writes the records; answers whether there were any. */
async function show(
  { topic, count, format, output }: Values,
  { partition, endOffset }: PartitionFacts,
  fromOffset: number,
  { view, write, blame }: Look,
): Promise<boolean> {
  const offsetWidth = String(endOffset).length;
  let left = count;
  for await (const found of view.batches(topic, partition, fromOffset, endOffset)) {
    const items = "bytes" in found
      ? recordsOf(found.bytes, fromOffset)
      : [{ offset: found.offset, damaged: found.problem }];
    for (const item of items) {
      if ("damaged" in item) blame();
      write(
        output === "json"
          ? recordJson(item, { topic, partition }, format)
          : recordText(item, format, offsetWidth),
      );
      if (--left === 0) return true;
    }
  }
  return left < count;
}

function heading(name: string, { startOffset, endOffset }: PartitionFacts, source: string): string {
  return `${name} (${source}): ${offsetWords(startOffset, endOffset)}\n`;
}

function offsetWords(startOffset: number, endOffset: number): string {
  return startOffset === endOffset
    ? `it is empty, and the next offset is ${endOffset}`
    : `it has the offsets ${startOffset} to ${endOffset - 1}`;
}

function where({ time }: Values, fromOffset: number | null): string {
  return time !== null ? `of ${isoTime(time)} or later` : `at offset ${fromOffset} or behind it`;
}
