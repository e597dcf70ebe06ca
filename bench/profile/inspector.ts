/** One session with a process that runs with `--inspect`, by Chrome's DevTools protocol. */

/** Called with each notification: its method and parameters, which only the protocol's own page describes. */
export type NotificationHandler = (method: string, params: unknown) => void;

/** An open session. Close it: the socket keeps a process alive. */
export class InspectorSession {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #onNotification: NotificationHandler;
  #lastId = 0;

  private constructor(socket: WebSocket, onNotification: NotificationHandler) {
    this.#socket = socket;
    this.#onNotification = onNotification;
    socket.onmessage = ({ data }) => this.#take(String(data));
    socket.onclose = () => this.#fail(new Error("the inspected process closed its session"));
  }

  /** Connects to the inspector at `host:port`. */
  static async open(
    address: string,
    onNotification: NotificationHandler = () => {},
  ): Promise<InspectorSession> {
    const socket = new WebSocket(await sessionUrl(address));
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = () => opened.reject(new Error(`no session with the inspector at ${address}`));
    await opened.promise;
    return new InspectorSession(socket, onNotification);
  }

  /** Calls a method of the protocol and returns its result, which has the shape that the protocol says. */
  async call<Result = unknown>(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Result> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await answer.promise as Result;
  }

  close(): void {
    this.#socket.close();
  }

  #take(text: string): void {
    const message: Message = JSON.parse(text);
    if (message.id === undefined) {
      this.#onNotification(message.method ?? "", message.params);
      return;
    }
    const answer = this.#answers.get(message.id);
    this.#answers.delete(message.id);
    if (message.error === undefined) answer?.resolve(message.result);
    else answer?.reject(new Error(`the inspector refused: ${message.error.message}`));
  }

  #fail(error: Error): void {
    for (const answer of this.#answers.values()) answer.reject(error);
    this.#answers.clear();
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

async function sessionUrl(address: string): Promise<string> {
  const response = await fetch(`http://${address}/json/list`);
  const targets: readonly { readonly webSocketDebuggerUrl: string }[] = await response.json();
  const [target] = targets;
  if (target === undefined) throw new Error(`the inspector at ${address} has nothing to inspect`);
  return target.webSocketDebuggerUrl;
}
