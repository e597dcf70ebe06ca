/** Who a connection is, or whom a right is given to, as Kafka names it: `User:alice`. */
export class Principal {
  /** `type:name`, what principals are compared by. */
  readonly text: string;

  constructor(readonly type: string, readonly name: string) {
    this.text = `${type}:${name}`;
  }

  /** Reads `type:name`; `null` when the text has no such form. */
  static parse(text: string): Principal | null {
    const colon = text.indexOf(":");
    return colon <= 0 || colon === text.length - 1
      ? null
      : new Principal(text.slice(0, colon), text.slice(colon + 1));
  }
}

/** Whoever need not say who they are. */
export const ANONYMOUS = new Principal("User", "ANONYMOUS");
