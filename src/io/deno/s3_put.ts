import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "./s3_sdk.ts";
import { assert } from "../../base/assert.ts";
import { equalBytes } from "../../base/bytes.ts";
import { crc32c } from "../../base/crc32c.ts";
import { KliteError } from "../../base/klite_error.ts";
import { asContent, gatherContent, piecesOf } from "../object_content.ts";
import type { ObjectContent, ObjectStore, PutCondition } from "../object_store.ts";
import type { StoreFault } from "./s3_errors.ts";
import { AnswerError, type S3Requests } from "./s3_requests.ts";

const MIB = 1024 * 1024;
/** Bytes of a part; also the largest object that goes in one request. One part at a time is in memory. */
const PART_BYTES = 8 * MIB;
/**
 * The largest object that goes in one request with a condition: a store may say no and hang up before it has read a
 * larger one, and the answer is lost then. In parts the condition comes with the last request, which is small.
 */
const CONDITIONAL_BYTES = 3 * MIB;
/** Most parts that S3 takes: with {@link PART_BYTES} 78 GiB. */
const PARTS_MAX = 10_000;

/** Where an object goes. */
export interface PutTarget {
  readonly key: string;
  readonly place: { readonly Bucket: string; readonly Key: string };
  /** For messages. */
  readonly name: string;
}

/** Puts of an S3 store: in one request or in parts, with conditions, and with a look when an answer was lost. */
export class S3Put {
  readonly #client: S3Client;
  readonly #requests: S3Requests;
  /** For looking up and comparing. */
  readonly #reader: Pick<ObjectStore, "head" | "get">;
  readonly #uploads = new Set<string>();

  constructor(client: S3Client, requests: S3Requests, reader: Pick<ObjectStore, "head" | "get">) {
    this.#client = client;
    this.#requests = requests;
    this.#reader = reader;
  }

  /** Whether an upload in parts is of a put that has not ended. */
  isUnderWay(uploadId: string): boolean {
    return this.#uploads.has(uploadId);
  }

  /** Answers the etag. */
  async store(
    target: PutTarget,
    given: Uint8Array | ObjectContent,
    condition: PutCondition | undefined,
  ): Promise<string> {
    const content = asContent(given);
    if (content.sizeBytes <= (condition === undefined ? PART_BYTES : CONDITIONAL_BYTES)) {
      return await this.#inOne(target, content, condition);
    }
    if (condition !== undefined) await this.#checkFirst(target, condition);
    return await this.#inParts(target, content, condition);
  }

