import type { AuthStage, AuthStageParts } from "./auth_stage.ts";
import { defaultLimits, type ServerLimits } from "./limits.ts";

/** What a server with SASL listeners needs; others never load it. */
export async function openAuthStage(
  parts: AuthStageParts,
  limits: Partial<ServerLimits> = {},
): Promise<AuthStage> {
  const { AuthStage } = await import("./auth_stage.ts");
  return new AuthStage(parts, { ...defaultLimits, ...limits });
}
