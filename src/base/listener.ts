/** What is spoken on a listener, by Kafka's names. */
export type ListenerProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

/** A listener, as far as those who serve its clients need to know it. */
export interface ListenerInfo {
  /** Tells it from the others: in Kafka's style, `PLAINTEXT` or `EXTERNAL`. */
  readonly name: string;
  readonly protocol: ListenerProtocol;
  /** Where its clients are told to connect; `null`: to the address that they used. */
  readonly advertised: { readonly host: string; readonly port: number } | null;
}

/** Whether the clients of a listener have to authenticate over SASL. */
export function asksForSasl({ protocol }: ListenerInfo): boolean {
  return protocol === "SASL_PLAINTEXT" || protocol === "SASL_SSL";
}
