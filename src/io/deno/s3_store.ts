import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  S3Client,
  type S3ClientConfig,
} from "./s3_sdk.ts";
import { KliteError } from "../../base/klite_error.ts";
import { KLITE_VERSION } from "../../base/version.ts";
import type {
  ByteRange,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  PutCondition,
  StoredBytes,
} from "../object_store.ts";
import { assertFolderPrefix, assertKeyPrefix, assertStoreKey, isStoreKey } from "../store_key.ts";
import { S3Put } from "./s3_put.ts";
import { AnswerError, type RetryOptions, S3Requests } from "./s3_requests.ts";

/** Most keys of one DeleteObjects request. */
const DELETE_KEYS = 1000;
/** Long enough for another continent, and short beside the time of an attempt. */
const CONNECT_TIMEOUT_MS = 5_000;

export interface S3StoreOptions extends RetryOptions {
  readonly bucket: string;
  /** Default: what the AWS environment or profile says; with an endpoint and neither, `us-east-1`. */
  readonly region?: string;
  /** URL of a store other than AWS; the bucket goes into the path then. */
  readonly endpoint?: string;
  /** Before all keys, with a `/` behind it. Default: none. */
  readonly prefix?: string;
  /** Default: AWS's standard chain: environment, profile, web identity, container, instance. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Objects of an S3 bucket. Loads the AWS SDK: 25 MB and 200 ms, so it belongs into a Worker.
 *
 * The SDK makes and signs requests; retries are ours (`s3_requests.ts`), because a conditional put whose answer was
 * lost must not be tried again without a look. Permissions: the network; of the environment `AWS_*` and where a home
 * may be (`HOME`, `USERPROFILE`, `HOMEPATH`, `HOMEDRIVE`); to read `~/.aws`, for profiles. Without any `HOME` the SDK asks
 * the system for it, which is one permission more (`--allow-sys=homedir`).
 */
export class S3Store implements ObjectStore {
  readonly description: string;
  readonly #client: S3Client;
  readonly #requests: S3Requests;
  readonly #put: S3Put;
  readonly #bucket: string;
  /** Empty, or with its slash. */
  readonly #prefix: string;

  constructor(options: S3StoreOptions) {
    this.#bucket = options.bucket;
    const prefix = (options.prefix ?? "").replace(/^\/+|\/+$/g, "");
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    this.description = `s3://${options.bucket}${prefix === "" ? "" : `/${prefix}`}`;
    this.#client = newClient(options);
    this.#requests = new S3Requests(options);
    this.#put = new S3Put(this.#client, this.#requests, this);
  }

  async get(key: string, range?: ByteRange): Promise<StoredBytes> {
    assertStoreKey(key);
    if (range?.lengthBytes === 0) return await this.#nothingOf(key);
    return await this.#requests.send(`get ${this.#name(key)}`, async ({ signal }) => {
      const input = { ...this.#place(key), ...(range === undefined ? {} : { Range: rangeHeader(range) }) };
      const answer = await this.#client.send(new GetObjectCommand(input), { abortSignal: signal });
      const bytes = await answer.Body?.transformToByteArray();
      if (bytes === undefined || bytes.length !== answer.ContentLength || answer.ETag === undefined) {
        throw new AnswerError("IncompleteBody", "the answer is cut short");
      }
      const sizeBytes = answer.ContentRange === undefined ? bytes.length : totalOf(answer.ContentRange);
      return { bytes: ownBytes(bytes), etag: answer.ETag, sizeBytes };
    }).catch((error: unknown) => {
      if (range !== undefined && isBehindTheEnd(error)) return this.#nothingOf(key);
      throw error;
    });
  }

