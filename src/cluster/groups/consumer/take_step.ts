import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import { type Assignment, loadAssignment } from "./assignment.ts";
import { type ConsumerGroup, memberBytes } from "./consumer_group.ts";
import {
  type ConsumerMember,
  type MemberInfo,
  progressed,
  sameInfo,
  sameProgress,
  sameTopics,
} from "./consumer_member.ts";
import type { ConsumerLimits } from "./limits.ts";
import { reconcile } from "./reconcile.ts";
import type { ConsumerChange } from "./records.ts";
import { TopicPattern } from "./regex/topic_pattern.ts";
import { retarget } from "./retarget.ts";
import {
  hashTopics,
  infosOf,
  patternsOf,
  subscribersOf,
  type TopicCatalog,
  topicIdsOf,
} from "./subscriptions.ts";

/** All that steps of members are judged by. */
export interface StepContext {
  readonly catalog: TopicCatalog;
  readonly limits: ConsumerLimits;
  readonly nowMs: number;
  /** Topics may have changed since the group has looked at its own last. */
  readonly mustCheckTopics: boolean;
  /** Topics may have changed since the group's patterns were looked up last. */
  readonly mustCheckPatterns: boolean;
  /** Whether there is memory for so much more. */
  readonly hasRoomFor: (bytes: number) => boolean;
}

/** A member that has been heard of. */
export interface Step {
  readonly group: ConsumerGroup;
  /** As it was; of a new one, with nothing. */
  readonly member: ConsumerMember;
  /** What it says about itself now. */
  readonly info: MemberInfo;
  /** What it says it holds; `null` when it did not say. */
  readonly owned: Assignment | null;
}

export interface StepResult {
  readonly changes: readonly ConsumerChange[];
  readonly member: ConsumerMember;
  readonly hasNewSubscription: boolean;
  /** Whether the group's topics have been looked at. */
  readonly hasCheckedTopics: boolean;
  /** Patterns whose topics have to be looked up. */
  readonly unresolved: readonly string[];
}

/** The topics of a pattern are looked up again at most so often, ms. */
const PATTERN_INTERVAL_MS = 10_000;

/**
 * What comes of a sign of life: the member is new or says something new, the group
 * goes to another epoch, everyone gets another target, the member comes nearer to its own.
 */
export function takeStep(step: Step, context: StepContext): StepResult | Refusal {
  const { group, member, info } = step;
  const { catalog, nowMs } = context;
  const changes: ConsumerChange[] = [];
  const isNew = group.member(info.id) === undefined;
  if (isNew || !sameInfo(member.info, info)) changes.push({ type: "consumer_member", member: info });

  const pattern = changePattern(step);
  if ("error" in pattern) return pattern;
  changes.push(...pattern.changes);
  const hasNewTopicNames = !sameTopics(member.info.topics, info.topics);
  const hasNewSubscription = hasNewTopicNames || pattern.isChanged;

  let { epoch } = group;
  // What a pattern stands for is found out later, and then all topics are looked at.
  const hasCheckedTopics = context.mustCheckTopics && !hasUnresolved(step);
  const isNextEpoch = hasNewTopicNames || pattern.isKnown ||
    (hasCheckedTopics && hashTopics(infosOf(group, { info }), group, catalog) !== group.topicsHash);
  if (isNextEpoch) {
    const topicsHash = hashTopics(infosOf(group, { info }), group, catalog);
    changes.push({ type: "consumer_epoch", epoch: ++epoch, topicsHash, timeMs: nowMs });
  }

  let target = group.target(info.id);
  let { assignmentEpoch } = group;
  if (epoch > assignmentEpoch && isAssignmentDue(group, context)) {
    const targets = retarget({ group, info, epoch, nowMs, catalog, assignors: context.limits.assignors });
    const own = targets.find((change) => change.type === "consumer_target" && change.memberId === info.id);
    if (own?.type === "consumer_target") target = loadAssignment(own.partitions);
    assignmentEpoch = epoch;
    changes.push(...targets);
  }

  const isDone = member.state === "stable" && member.epoch === assignmentEpoch && !hasNewSubscription;
  const progress = isDone ? member : reconcile(member, {
    epoch: assignmentEpoch,
    target,
    topicIds: topicIdsOf(info, group, catalog),
    isFree: (topicId, partition) => group.isFree(topicId, partition),
    owned: step.owned,
    hasNewSubscription,
  });
  if (!sameProgress(member, progress)) changes.push(progressed(info.id, progress));
  return {
    changes,
    member: { ...progress, info },
    hasNewSubscription,
    hasCheckedTopics,
    unresolved: patternsToResolve(step, pattern.isNew, context),
  };
}

