/** Who signs a token: a consumer with a credential of the config, or anybody with a private key. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readPublicKey } from '../config/checks/pem.ts';
import type { Config, Consumer, JwtSecret } from '../config/types.ts';
import { decodeBase64url } from '../http/base64url.ts';
import { algorithmNamed, ALGORITHMS, type Algorithm } from '../tokens/algorithms.ts';

/** What signs, and what the token must say so that it is recognised. */
export interface Signatory {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A private key, and what a person calls it. */
export interface PrivateKey {
  readonly key: KeyObject;
  readonly name: string;
}

export interface ConsumerSignature {
  /** username, custom_id or id. */
  readonly consumer: string;
  /** The key of the credential, where it has several. */
  readonly credential?: string | undefined;
  /** For a credential that is not HMAC: the config has its public key only. */
  readonly privateKey?: PrivateKey | undefined;
  /** The claim that holds the credential's key: `iss`, or what the route's jwt plugin says. */
  readonly keyClaim: string;
  readonly secretIsBase64: boolean;
  readonly hints: SignatureHints;
  readonly onGuess?: (message: string) => void;
}

/** What a person writes to choose: flags, or fields. */
export interface SignatureHints {
  readonly credential: string;
  readonly privateKey: string;
  readonly alg: string;
}

/** The credential of a consumer. Throws when it has none that could sign. */
export function consumerSignatory(config: Config, wanted: ConsumerSignature): Signatory {
  const { privateKey, secretIsBase64, keyClaim, hints, onGuess } = wanted;
  const consumer = findConsumer(config, wanted.consumer);
  const credential = chooseCredential(config, consumer, {
    wanted: wanted.credential,
    hasPrivateKey: privateKey !== undefined,
    hints,
    onGuess,
  });
  const algorithm = algorithmNamed(credential.algorithm);
  if (algorithm === undefined)
    throw new Error(`the algorithm ${credential.algorithm} cannot sign here`);
  return {
    algorithm,
    key: signingKeyOf(credential, { privateKey, secretIsBase64, hints }),
    claims: { [keyClaim]: credential.key },
  };
}

/** A token of anybody who has a private key: what an identity provider would sign. Throws for another algorithm. */
export function keySignatory(
  { key, name }: PrivateKey,
  alg: string | undefined,
  hints: SignatureHints,
): Signatory {
  const fitting = algorithmsOf(key);
  const algorithm = alg === undefined ? fitting[0] : algorithmNamed(alg);
  if (algorithm === undefined || !fitting.includes(algorithm)) {
    throw new Error(`${name} signs with ${listed(fitting)}; choose one with ${hints.alg}`);
  }
  return { algorithm, key, claims: {} };
}

const nameOf = ({ username, custom_id: customId, id }: Consumer): string =>
  username ?? customId ?? id;

function findConsumer({ entities: { consumers } }: Config, name: string): Consumer {
  const found = consumers.find(
    ({ username, custom_id: customId, id }) =>
      username === name || customId === name || id === name,
  );
  if (found !== undefined) return found;
  throw new Error(`no consumer '${name}' in the file, which has: ${listed(consumers.map(nameOf))}`);
}

interface Choice {
  /** The key of the credential. */
  readonly wanted: string | undefined;
  /** Somebody has named a private key. */
  readonly hasPrivateKey: boolean;
  /** Told when nobody has chosen of several. */
  readonly onGuess: ((message: string) => void) | undefined;
  readonly hints: SignatureHints;
}

function chooseCredential(
  { entities }: Config,
  consumer: Consumer,
  { wanted, hasPrivateKey, onGuess, hints }: Choice,
): JwtSecret {
  const own = entities.jwt_secrets.filter((entity) => entity.consumer.id === consumer.id);
  const keys = listed(own.map(({ key }) => key));
  const chosen = wanted === undefined ? own : own.filter(({ key }) => key === wanted);
  const [first] = chosen;
  const name = nameOf(consumer);
  if (first === undefined) {
    throw new Error(
      own.length === 0
        ? `consumer '${name}' has no jwt_secrets; give it one, e.g. jwt_secrets: [{ key: ${name}-key }]`
        : `consumer '${name}' has no credential with the key '${wanted ?? ''}', but: ${keys}`,
    );
  }
  if (chosen.length === 1) return first;
  // A secret is all that a token of it needs; which key pair a file is of, nobody has said.
  const secret = !hasPrivateKey && chosen.find(({ algorithm }) => algorithm.startsWith('HS'));
  if (!secret) {
    throw new Error(
      `consumer '${name}' has several credentials; choose with ${hints.credential}: ${keys}`,
    );
  }
  onGuess?.(`signed with the credential '${secret.key}'; ${hints.credential} chooses of: ${keys}`);
  return secret;
}

function signingKeyOf(
  { algorithm, secret, rsa_public_key: publicKey, key }: JwtSecret,
  {
    privateKey,
    secretIsBase64,
    hints,
  }: Pick<ConsumerSignature, 'privateKey' | 'secretIsBase64' | 'hints'>,
): KeyObject {
  if (algorithm.startsWith('HS')) {
    const bytes = secretIsBase64 ? decodeBase64url(secret) : Buffer.from(secret);
    if (bytes === undefined)
      throw new Error(`the secret of '${key}' is not base64url, which the route expects`);
    return createSecretKey(bytes);
  }
  if (privateKey === undefined) {
    throw new Error(
      `the credential '${key}' is for ${algorithm}: kong.yaml has its public key only; name the private one with ${hints.privateKey}`,
    );
  }
  const known = publicKey === null ? undefined : readPublicKey(publicKey);
  if (known?.equals(createPublicKey(privateKey.key)) === true) return privateKey.key;
  throw new Error(
    `${privateKey.name} does not belong to the public key of the credential '${key}'`,
  );
}

const CURVES: ReadonlyMap<string, Algorithm> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);

/** The most usual first. */
function algorithmsOf(key: KeyObject): readonly Algorithm[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return ALGORITHMS.filter((name) => /^[RP]S/.test(name));
    case 'ec': {
      const algorithm = CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '');
      return algorithm === undefined ? [] : [algorithm];
    }
    case 'ed25519':
    case 'ed448':
      return ['EdDSA'];
    default:
      return [];
  }
}

const LISTED_MAX = 10;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > LISTED_MAX ? `, and ${names.length - LISTED_MAX} more` : '';
  return names.slice(0, LISTED_MAX).join(', ') + more;
}
