import { KliteError } from "../base/klite_error.ts";
import { ANONYMOUS, Principal } from "../base/principal.ts";
import { subjectOf } from "./distinguished_name.ts";
import type { CertificatePrincipals } from "./mod.ts";

/** Makes a user's name of a certificate's; `null` when it does not fit. */
type PrincipalRule = (name: string) => string | null;

/** One rule and what separates it from the next, in the syntax of Kafka's ssl.principal.mapping.rules. */
const RULE = /\s*(?:(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,\s*|$)/y;

/** Reads `RULE:pattern/replacement/[LU]` and `DEFAULT`, separated by commas. */
function parseRules(text: string): readonly PrincipalRule[] {
  const rules: PrincipalRule[] = [];
  const matcher = new RegExp(RULE);
  while (matcher.lastIndex < text.length) {
    const rest = text.slice(matcher.lastIndex);
    const match = matcher.exec(text);
    if (match === null) throw wrong(`there is no rule in '${rest}'`);
    const [, isDefault, pattern = "", replacement = "", letters = ""] = match;
    rules.push(isDefault === undefined ? mapping(pattern, replacement, letters) : (name) => name);
  }
  if (rules.length === 0) throw wrong("there is no rule");
  return rules;
}

function mapping(pattern: string, replacement: string, letters: string): PrincipalRule {
  let whole: RegExp;
  let parts: RegExp;
  try {
    whole = new RegExp(`^(?:${pattern})$`);
    parts = new RegExp(pattern, "g");
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong(`'${pattern}' is no regular expression`);
    throw error;
  }
  return (name) => {
    if (!whole.test(name)) return null;
    const mapped = name.replace(parts, (...found: unknown[]) => filled(replacement, found));
    return letters === "L" ? mapped.toLowerCase() : letters === "U" ? mapped.toUpperCase() : mapped;
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
 * @throws KliteError BAD_CONFIG.
 */
export function certificatePrincipals(text: string): CertificatePrincipals {
  const rules = parseRules(text);
  return (certificate) => {
    if (certificate === null) return ANONYMOUS;
    const subject = subjectOf(certificate.der);
    if (subject === null) return null;
    const name = rules.map((rule) => rule(subject)).find((each) => each !== null);
    return name === undefined ? null : new Principal("User", name);
  };
}

function wrong(problem: string): KliteError {
  return new KliteError("BAD_CONFIG", `The rules of --tls-principal-mapping-rules make no sense: ${problem}`);
}