  async #inOne(
    target: PutTarget,
    content: ObjectContent,
    condition: PutCondition | undefined,
  ): Promise<string> {
    const bytes = await gatherContent(content);
    const input = {
      ...target.place,
      ...conditionHeaders(condition),
      ChecksumCRC32C: sumOf(bytes),
      Body: bytes,
    };
    return await this.#requests.send(
      `put ${target.name}`,
      async ({ signal }) => {
        const answer = await this.#client.send(new PutObjectCommand(input), { abortSignal: signal });
        return etagOf(answer);
      },
      (fault, isRepeat) => this.#settle(fault, isRepeat, target, content, condition),
    );
  }

  async #inParts(
    target: PutTarget,
    content: ObjectContent,
    condition: PutCondition | undefined,
  ): Promise<string> {
    const { place, name } = target;
    assert(content.sizeBytes <= PARTS_MAX * PART_BYTES, "an object is of no more parts than S3 takes");
    const UploadId = await this.#requests.send(`put ${name}`, async ({ signal }) => {
      const command = new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: "CRC32C" });
      const { UploadId } = await this.#client.send(command, { abortSignal: signal });
      if (UploadId === undefined) throw new AnswerError("IncompleteBody", "no upload id");
      this.#uploads.add(UploadId);
      return UploadId;
    });
    try {
      const Parts: CompletedPart[] = [];
      for await (const bytes of piecesOf(content, PART_BYTES)) {
        Parts.push(await this.#part(target, UploadId, Parts.length + 1, bytes));
      }
      const input = { ...place, ...conditionHeaders(condition), UploadId, MultipartUpload: { Parts } };
      return await this.#requests.send(
        `put ${name}`,
        async ({ signal }) => {
          const command = new CompleteMultipartUploadCommand(input);
          return etagOf(await this.#client.send(command, { abortSignal: signal }));
        },
        (fault, isRepeat) => this.#settle(fault, isRepeat, target, content, condition),
      );
    } catch (error) {
      // If that fails too, the upload is one of those that `removeUnfinished` finds.
      const command = new AbortMultipartUploadCommand({ ...place, UploadId });
      await this.#requests.tryOnce(({ signal }) => this.#client.send(command, { abortSignal: signal }));
      throw error;
    } finally {
      this.#uploads.delete(UploadId);
    }
  }

  async #part(
    { place, name }: PutTarget,
    UploadId: string,
    PartNumber: number,
    bytes: Uint8Array,
  ): Promise<CompletedPart> {
    const ChecksumCRC32C = sumOf(bytes);
    const command = new UploadPartCommand({ ...place, UploadId, PartNumber, ChecksumCRC32C, Body: bytes });
    return await this.#requests.send(`put part ${PartNumber} of ${name}`, async ({ signal }) => {
      const answer = await this.#client.send(command, { abortSignal: signal });
      return { PartNumber, ChecksumCRC32C, ETag: etagOf(answer) };
    }, (fault) => {
      if (fault === "absent") throw uploadGone(name);
      return Promise.resolve(undefined);
    });
  }

  /** Megabytes are not sent for nothing. */
  async #checkFirst({ key, name }: PutTarget, condition: PutCondition): Promise<void> {
    const info = await this.#reader.head(key);
    if ("ifAbsent" in condition ? info === null : info?.etag === condition.ifMatch) return;
    throw conflict(name);
  }

  /** What a failed put means: perhaps that an earlier attempt, whose answer was lost, was the one that did it. */
  async #settle(
    fault: StoreFault,
    isRepeat: boolean,
    { key, name }: PutTarget,
    content: ObjectContent,
    condition: PutCondition | undefined,
  ): Promise<string | undefined> {
    if (fault !== "conflict" && fault !== "absent") return undefined;
    if (isRepeat) {
      const etag = await this.#etagIfEqual(key, content);
      if (etag !== null) return etag;
    }
    if (condition !== undefined) throw conflict(name);
    throw uploadGone(name);
  }

  /** The etag of what is stored if that is the same, byte by byte. */
  async #etagIfEqual(key: string, content: ObjectContent): Promise<string | null> {
    const info = await this.#reader.head(key);
    if (info === null || info.sizeBytes !== content.sizeBytes) return null;
    let fromByte = 0;
    for await (const piece of piecesOf(content, PART_BYTES)) {
      const { bytes, etag } = await this.#reader.get(key, { fromByte, lengthBytes: piece.length });
      if (etag !== info.etag || !equalBytes(bytes, piece)) return null;
      fromByte += piece.length;
    }
    return info.etag;
  }
}

function conditionHeaders(
  condition: PutCondition | undefined,
): { readonly IfNoneMatch?: string; readonly IfMatch?: string } {
  if (condition === undefined) return {};
  return "ifAbsent" in condition ? { IfNoneMatch: "*" } : { IfMatch: condition.ifMatch };
}

function conflict(name: string): KliteError {
  return new KliteError("CONFLICT", `cannot put ${name}: it is not what was expected`);
}

/** Somebody else has aborted it: a rule of the bucket, say. A new one may do better. */
function uploadGone(name: string): KliteError {
  return new KliteError("STORE_UNAVAILABLE", `cannot put ${name}: the upload is gone`, { retriable: true });
}

function etagOf({ ETag }: { readonly ETag?: string | undefined }): string {
  if (ETag === undefined) throw new AnswerError("IncompleteBody", "no etag");
  return ETag;
}

/** As S3 has it: the sum's bytes, big-endian, in base 64. */
function sumOf(bytes: Uint8Array): string {
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, crc32c(bytes, 0, bytes.length));
  return sum.toBase64();
}
