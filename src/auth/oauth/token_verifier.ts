/** What a token was found to say, or why it is not believed; no part of the token is in the problem. */
export type Verified =
  | { readonly name: string; readonly endsAtMs: number }
  | { readonly problem: string };

/** Believes tokens that the operator's identity provider has made, for this broker, and that have not ended. */
export interface TokenVerifier {
  verify(token: string): Promise<Verified>;
}
