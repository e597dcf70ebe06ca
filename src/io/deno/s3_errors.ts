import { KliteError } from "../../base/klite_error.ts";

/** What an error of the SDK means for whoever asked. */
export type StoreFault =
  /** No such object, or no such upload. */
  | "absent"
  /** A condition does not hold. */
  | "conflict"
  /** Another write of the same object is under way: to be tried again, and a conflict in the end. */
  | "contended"
  /** No for good. */
  | "refused"
  /** May pass. */
  | "transient";

const ABSENT = new Set(["NoSuchKey", "NotFound", "NoSuchUpload"]);
/** Client errors that a second try may not meet. */
const TRANSIENT = new Set([
  ...["RequestTimeout", "RequestTimeTooSkewed", "BadDigest", "IncompleteBody", "XAmzContentChecksumMismatch"],
  ...["SlowDown", "TooManyRequests", "InternalError", "ServiceUnavailable"],
]);
/** Errors of the SDK that come before any request. */
const SETUP = new Set(["CredentialsProviderError", "TokenProviderError", "NotCapable"]);

const ADVICE_REGION = "the bucket is in another region: set the region";
const ADVICE_RIGHTS =
  "the credentials do not allow it: they need to get, put, list and delete objects of this bucket";

/** What to do about it, by the error's name. */
const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: "there is no such bucket: create it, or correct its name",
  AccessDenied:
    "the credentials do not allow it: they need to get, put, list and delete objects of this bucket",
  InvalidAccessKeyId: "the access key is not known there: check the AWS credentials and the endpoint",
  SignatureDoesNotMatch: "the secret key does not belong to the access key: check the AWS credentials",
  ExpiredToken: "the AWS credentials have expired: renew them",
  PermanentRedirect: ADVICE_REGION,
  AuthorizationHeaderMalformed: ADVICE_REGION,
  CredentialsProviderError:
    "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
    "or provide a profile or a role",
  NotImplemented: "the store lacks what klite needs",
};
/** The same by the answer's status, for answers that have no body with a name: those to HEAD. */
const ADVICE_BY_STATUS: Readonly<Record<number, string>> = {
  301: ADVICE_REGION,
  400: "the request makes no sense to the store: check region and endpoint",
  403: ADVICE_RIGHTS,
};

/** Sorts what a request has thrown. */
export function faultOf(error: unknown): StoreFault {
  const { name, status } = describe(error);
  if (TRANSIENT.has(name)) return "transient";
  if (SETUP.has(name) || name === "NoSuchBucket" || isRegionMissing(error)) return "refused";
  if (ABSENT.has(name)) return "absent";
  if (status === 412) return "conflict";
  if (status === 409) return "contended";
  if (name === "AccessDenied" || status === 501) return "refused";
  if (status !== undefined && status >= 300 && status < 500 && status !== 408 && status !== 429) {
    return "refused";
  }
  return "transient";
}

/** The error for whoever asked; `what` says what was asked of which object. */
export function storeError(fault: StoreFault, what: string, cause: unknown): KliteError {
  const { name, status, message } = describe(cause);
  switch (fault) {
    case "absent":
      return new KliteError("NOT_FOUND", `cannot ${what}: it is not there`, { cause });
    case "conflict":
    case "contended":
      return new KliteError("CONFLICT", `cannot ${what}: it is not what was expected`, { cause });
    case "refused": {
      const advice = isRegionMissing(cause)
        ? "no region is set"
        : ADVICE[name] ?? ADVICE_BY_STATUS[status ?? 0] ?? message;
      return new KliteError(
        "STORE_REFUSED",
        `cannot ${what}: ${advice} (${status ?? "before asking"} ${name})`,
        {
          cause,
        },
      );
    }
    case "transient": {
      const said = status === undefined ? message : `${status} ${name}`;
      return new KliteError("STORE_UNAVAILABLE", `cannot ${what}: ${said}`, { retriable: true, cause });
    }
  }
}

function isRegionMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Region is missing");
}

function describe(error: unknown): {
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
} {
  if (!(error instanceof Error)) return { name: "unknown", status: undefined, message: String(error) };
  return { name: error.name, status: statusOf(error), message: error.message };
}

function statusOf(error: Error): number | undefined {
  if (!("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) {
    return undefined;
  }
  const metadata = error.$metadata;
  if (!("httpStatusCode" in metadata) || typeof metadata.httpStatusCode !== "number") return undefined;
  return metadata.httpStatusCode;
}
