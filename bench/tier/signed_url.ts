import { createHash, createHmac } from "node:crypto";

/** Where a request goes, and by whose rights. */
export interface SignedRequest {
  readonly method: "GET" | "PUT";
  readonly endpoint: string;
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly at: Date;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const EXPIRES_SECONDS = 900;

/** A URL that any HTTP client can use: signature version 4 in the query, nothing said of the body. */
export function signedUrl(request: SignedRequest): string {
  const { method, endpoint, bucket, key, region, credentials, at } = request;
  const url = new URL(`/${bucket}/${key}`, endpoint);
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = [
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Credential", `${credentials.accessKeyId}/${scope}`],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(EXPIRES_SECONDS)],
    ["X-Amz-SignedHeaders", "host"],
  ].map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const canonical = [method, url.pathname, query, `host:${url.host}`, "", "host", "UNSIGNED-PAYLOAD"].join(
    "\n",
  );
  const hash = createHash("sha256").update(canonical).digest("hex");
  const secret = scope.split("/").reduce(
    (secret, part) => hmac(secret, part),
    new TextEncoder().encode(`AWS4${credentials.secretAccessKey}`) as Uint8Array,
  );
  const signature = hmac(secret, [ALGORITHM, time, scope, hash].join("\n")).toHex();
  return `${url.href}?${query}&X-Amz-Signature=${signature}`;
}

function hmac(secret: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHmac("sha256", secret).update(text).digest());
}
