/**
 * Quotas, held to: how much each client has used, and how long it has to pause when that is too much.
 *
 * It is Kafka's reckoning. Bytes and time are counted in windows of a second, of which the last ten to eleven are
 * looked at (`windowed_rate.ts`); changes of topics are paid for with tokens (`token_bucket.ts`). A client that is
 * above its limit is answered at once, told to pause, and not read from for so long (KIP-219): for just as long as it
 * takes its average to be at the limit again. Only who goes on to want more bytes than it may have is paced, too
 * (`pacer.ts`). Of a user's and a client id's quotas the most specific counts ({@link limitOf}), and those that it is
 * for share it.
 *
 * A request is followed by its charge (`charge.ts`), as far as there is a quota for its client. With no quota at all
 * (`quota_gate.ts`) nothing of this room is loaded. Bounds: 10,000 clients, and of quotas that are for any
 * client id 10,000 that are used; those that are not are forgotten.
 */
export { limitOf } from "./limits.ts";
export { ChangeQuota, RateQuota } from "./shared_quota.ts";
