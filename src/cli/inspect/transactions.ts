import { isoTime } from "../../io/iso_time.ts";
import type { ProducerFacts, TransactionFacts } from "../../broker/inspect/mod.ts";
import { assignmentText } from "./groups.ts";
import { topicNamed } from "./open_view.ts";
import { producersOptions, transactionsOptions } from "./options.ts";
import { tableLines } from "./table.ts";
import type { ViewCommand } from "./view_command.ts";

/** `klite inspect transactions`: those that are open, or all ids. */
export const transactionsCommand: ViewCommand<typeof transactionsOptions> = {
  name: "inspect transactions",
  options: transactionsOptions,
  problems: () => [],
  async answer({ all, output }, { view, write }) {
    const { source, problems } = view;
    const transactions = (await view.transactions(all)).map(({ startMs, ...rest }) => ({
      ...rest,
      startMs,
      startedAt: startMs === null ? null : isoTime(startMs),
    }));
    write(
      output === "json"
        ? `${JSON.stringify({ source, transactions, problems }, null, 2)}\n`
        : transactionsText(source, transactions, all ? "transactional ids" : "open transactions"),
    );
  },
};

/** `klite inspect producers`: what partitions remember of them. */
export const producersCommand: ViewCommand<typeof producersOptions> = {
  name: "inspect producers",
  options: producersOptions,
  problems: () => [],
  async answer({ topic: name, partition, output }, { view, write }) {
    const { source, problems } = view;
    const topic = await topicNamed(view, name);
    const asked = partition === null ? topic.partitions.map((each) => each.partition) : [partition];
    const producers = await view.producers(name, asked);
    write(
      output === "json"
        ? `${JSON.stringify({ source, topic: name, producers, problems }, null, 2)}\n`
        : producersText(source, name, producers),
    );
  },
};

function transactionsText(
  source: string,
  transactions: readonly (TransactionFacts & { readonly startedAt: string | null })[],
  what: string,
): string {
  const headings = ["TRANSACTIONAL ID", "STATE", "PRODUCER", "EPOCH", "STARTED", "TIMEOUT", "PARTITIONS"];
  const rows = transactions.map((each) => [
    ...[each.transactionalId, each.state, String(each.producerId), String(each.producerEpoch)],
    each.startedAt ?? "-",
    `${each.timeoutMs} ms`,
    assignmentText(each.partitions) || "-",
  ]);
  const table = rows.length === 0 ? [] : tableLines([headings, ...rows]);
  return [`The ${source}: ${transactions.length} ${what}`, ...table, ""].join("\n");
}

function producersText(source: string, topic: string, producers: readonly ProducerFacts[]): string {
  const headings = ["PARTITION", "PRODUCER", "EPOCH", "LAST SEQUENCE", "LAST TIMESTAMP", "TRANSACTION SINCE"];
  const rows = producers.map((each) => [
    ...[each.partition, each.producerId, each.producerEpoch, each.lastSequence].map(String),
    each.lastTimestampMs < 0 ? "-" : isoTime(each.lastTimestampMs),
    each.transactionStartOffset === null ? "-" : `offset ${each.transactionStartOffset}`,
  ]);
  const table = rows.length === 0 ? [] : tableLines([headings, ...rows]);
  return [`${topic} (${source}): ${producers.length} producers`, ...table, ""].join("\n");
}
