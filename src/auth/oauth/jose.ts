/**
 * What klite uses of the library for JSON Web Tokens. Named in full, not by an import map: the broker runs with no
 * configuration file, which would cost it memory.
 */
export {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "npm:jose@6.2.17";
