/** The clients of the group suite, each with the ways in which it divides a group's partitions. */
import {
  type PreparedProgram,
  prepareGo,
  prepareJava,
  prepareJavaScript,
  preparePython,
} from "../programs.ts";

/** A client in one of its modes. */
export interface GroupClient {
  readonly name: string;
  /** What the member program is told: an assignor, or `consumer` for the protocol where the broker assigns. */
  readonly mode: string;
  /** Members keep their place while they are away for less than the session's time-out (KIP-345). */
  readonly isStatic?: boolean;
  /** Whether a quick run, too, kills the broker under it. */
  readonly isQuickRestart?: boolean;
  readonly prepare: () => Promise<PreparedProgram>;
}

const java = () => prepareJava("GroupMember");
/** It logs what the broker says of its membership. */
const javaTalking = () => prepareJava("GroupMember", "INFO");
const confluent = () => preparePython("confluent_member.py", "confluent-kafka");
const kafkaPython = () => preparePython("kafka_python_member.py", "kafka-python");
const aiokafka = () => preparePython("aiokafka_member.py", "aiokafka");
const kafkajs = () => prepareJavaScript("kafkajs_member.ts", "kafkajs");
const platformatic = () => prepareJavaScript("platformatic_member.ts", "@platformatic/kafka");
const franz = () => prepareGoMember("franz-go", "franz-go");
const sarama = () => prepareGoMember("sarama", "sarama");

/** In the order of the report. */
export const GROUP_CLIENTS: readonly GroupClient[] = [
  { name: "kafka-clients", mode: "range", prepare: java },
  { name: "kafka-clients", mode: "cooperative", isQuickRestart: true, prepare: java },
  { name: "kafka-clients", mode: "range", isStatic: true, prepare: java },
  { name: "kafka-clients", mode: "consumer", prepare: java },
  { name: "kafka-clients", mode: "consumer", isStatic: true, prepare: java },
  { name: "confluent-kafka-python", mode: "range", prepare: confluent },
  { name: "confluent-kafka-python", mode: "cooperative", prepare: confluent },
  { name: "confluent-kafka-python", mode: "consumer", isQuickRestart: true, prepare: confluent },
  { name: "kafkajs", mode: "roundrobin", isQuickRestart: true, prepare: kafkajs },
  { name: "@platformatic/kafka", mode: "roundrobin", prepare: platformatic },
  { name: "@platformatic/kafka", mode: "consumer", prepare: platformatic },
  { name: "franz-go", mode: "range", prepare: franz },
  { name: "franz-go", mode: "cooperative", isQuickRestart: true, prepare: franz },
  { name: "franz-go", mode: "consumer", prepare: franz },
  { name: "sarama", mode: "range", prepare: sarama },
  { name: "sarama", mode: "sticky", prepare: sarama },
  { name: "kafka-python", mode: "range", prepare: kafkaPython },
  { name: "kafka-python", mode: "cooperative", prepare: kafkaPython },
  { name: "aiokafka", mode: "range", prepare: aiokafka },
];

/** Those that can copy what they handle to another topic; the first of each kind are for a quick run, too. */
export const CHAIN_CLIENTS: readonly (GroupClient & { readonly isQuick: boolean })[] = [
  { name: "kafka-clients", mode: "cooperative", isQuick: true, prepare: javaTalking },
  { name: "kafka-clients", mode: "range", isQuick: false, prepare: javaTalking },
  { name: "kafka-clients", mode: "consumer", isQuick: false, prepare: javaTalking },
  { name: "confluent-kafka-python", mode: "consumer", isQuick: true, prepare: confluent },
  { name: "confluent-kafka-python", mode: "cooperative", isQuick: false, prepare: confluent },
];

/** How reports call it. */
export function labelOf({ name, mode, isStatic }: GroupClient): string {
  return `${name}, ${mode}${isStatic ? ", static" : ""}`;
}

async function prepareGoMember(client: string, library: string): Promise<PreparedProgram> {
  const { command, ...rest } = await prepareGo("groupmember", library);
  return { ...rest, command: [...command, client] };
}
