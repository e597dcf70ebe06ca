/**
 * SaslAuthenticate 0-2 (KIP-152): a message of the exchange that SaslHandshake 1 began. 1 tells the client when to
 * authenticate again (KIP-368).
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { saslAuthenticateRequest } from "../../protocol/generated/sasl_authenticate_request.ts";
import { saslAuthenticateResponse } from "../../protocol/generated/sasl_authenticate_response.ts";
import { defineApi } from "../api.ts";

export const saslAuthenticate = defineApi({
  request: saslAuthenticateRequest,
  response: saslAuthenticateResponse,
  handle: (_, { authBytes }, { client: { session } }) =>
    session?.authenticate(authBytes) ?? {
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      errorMessage: "SaslAuthenticate request received after successful authentication",
      authBytes: new Uint8Array(0),
    },
});
