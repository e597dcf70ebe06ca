/// <reference lib="deno.worker" />
import { assert } from "../../base/assert.ts";
import type { ChannelEnd } from "../channel.ts";
import { failureOf, type Request, type Response } from "./job_protocol.ts";

/**
 * The Worker's side of a `JobWorker`: opens the end with the config that comes first, and answers calls through it.
 * If the end cannot be opened each call is answered with the reason.
 */
export function servePage(openEnd: (config: unknown) => Promise<ChannelEnd>): void {
  let end: Promise<ChannelEnd> | undefined;
  self.onmessage = ({ data }: MessageEvent<Request>) => {
    if (data.kind === "open") {
      end = openEnd(data.config);
      // Why it failed is what each call is answered with.
      end.catch(failureOf);
    } else void answer(end, data);
  };
}

async function answer(
  end: Promise<ChannelEnd> | undefined,
  request: Exclude<Request, { kind: "open" }>,
): Promise<void> {
  const { id } = request;
  try {
    const opened = await end;
    assert(opened !== undefined, "the config comes before the first call");
    if (request.kind === "close") {
      await opened.close();
      post({ id, ok: true, value: undefined });
    } else {
      const { value, moved } = await opened.answer(request.name, request.argument);
      post({ id, ok: true, value }, moved);
    }
  } catch (error) {
    post({ id, ok: false, failure: failureOf(error) });
  }
}

function post(response: Response, moved: readonly ArrayBuffer[] = []): void {
  self.postMessage(response, [...moved]);
}
