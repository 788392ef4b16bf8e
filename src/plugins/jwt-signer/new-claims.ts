/** The claims of the new token: those of the one that came, less and plus what the config says. */
import { claimAt, type Claims } from './claims.ts';
import type { ClaimPath, SigningSettings } from './settings.ts';

/** Makes the claims to sign from those that were verified. */
export type BuildClaims = (claims: Claims) => Claims;

type Claim = readonly [name: string, value: unknown];

/** @param expiryClaim where the claims that come hold their expiry; the new token has it in `exp` */
export function compileNewClaims(settings: SigningSettings, expiryClaim: ClaimPath): BuildClaims {
  const { issuer, upstreamLeewaySeconds, remove } = settings;
  const added = settings.add.flatMap(claimsOf);
  // The token's own fields come last and win.
  const set = settings.set.flatMap(claimsOf);
  return (claims) => {
    const built = new Map<string, unknown>(Object.entries(claims));
    if (built.has('iss')) built.set('original_iss', built.get('iss'));
    built.set('iss', issuer);
    const expiry = claimAt(claims, expiryClaim);
    if (typeof expiry === 'number' && Number.isFinite(expiry))
      built.set('exp', expiry + upstreamLeewaySeconds);
    for (const [name, value] of added) if (!built.has(name)) built.set(name, value);
    for (const [name, value] of set) built.set(name, value);
    for (const name of remove) built.delete(name);
    // `fromEntries` defines members: a claim named `__proto__` stays a claim.
    return Object.fromEntries(built);
  };
}

const claimsOf = (map: Readonly<Record<string, string>>): Claim[] =>
  Object.entries(map).map(([name, text]) => [name, claimValue(text)]);

/** JSON text stands for its value, any other text for itself. */
function claimValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
