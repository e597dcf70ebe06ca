import { equalBytes } from "../../base/bytes.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { ObjectStore, PutCondition } from "../../io/object_store.ts";
import type { DoctorIo } from "../world.ts";
import { type Finding, ok, skipped, wrong } from "./finding.ts";

/** What the checks found, and what the store's clock said meanwhile. */
export interface BucketFindings {
  readonly findings: readonly Finding[];
  readonly storeMs: number | null;
}

const BYTES = new TextEncoder().encode("klite doctor was here; this may be deleted");
const CONDITIONS_ADVICE =
  "Use a store that knows conditional writes (If-None-Match and If-Match of PutObject): without them two brokers could " +
  "destroy each other's data.";

/** Whether the bucket can be reached, and whether klite may do there what it has to, and can rely on it. */
export async function checkBucket(store: ObjectStore, { clock, random }: DoctorIo): Promise<BucketFindings> {
  const key = `klite-doctor/${random.bytes(8).toHex()}`;
  const findings: Finding[] = [];
  let etag: string;
  const sinceMs = clock.nowMs();
  try {
    etag = (await store.put(key, BYTES, { ifAbsent: true })).etag;
  } catch (error) {
    return { findings: [refused("put", error, store)], storeMs: null };
  }
  const tookMs = clock.nowMs() - sinceMs;
  findings.push(ok("bucket-put", `${store.description} takes objects; one took ${Math.round(tookMs)} ms`));
  let storeMs: number | null = null;
  await attempt("get", findings, store, async () => {
    const { bytes } = await store.get(key);
    const info = await store.head(key);
    // By the time it was asked, the object was half of the put's time old.
    if (info !== null) storeMs = info.modifiedMs + (clock.nowMs() - sinceMs) - tookMs / 2;
    return equalBytes(bytes, BYTES) ? null : "what is read is not what was put";
  });
  await attempt("list", findings, store, async () => {
    for await (const page of store.list("klite-doctor/")) {
      if (page.some((each) => each.key === key)) return null;
    }
    return "the object that was put is not in the list";
  });
  await checkConditions(store, key, etag, findings);
  await attempt("delete", findings, store, async () => {
    await store.delete([key]);
    return await store.head(key) === null ? null : "the object that was deleted is still there";
  });
  return { findings, storeMs };
}

/** Both kinds, each when it must hold and when it must not. */
async function checkConditions(
  store: ObjectStore,
  key: string,
  etag: string,
  findings: Finding[],
): Promise<void> {
  const conflicts = async (condition: PutCondition): Promise<boolean> => {
    try {
      await store.put(key, BYTES.slice(1), condition);
      return false;
    } catch (error) {
      if (error instanceof KliteError && error.code === "CONFLICT") return true;
      throw error;
    }
  };
  await attempt("conditions", findings, store, async () => {
    if (!await conflicts({ ifAbsent: true })) return "an object that is there was put as if it were not";
    if (!await conflicts({ ifMatch: etag.replaceAll(/[0-9a-f]/g, "0") })) {
      return "an object was replaced that was another one";
    }
    return await conflicts({ ifMatch: etag })
      ? "an object could not be replaced although it was the one meant"
      : null;
  });
}

/** One check: `work` says what is wrong, or `null`. */
async function attempt(
  what: string,
  findings: Finding[],
  store: ObjectStore,
  work: () => Promise<string | null>,
): Promise<void> {
  try {
    const problem = await work();
    const advice = what === "conditions" ? CONDITIONS_ADVICE : "Use a store whose answers can be relied on.";
    findings.push(
      problem === null ? ok(`bucket-${what}`, DOES[what] ?? what) : wrong(`bucket-${what}`, problem, advice),
    );
  } catch (error) {
    findings.push(refused(what, error, store));
  }
}

const DOES: Readonly<Record<string, string>> = {
  get: "objects can be read",
  list: "objects can be listed",
  conditions: "conditional writes hold",
  delete: "objects can be deleted",
};

function refused(what: string, error: unknown, { description }: ObjectStore): Finding {
  if (!(error instanceof KliteError)) throw error;
  return wrong(
    `bucket-${what}`,
    `${description}: ${error.message}`,
    error.code === "STORE_UNAVAILABLE"
      ? "See that --s3-endpoint and --s3-region are right and that the store can be reached from here."
      : "Give the credentials the rights s3:PutObject, s3:GetObject, s3:ListBucket, s3:DeleteObject and " +
        "s3:AbortMultipartUpload on the bucket, and see that it exists.",
  );
}

/** There is no bucket to check. */
export const NO_BUCKET: BucketFindings = {
  findings: [skipped("bucket", "no --s3-bucket is set: records are in the data directory alone")],
  storeMs: null,
};
