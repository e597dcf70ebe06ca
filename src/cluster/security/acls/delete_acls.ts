import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import { AclOperation, AclPattern, AclPermission, AclResource } from "./acl_codes.ts";
import { type AclFilter, filterMatches } from "./acl_filter.ts";
import { aclKey, type Acls } from "./acls.ts";
import { type AclDecision, ACLS_PER_REQUEST_MAX } from "./create_acls.ts";
import type { Acl } from "./records.ts";

/** An ACL is in the answer of each filter that means it. */
const MATCHES_MAX = 10 * ACLS_PER_REQUEST_MAX;

const TOO_MANY = refuse(
  ErrorCode.INVALID_REQUEST,
  `One request may have ${ACLS_PER_REQUEST_MAX} filters and delete as many ACLs.`,
);

/** Why nothing is deleted by a filter; `null` when it makes sense. */
function filterProblem({ resourceType, patternType, operation, permission }: AclFilter): Refusal | null {
  if (!isKnown(AclResource, resourceType) || !isKnown(AclPattern, patternType)) {
    return refuse(ErrorCode.INVALID_REQUEST, "Unknown patternFilter.");
  }
  return isKnown(AclOperation, operation) && isKnown(AclPermission, permission)
    ? null
    : refuse(ErrorCode.INVALID_REQUEST, "Unknown entryFilter.");
}

function isKnown(codes: Readonly<Record<string, number>>, code: number): boolean {
  return Object.values(codes).includes(code);
}

/** The ACLs that the filters of one request mean, found filter by filter. */
export class AclsFound {
  /** Why none of it can be deleted. */
  refusal: Refusal | null = null;
  readonly #acls: Acls;
  readonly #byKey = new Map<string, Acl>();
  #filters = 0;
  #matches = 0;

  constructor(acls: Acls) {
    this.#acls = acls;
  }

  /** What the next filter means, or what is wrong with it. */
  search(filter: AclFilter): readonly Acl[] | Refusal {
    const problem = filterProblem(filter);
    if (problem !== null) return problem;
    const meant = this.#acls.all().filter((acl) => filterMatches(filter, acl)).toArray();
    for (const acl of meant) this.#byKey.set(aclKey(acl), acl);
    this.#filters++;
    this.#matches += meant.length;
    const isTooMuch = this.#byKey.size > ACLS_PER_REQUEST_MAX || this.#filters > ACLS_PER_REQUEST_MAX ||
      this.#matches > MATCHES_MAX;
    if (isTooMuch) this.refusal = TOO_MANY;
    return meant;
  }

  /** Deletes what there still is of it. */
  decideDelete(): AclDecision {
    const deleted = [...this.#byKey].filter(([key]) => this.#acls.has(key)).map(([, acl]) => acl);
    return { records: deleted.length === 0 ? [] : [{ type: "acls_deleted", acls: deleted }] };
  }
}
