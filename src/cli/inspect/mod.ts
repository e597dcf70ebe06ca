/**
 * `klite inspect` and what goes with it. The bare command checks what is stored; the others answer questions, through a
 * `ClusterView`: of a running broker over the Kafka protocol (`kafka_view.ts`), or of a data directory or a bucket
 * through the state that a broker would start from (`broker/inspect/`). Both give the same answers.
 *
 * Nothing is changed anywhere, one batch is in memory at a time, and what is damaged is named and passed over.
 */
import type { GivenFlags } from "../commands.ts";
import type { World } from "../world.ts";
import { groupsCommand } from "./groups.ts";
import { inspectCommand } from "./inspect.ts";
import { recordsCommand } from "./records.ts";
import { aclsCommand, quotasCommand, tokensCommand, usersCommand } from "./security.ts";
import { topicsCommand } from "./topics.ts";
import { producersCommand, transactionsCommand } from "./transactions.ts";
import { runViewCommand } from "./view_command.ts";

type Run = (given: GivenFlags, world: World) => Promise<number>;

export const inspect: Run = inspectCommand;
export const inspectTopics: Run = (given, world) => runViewCommand(topicsCommand, given, world);
export const inspectRecords: Run = (given, world) => runViewCommand(recordsCommand, given, world);
export const inspectGroups: Run = (given, world) => runViewCommand(groupsCommand, given, world);
export const inspectTransactions: Run = (given, world) => runViewCommand(transactionsCommand, given, world);
export const inspectProducers: Run = (given, world) => runViewCommand(producersCommand, given, world);
export const inspectUsers: Run = (given, world) => runViewCommand(usersCommand, given, world);
export const inspectAcls: Run = (given, world) => runViewCommand(aclsCommand, given, world);
export const inspectQuotas: Run = (given, world) => runViewCommand(quotasCommand, given, world);
export const inspectTokens: Run = (given, world) => runViewCommand(tokensCommand, given, world);
