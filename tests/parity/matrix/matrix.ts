import { ConnectionEnded } from "../../support/wire_client.ts";
import { isNotYet } from "../actors/producer.ts";
import { type Api, api } from "../api.ts";
import type { Client } from "../client.ts";
import type { Peer } from "../peer.ts";
import { REQUESTERS } from "./requesters.ts";

/** What is done with an answer. */
export interface AskOptions<Response> {
  /** What is kept of it. Default: all. */
  readonly told?: (answer: Response) => unknown;
  /** Makes good what the request has done; then those who ask take turns. */
  readonly after?: (answer: Response) => Promise<void>;
}

/** The same question of all {@link REQUESTERS}. */
export class Matrix {
  readonly peer: Peer;
  readonly #clients: ReadonlyMap<string, Client>;

  private constructor(peer: Peer) {
    this.peer = peer;
    this.#clients = new Map(REQUESTERS.map(({ name }) => [name, peer.user(name)]));
  }

  /** Gives everybody their rights, which are the same in all scenarios. */
  static async open(peer: Peer): Promise<Matrix> {
    const creations = REQUESTERS.flatMap(({ acls }) => acls);
    const made = await peer.send(api.createAcls, 3, { creations });
    const problem = made.results.find(({ errorCode }) => errorCode !== 0);
    if (problem !== undefined) throw new Error(`no rights: ${problem.errorCode}, ${problem.errorMessage}`);
    const matrix = new Matrix(peer);
    // They are in force, on the broker and on the controller.
    await matrix.#until("everybody", api.describeCluster, 2, {
      endpointType: 1,
      includeClusterAuthorizedOperations: true,
      includeFencedBrokers: false,
    }, ({ clusterAuthorizedOperations }) => clusterAuthorizedOperations > 0);
    await matrix.#until("everybody", api.listPartitionReassignments, 0, {
      timeoutMs: 10_000,
      topics: null,
    }, ({ errorCode }) => errorCode === 0);
    return matrix;
  }

  async asks<Request, Response>(
    question: string,
    what: Api<Request, Response>,
    version: number,
    input: (requester: string) => Request,
    { told = (answer) => answer, after }: AskOptions<Response> = {},
  ): Promise<void> {
    const ask = async (name: string, client: Client) => {
      const line = this.peer.book.open(`${question}, asked by ${name}`);
      const send = () => client.send(what, version, input(name));
      try {
        const answer = await client.until(send, (answer) => !isNotYet(answer));
        this.peer.book.close(line, told(answer));
        await after?.(answer);
      } catch (error) {
        if (!(error instanceof ConnectionEnded)) throw new Error(`asked "${line}"`, { cause: error });
        this.peer.book.close(line, "the connection is closed");
      }
    };
    if (after === undefined) {
      await Promise.all(Array.from(this.#clients, ([name, client]) => ask(name, client)));
    } else for (const [name, client] of this.#clients) await ask(name, client);
  }

  /** Client of one of them. */
  of(name: string): Client {
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`nobody is called ${name}`);
    return client;
  }

  #until<Request, Response>(
    name: string,
    what: Api<Request, Response>,
    version: number,
    input: Request,
    right: (answer: Response) => boolean,
  ): Promise<Response> {
    const client = this.of(name);
    return client.until(() => client.send(what, version, input), right);
  }
}

/** Kept of an answer where what was done differs with time: what it was refused with, or that it was not. */
export function refusal({ errorCode }: { readonly errorCode: number }): unknown {
  return { errorCode };
}
