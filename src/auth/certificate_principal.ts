import { ANONYMOUS, Principal } from "../base/principal.ts";
import type { PeerCertificate } from "../io/network.ts";
import { subjectOf } from "./distinguished_name.ts";

/** How names of certificates become names of users: the first rule that fits decides. */
export type PrincipalRules = readonly PrincipalRule[];

interface PrincipalRule {
  /** `null`: the name as it is. */
  apply(name: string): string | null;
}

/** One rule and what separates it from the next, in the syntax of Kafka's ssl.principal.mapping.rules. */
const RULE = /\s*(?:(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,\s*|$)/y;

/** Reads `RULE:pattern/replacement/[LU]` and `DEFAULT`, separated by commas; or says what is wrong. */
export function parsePrincipalRules(
  text: string,
): { readonly rules: PrincipalRules } | { readonly problem: string } {
  const rules: PrincipalRule[] = [];
  const matcher = new RegExp(RULE);
  while (matcher.lastIndex < text.length) {
    const rest = text.slice(matcher.lastIndex);
    const match = matcher.exec(text);
    if (match === null) return { problem: `has no rule where it says '${rest}'` };
    const [, isDefault, pattern = "", replacement = "", letters = ""] = match;
    if (isDefault !== undefined) rules.push({ apply: (name) => name });
    else {
      const rule = mapping(pattern, replacement, letters);
      if (rule === null) return { problem: `has a pattern that is no regular expression: '${pattern}'` };
      rules.push(rule);
    }
  }
  return rules.length === 0 ? { problem: "has no rule" } : { rules };
}

function mapping(pattern: string, replacement: string, letters: string): PrincipalRule | null {
  let whole: RegExp;
  let parts: RegExp;
  try {
    whole = new RegExp(`^(?:${pattern})$`);
    parts = new RegExp(pattern, "g");
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return {
    apply(name) {
      if (!whole.test(name)) return null;
      const mapped = name.replace(parts, (...found: unknown[]) => filled(replacement, found));
      return letters === "L" ? mapped.toLowerCase() : letters === "U" ? mapped.toUpperCase() : mapped;
    },
  };
}

/** Puts groups in place of `$1` and so on; `$9` stays if there are not as many, and a backslash takes meaning away. */
function filled(replacement: string, found: readonly unknown[]): string {
  // Behind the groups come a number, the position, and texts.
  const groups = found.slice(1, found.findIndex((each, at) => at > 0 && typeof each === "number"));
  return replacement.replace(/\\(.)|\$(\d+)/g, (text, literal: string | undefined, digits: string) => {
    if (literal !== undefined) return literal;
    if (digits === "0") return String(found[0]);
    // As many digits as there is a group for.
    for (let length = digits.length; length > 0; length--) {
      const group = Number(digits.slice(0, length));
      if (group >= 1 && group <= groups.length) return String(groups[group - 1] ?? "") + digits.slice(length);
    }
    return text;
  });
}

/**
 * Who shows a certificate. Without one it is `ANONYMOUS`; `null` when no rule fits: nobody whom the operator knows.
 */
export function certificatePrincipal(rules: PrincipalRules, peer: PeerCertificate | null): Principal | null {
  if (peer === null) return ANONYMOUS;
  const subject = subjectOf(peer.der);
  if (subject === null) return null;
  for (const rule of rules) {
    const name = rule.apply(subject);
    if (name !== null) return new Principal("User", name);
  }
  return null;
}
