/**
 * SaslHandshake 0-1 (KIP-43, KIP-152): the client chooses how to authenticate. After 0 the messages of the exchange come
 * without headers, after 1 in SaslAuthenticate. Where nobody has to authenticate, or has done so for good, it is
 * out of place.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { saslHandshakeRequest } from "../../protocol/generated/sasl_handshake_request.ts";
import { saslHandshakeResponse } from "../../protocol/generated/sasl_handshake_response.ts";
import { defineApi } from "../api.ts";

export const saslHandshake = defineApi({
  request: saslHandshakeRequest,
  response: saslHandshakeResponse,
  handle: (_, { mechanism }, { version, client: { session } }) =>
    session?.handshake(mechanism, version) ?? { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] },
});
