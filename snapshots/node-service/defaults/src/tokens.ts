/**
 * Bearer tokens: JSON Web Tokens signed with HMAC-SHA256, and nothing else. One header, compared
 * before anything is decoded, leaves no room for `alg: none`. Several keys verify: one can be
 * replaced without an outage.
 */
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

const MAX_TOKEN_LENGTH = 4096;
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");

/** The token does not prove anything. The text is for the log, never for the caller. */
export class TokenError extends Error {}

/** What a valid token says. */
export interface Claims {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

/** Signs with the first of `keys`, and verifies with any. `now` is in seconds since 1970. */
export class Signer {
  constructor(
    private readonly keys: readonly KeyObject[],
    private readonly audience: string,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {}

  /** A token for `subject` that holds for `seconds`. */
  sign(subject: string, scopes: readonly string[], seconds: number): string {
    const [key] = this.keys;
    if (key === undefined) throw new TokenError("there is no key to sign with");
    const claims = {
      sub: subject,
      aud: this.audience,
      scope: scopes.join(" "),
      exp: Math.floor(this.now() + seconds),
    };
    const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
    return `${signed}.${mac(key, signed).toString("base64url")}`;
  }

  /** The claims of `token`; throws a `TokenError` unless every one of them holds. */
  verify(token: string): Claims {
    const [header, payload, signature, ...more] = token.split(".");
    if (token.length > MAX_TOKEN_LENGTH || header !== HEADER || more.length > 0) {
      throw new TokenError("not a token of ours");
    }
    if (payload === undefined || signature === undefined)
      throw new TokenError("not a token of ours");
    const given = Buffer.from(signature, "base64url");
    // Node skips what is not base64: only the one spelling of a signature is taken.
    const exact = given.toString("base64url") === signature;
    // All keys are tried before one is looked at: the time taken must not tell which matched.
    const matches = this.keys.map((key) => {
      const ours = mac(key, `${header}.${payload}`);
      return ours.length === given.length && timingSafeEqual(ours, given);
    });
    if (!exact || !matches.includes(true)) throw new TokenError("signature does not match");
    return this.claims(payload);
  }

  private claims(payload: string): Claims {
    let claims: unknown;
    try {
      claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    } catch {
      throw new TokenError("claims are incomplete");
    }
    const { sub, aud, scope, exp } = Object(claims) as Record<string, unknown>;
    if (typeof sub !== "string" || typeof scope !== "string" || typeof exp !== "number") {
      throw new TokenError("claims are incomplete");
    }
    if (!(this.now() < exp)) throw new TokenError("expired");
    if (aud !== this.audience) throw new TokenError("made for another service");
    return { subject: sub, scopes: new Set(scope.split(" ").filter(Boolean)) };
  }
}

function mac(key: KeyObject, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
