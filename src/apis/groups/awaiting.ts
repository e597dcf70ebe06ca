import type { Awaited } from "../../engine/mod.ts";
import type { Client } from "../api.ts";

/** Waits for what may take long, lets others have their turn meanwhile, and gives up with the connection. */
export async function awaiting<Answer>(client: Client, { answer, giveUp }: Awaited<Answer>): Promise<Answer> {
  client.leaveTurn();
  client.onEnding(giveUp);
  try {
    return await answer;
  } finally {
    client.offEnding(giveUp);
  }
}