  async head(key: string): Promise<ObjectInfo | null> {
    assertStoreKey(key);
    return await this.#requests.send<ObjectInfo | null>(`look at ${this.#name(key)}`, async ({ signal }) => {
      const command = new HeadObjectCommand(this.#place(key));
      const { ETag, ContentLength, LastModified } = await this.#client.send(command, { abortSignal: signal });
      return infoOf(key, { ETag, Size: ContentLength, LastModified });
    }).catch((error: unknown) => {
      if (error instanceof KliteError && error.code === "NOT_FOUND") return null;
      throw error;
    });
  }

  async put(
    key: string,
    content: Uint8Array | ObjectContent,
    condition?: PutCondition,
  ): Promise<{ readonly etag: string }> {
    assertStoreKey(key);
    const target = { key, place: this.#place(key), name: this.#name(key) };
    return { etag: await this.#put.store(target, content, condition) };
  }

  async *list(
    prefix: string,
    options: { readonly afterKey?: string } = {},
  ): AsyncIterable<readonly ObjectInfo[]> {
    assertKeyPrefix(prefix);
    const { afterKey } = options;
    const startAfter = afterKey === undefined ? {} : { StartAfter: this.#prefix + afterKey };
    for await (const page of this.#listPages(prefix, startAfter)) {
      const objects = (page.Contents ?? []).flatMap(({ Key, ...rest }) => {
        const key = Key?.slice(this.#prefix.length) ?? "";
        return isStoreKey(key) ? [infoOf(key, rest)] : [];
      });
      if (objects.length > 0) yield objects;
    }
  }

  async listFolders(prefix: string): Promise<readonly string[]> {
    assertFolderPrefix(prefix);
    const names: string[] = [];
    for await (const page of this.#listPages(prefix, { Delimiter: "/" })) {
      for (const { Prefix } of page.CommonPrefixes ?? []) {
        const folder = Prefix?.slice(this.#prefix.length, -1) ?? "";
        if (isStoreKey(folder)) names.push(folder.slice(prefix.length));
      }
    }
    return names.sort();
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(assertStoreKey);
    for (let at = 0; at < keys.length; at += DELETE_KEYS) {
      const batch = [...new Set(keys.slice(at, at + DELETE_KEYS))];
      const Objects = batch.map((key) => ({ Key: this.#prefix + key }));
      const what = `delete ${batch.length} objects of ${this.description}`;
      await this.#requests.send(what, async ({ signal }) => {
        const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } });
        const { Errors = [] } = await this.#client.send(command, { abortSignal: signal });
        const failed = Errors.find(({ Code }) => Code !== "NoSuchKey");
        if (failed === undefined) return;
        throw new AnswerError(failed.Code ?? "unknown", `${failed.Key}: ${failed.Message ?? failed.Code}`);
      });
    }
  }

  async removeUnfinished(prefix: string, olderThanMs: number): Promise<void> {
    const beforeMs = Date.now() - olderThanMs;
    const what = `look for unfinished uploads in ${this.description}`;
    let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (marker !== undefined) {
      const input = { Bucket: this.#bucket, Prefix: this.#prefix + prefix, ...marker };
      const page: ListMultipartUploadsCommandOutput = await this.#requests.send(
        what,
        ({ signal }) => this.#client.send(new ListMultipartUploadsCommand(input), { abortSignal: signal }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined || this.#put.isUnderWay(UploadId)) continue;
        if ((Initiated?.getTime() ?? 0) <= beforeMs) await this.#abort(Key, UploadId);
      }
      marker = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker ?? "", UploadIdMarker: page.NextUploadIdMarker ?? "" }
        : undefined;
    }
  }

  close(): Promise<void> {
    if (this.#requests.close()) this.#client.destroy();
    return Promise.resolve();
  }

  async *#listPages(
    prefix: string,
    input: Partial<ListObjectsV2CommandInput>,
  ): AsyncGenerator<ListObjectsV2CommandOutput> {
    const what = `list ${this.#name(prefix)}`;
    let ContinuationToken: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: this.#prefix + prefix,
        ...input,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      });
      const page: ListObjectsV2CommandOutput = await this.#requests.send(
        what,
        ({ signal }) => this.#client.send(command, { abortSignal: signal }),
      );
      yield page;
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  /** What a range that holds nothing gives. */
  async #nothingOf(key: string): Promise<StoredBytes> {
    const info = await this.head(key);
    if (info === null) throw new KliteError("NOT_FOUND", `there is no ${this.#name(key)}`);
    return { bytes: new Uint8Array(0), etag: info.etag, sizeBytes: info.sizeBytes };
  }

  async #abort(Key: string, UploadId: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId });
    await this.#requests.send<unknown>(
      `abort an upload of ${Key}`,
      ({ signal }) => this.#client.send(command, { abortSignal: signal }),
      // Its owner has ended it meanwhile.
      (fault) => Promise.resolve(fault === "absent" ? true : undefined),
    );
  }

  #place(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  #name(key: string): string {
    return `${this.description}/${key}`;
  }
}

function newClient(options: S3StoreOptions): S3Client {
  const { endpoint, credentials } = options;
  const region = options.region ??
    (endpoint === undefined ? undefined : Deno.env.get("AWS_REGION") ?? "us-east-1");
  const config: S3ClientConfig = {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // By node:http. A `fetch` copies each body, which with four puts of 8 MiB at a time cost 170 MB more.
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS },
    maxAttempts: 1,
    // Sums are given with each put; the SDK's own would be made a second time.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // The SDK's own asks for the system's version, for which there is no permission.
    defaultUserAgentProvider: () => Promise.resolve([["klite", KLITE_VERSION]]),
  };
  const client = new S3Client(config);
  // Of use in Lambda functions only, and reads a variable for which there is no permission.
  client.middlewareStack.remove("recursionDetectionMiddleware");
  return client;
}

function infoOf(
  key: string,
  answer: {
    readonly ETag?: string | undefined;
    readonly Size?: number | undefined;
    readonly LastModified?: Date | undefined;
  },
): ObjectInfo {
  const { ETag, Size, LastModified } = answer;
  if (ETag === undefined || Size === undefined) throw new AnswerError("IncompleteBody", "no etag or no size");
  return { key, sizeBytes: Size, etag: ETag, modifiedMs: LastModified?.getTime() ?? 0 };
}

function rangeHeader({ fromByte, lengthBytes }: ByteRange): string {
  return fromByte < 0 ? `bytes=${fromByte}` : `bytes=${fromByte}-${fromByte + lengthBytes - 1}`;
}

/** Of `bytes 0-99/1000` the 1000. */
function totalOf(contentRange: string): number {
  const total = Number(contentRange.slice(contentRange.lastIndexOf("/") + 1));
  if (!Number.isSafeInteger(total)) throw new AnswerError("IncompleteBody", `a range of ${contentRange}`);
  return total;
}

function isBehindTheEnd(error: unknown): boolean {
  const cause = error instanceof KliteError ? error.cause : undefined;
  return cause instanceof Error && cause.name === "InvalidRange";
}

/** The same bytes; a copy only if they are in memory of another kind. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, bytes.byteOffset, bytes.length)
    : bytes.slice();
}
