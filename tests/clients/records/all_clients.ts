/** Every client of the suite, in the order of the report. */
import type { Client } from "./client.ts";
import type { DataHeader, DataRecord } from "./data_record.ts";
import { kafkaConsole } from "./kafka_console.ts";
import { kafkaPerf } from "./kafka_perf.ts";
import { kcat } from "./kcat.ts";
import { prepareGo, prepareJava, prepareJavaScript, preparePython } from "../programs.ts";
import { recordProgram } from "./record_program.ts";

/** Makes the clients; nothing is installed yet. */
export function allClients(): Client[] {
  return [
    kcat,
    kafkaConsole(),
    kafkaPerf(),
    recordProgram({ name: "kafka-clients", prepare: () => prepareJava("RecordClient") }),
    recordProgram({
      name: "confluent-kafka-python",
      prepare: () => preparePython("confluent_client.py", "confluent-kafka"),
    }),
    recordProgram({
      name: "kafka-python",
      prepare: () => preparePython("kafka_python_client.py", "kafka-python"),
      writeLimits: "no null header values, a key or a value",
      express: (record) => ({
        ...record,
        value: record.value ?? (record.key === null ? new Uint8Array() : null),
        headers: record.headers.map(withoutNull),
      }),
    }),
    recordProgram({
      name: "kafkajs",
      prepare: () => prepareJavaScript("kafkajs_client.ts", "kafkajs"),
      writeLimits: "no null header values; equal header names stand together",
      readLimits: "equal header names stand together; through its inner fetch, as its consumer joins a group",
      express: (record) => ({ ...record, headers: groupByName(record.headers).map(withoutNull) }),
      view: (record) => ({ ...record, headers: groupByName(record.headers) }),
    }),
    recordProgram({
      name: "@platformatic/kafka",
      prepare: () => prepareJavaScript("platformatic_client.ts", "@platformatic/kafka"),
      readLimits: "through Consumer.fetch, as its stream joins a group",
    }),
    recordProgram({ name: "franz-go", prepare: () => prepareGo("recordclient", "franz-go") }),
  ];
}

/** The headers as a map from name to values holds them: in the order in which the names first came. */
function groupByName(headers: DataRecord["headers"]): DataHeader[] {
  return [...Map.groupBy(headers, ({ name }) => name).values()].flat();
}

function withoutNull({ name, value }: DataHeader): DataHeader {
  return { name, value: value ?? new Uint8Array() };
}
