import { S3Store } from "../../src/io/deno/s3_store.ts";
import { lacksS3Server, S3Server } from "../support/s3_server.ts";
import { storeContract, type StoreWorld } from "./store_contract.ts";

const MIB = 1024 * 1024;

storeContract(
  "S3",
  openS3,
  { largeSizes: [3 * MIB, 3 * MIB + 1, 8 * MIB, 8 * MIB + 1, 20 * MIB], manyKeys: 2_050 },
  { ignore: await lacksS3Server() },
);

async function openS3(): Promise<StoreWorld> {
  const server = await S3Server.start();
  const { endpoint, bucket, credentials } = server;
  const store = new S3Store({ endpoint, bucket, credentials, prefix: "some/where" });
  return {
    store,
    run: (promise) => promise,
    async [Symbol.asyncDispose]() {
      await store.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
