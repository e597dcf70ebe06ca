/** Who may do what, or may not, to which resource. Numbers are Kafka's codes (`acl_codes.ts`). */
export interface Acl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  /** `type:name`; the name `*` stands for everybody of the type. */
  readonly principal: string;
  /** An address, or `*`. */
  readonly host: string;
  readonly operation: number;
  readonly permission: number;
}

export type AclRecord =
  | { readonly type: "acls_created"; readonly acls: readonly Acl[] }
  | { readonly type: "acls_deleted"; readonly acls: readonly Acl[] };

export type AclSnapshot = readonly Acl[];
