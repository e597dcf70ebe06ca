/** Which object store is meant, as data, so that it can be opened in a Worker. */
export type StoreConfig =
  | {
    readonly kind: "directory";
    /** Below the data directory. */
    readonly directory: string;
  }
  | {
    readonly kind: "s3";
    readonly bucket: string;
    readonly region: string;
    /** `null` for Amazon's. */
    readonly endpoint: string | null;
    /** What all keys in the bucket begin with; may be empty. */
    readonly prefix: string;
  };
