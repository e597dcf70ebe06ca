/** What is spoken on a listener, by Kafka's names. */
export const LISTENER_PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] as const;
export type ListenerProtocol = typeof LISTENER_PROTOCOLS[number];

/** A listener, as far as those who serve its clients need to know it. */
export interface ListenerInfo {
  /** Tells it from the others: in Kafka's style, `PLAINTEXT` or `EXTERNAL`. */
  readonly name: string;
  readonly protocol: ListenerProtocol;
  /** Where its clients are told to connect; `null`: to the address that they used. */
  readonly advertised: { readonly host: string; readonly port: number } | null;
}

/** Whether the clients of a listener have to authenticate over SASL. */
export function asksForSasl({ protocol }: Pick<ListenerInfo, "protocol">): boolean {
  return protocol === "SASL_PLAINTEXT" || protocol === "SASL_SSL";
}

/** Whether its connections are encrypted, by TLS. */
export function usesTls({ protocol }: Pick<ListenerInfo, "protocol">): boolean {
  return protocol === "SSL" || protocol === "SASL_SSL";
}
