/** Keysets whose keys come from outside: a URL with private keys, or `key_sets` of the config. */
import { createPrivateKey } from 'node:crypto';
import { KeysetError } from '../errors.ts';
import { parseJson } from '../http/json.ts';
import type {
  DeclaredKey,
  DeclaredKeySet,
  Keyset,
  KeysetSpec,
  PublicSet,
  SigningKey,
} from '../services.ts';
import type { Algorithm } from '../tokens/algorithms.ts';
import { importJwk, isFault } from '../tokens/jwk.ts';
import { membersOf } from '../tokens/jwk-set.ts';
import type { MakerFor } from '../tokens/sign.ts';
import type { SourceEntries } from './client-sources.ts';
import { toPublicSet, toSigningKey, type Jwk } from './signing-key.ts';

/** A keyset whose document holds private keys; the first that has the algorithm signs. */
export function openUrlKeyset(
  entries: SourceEntries,
  { url, basicAuth, tls, rotateSeconds }: Extract<KeysetSpec, { kind: 'url' }>,
  makerFor: MakerFor,
): Keyset {
  const spec = { kind: 'jwks', url, basicAuth, tls } as const;
  const source = entries.open({ spec, holds: 'private' }, rotateSeconds);
  const { entry } = source;
  let made: FixedKeys | undefined;
  let madeFrom: string | undefined;
  const keysNow = (): FixedKeys | undefined => {
    const document = entry.state?.document;
    if (document === undefined) return undefined;
    if (document !== madeFrom) made = fixedKeys(jwksOf(document), makerFor, made);
    madeFrom = document;
    return made;
  };
  async function missing(algorithm: Algorithm): Promise<SigningKey> {
    if (keysNow() === undefined) await source.load();
    else await source.refresh(entry.state?.version ?? 0);
    const key = keysNow()?.signer(algorithm);
    if (key !== undefined) return key;
    throw new KeysetError(
      keysNow() === undefined
        ? 'the keyset cannot be loaded'
        : `the keyset has no private key with alg ${algorithm}`,
    );
  }
  return {
    name: url,
    signingKey: (algorithm) => keysNow()?.signer(algorithm) ?? missing(algorithm),
    async publicSet() {
      if (keysNow() === undefined) await source.load();
      const keys = keysNow();
      if (keys === undefined) throw new KeysetError('the keyset cannot be loaded');
      return keys.published;
    },
    close: () => source.close(),
  };
}

function jwksOf(document: string): readonly unknown[] {
  const members = membersOf(parseJson(Buffer.from(document))?.value);
  return 'jwks' in members ? members.jwks : [];
}

/** Keys that come from outside: they are published as long as they are there. */
interface FixedKeys {
  signer(algorithm: Algorithm): SigningKey | undefined;
  readonly published: PublicSet;
}

const isJwk = (value: unknown): value is Jwk => typeof value === 'object' && value !== null;

/** @param before keys that are still there stay the same objects */
function fixedKeys(jwks: readonly unknown[], makerFor: MakerFor, before?: FixedKeys): FixedKeys {
  const found = new Map<Algorithm, SigningKey>();
  const usable = jwks.filter(isJwk);
  return {
    signer(algorithm) {
      const known = found.get(algorithm);
      if (known !== undefined) return known;
      const jwk = usable.find((each) => each['alg'] === algorithm && isSigner(each));
      if (jwk === undefined) return undefined;
      const old = before?.signer(algorithm);
      const isSame = old !== undefined && old.kid === jwk['kid'];
      const key = isSame ? old : toSigningKey(jwk, algorithm, { makerFor, note: () => {} });
      found.set(algorithm, key);
      return key;
    },
    published: toPublicSet(usable.filter((jwk) => typeof jwk['kid'] === 'string')),
  };
}

const isSigner = (jwk: Jwk): boolean => {
  const outcome = importJwk(jwk, 'sign');
  return !isFault(outcome) && outcome.kid !== undefined;
};

/** A keyset that the config declares. Throws KeysetError when none of its keys can sign. */
export function openDeclaredKeyset({ name, keys }: DeclaredKeySet, makerFor: MakerFor): Keyset {
  const jwks = keys.flatMap(declaredJwks);
  const fixed = fixedKeys(jwks, makerFor);
  if (!jwks.some(isSigner))
    throw new KeysetError(`key set ${name} has no private key that can sign`);
  return {
    name,
    signingKey(algorithm) {
      const key = fixed.signer(algorithm);
      if (key === undefined)
        throw new KeysetError(`key set ${name} has no private key for ${algorithm}`);
      return key;
    },
    publicSet: () => fixed.published,
    close() {},
  };
}

/** One entry per algorithm that the key may sign with; `kid` is the entity's. */
function declaredJwks({ kid, jwk, pem }: DeclaredKey): readonly Jwk[] {
  const value = jwk ? parseJson(Buffer.from(jwk))?.value : privateJwk(pem?.private_key);
  if (!isJwk(value)) return [];
  const outcome = importJwk({ ...value, kid }, 'sign');
  const algorithms = isFault(outcome) ? [value['alg']] : outcome.algorithms;
  return algorithms.map((alg) => ({ ...value, kid, ...(alg === undefined ? {} : { alg }) }));
}

function privateJwk(pem: string | null | undefined): Jwk | undefined {
  if (!pem) return undefined;
  try {
    return { ...createPrivateKey(pem).export({ format: 'jwk' }) };
  } catch {
    return undefined; // the config's own check has said so
  }
}