/** Whether there is memory for what the member says. Whoever says nothing new needs none. */
export function hasRoomFor({ group, member, info }: Step, context: StepContext): boolean {
  const known = group.member(info.id);
  if (known?.info === info) return true;
  const addedBytes = memberBytes({ ...member, info }) - (known === undefined ? 0 : memberBytes(known));
  return addedBytes <= 0 || context.hasRoomFor(addedBytes);
}

/** A clock that has gone back does not put the next assignment off. */
function isAssignmentDue({ assignedMs }: ConsumerGroup, { limits, nowMs }: StepContext): boolean {
  return assignedMs === 0 || nowMs < assignedMs || nowMs >= assignedMs + limits.assignmentIntervalMs;
}

interface PatternChange {
  readonly changes: readonly ConsumerChange[];
  readonly isChanged: boolean;
  /** It is another one than before, and what it stands for is known. */
  readonly isKnown: boolean;
  /** Nobody in the group had it before. */
  readonly isNew: boolean;
}

function changePattern({ group, member, info }: Step): PatternChange | Refusal {
  const before = member.info.pattern;
  const { pattern } = info;
  if (before === pattern) return { changes: [], isChanged: false, isKnown: false, isNew: false };
  const infos = [...infosOf(group, {})];
  const isDropped = before !== "" && subscribersOf(before, infos) === 1 &&
    group.pattern(before) !== undefined;
  const changes: ConsumerChange[] = isDropped ? [{ type: "consumer_pattern_dropped", pattern: before }] : [];
  if (pattern === "") return { changes, isChanged: true, isKnown: true, isNew: false };
  if (subscribersOf(pattern, infos) > 0) {
    return { changes, isChanged: true, isKnown: group.pattern(pattern) !== undefined, isNew: false };
  }
  const parsed = TopicPattern.parse(pattern);
  if ("problem" in parsed) {
    return refuse(
      ErrorCode.INVALID_REGULAR_EXPRESSION,
      `SubscribedTopicRegex \`${pattern}\` is not a valid regular expression: ${parsed.problem}.`,
    );
  }
  return { changes, isChanged: true, isKnown: false, isNew: true };
}

function hasUnresolved({ group, info }: Step): boolean {
  for (const pattern of patternsOf(infosOf(group, { info }))) {
    if (group.pattern(pattern) === undefined) return true;
  }
  return false;
}

/** All patterns of the group, when one of them is not known or may stand for other topics by now. */
function patternsToResolve({ group, info }: Step, isNew: boolean, context: StepContext): readonly string[] {
  const known = group.patterns();
  if (known.size === 0 && info.pattern === "") return [];
  const { nowMs, limits, mustCheckPatterns } = context;
  let oldestMs = Infinity;
  let newestMs = -Infinity;
  for (const { resolvedMs } of known.values()) {
    oldestMs = Math.min(oldestMs, resolvedMs);
    newestMs = Math.max(newestMs, resolvedMs);
  }
  if (nowMs >= newestMs && nowMs <= newestMs + PATTERN_INTERVAL_MS) return [];
  const isUnknown = isNew || (info.pattern !== "" && !known.has(info.pattern));
  const isOld = nowMs < newestMs || nowMs > oldestMs + limits.patternRefreshIntervalMs;
  return isUnknown || isOld || mustCheckPatterns ? [...patternsOf(infosOf(group, { info }))] : [];
}
