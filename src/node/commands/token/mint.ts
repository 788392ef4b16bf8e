/** `silverback token mint`: a token that a route accepts, made from what kong.yaml holds or from a private key. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readPublicKey } from '../../../config/checks/pem.ts';
import type { Config, Consumer, JwtSecret } from '../../../config/types.ts';
import { decodeBase64url } from '../../../http/base64url.ts';
import { algorithmNamed, ALGORITHMS, type Algorithm } from '../../../tokens/algorithms.ts';
import { createSignatureMaker, signCompact } from '../../../tokens/sign.ts';
import { print, printError, type ExitCode } from '../context.ts';
import { loadDeclarative, parseClaim, parseLifetime, readPrivateKeyFile } from './input.ts';
import { expectationsOf, type JwtExpectations } from './expectations.ts';

export interface MintFlags {
  readonly consumer?: string;
  readonly credential?: string;
  readonly route?: string;
  readonly config?: readonly string[];
  readonly key?: string;
  readonly alg?: string;
  readonly kid?: string;
  readonly issuer?: string;
  readonly claim: readonly string[];
  readonly expiresIn: string;
}

/** What signs, and what the token must say so that it is recognised. */
interface Signatory {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Prints the token alone, so that it can stand in `$(…)`; what else there is to say goes to stderr. */
export async function mintCommand(flags: MintFlags): Promise<ExitCode> {
  if (flags.consumer === undefined && flags.key === undefined) {
    throw new Error(
      'who signs? Name a consumer (--consumer jwt-user) or a private key (--key private.pem)',
    );
  }
  const route = flags.route === undefined ? undefined : await expectations(flags);
  const signatory =
    flags.consumer === undefined ? ofKeyFile(flags) : await ofConsumer(flags, route);
  const lifetime = parseLifetime(flags.expiresIn);
  const most = route?.maximumLifetime ?? 0;
  const isCapped = most > 0 && (lifetime === undefined || lifetime > most);
  if (isCapped)
    printError(
      `silverback: the route takes no token of more than ${most}s; this one gets ${most}s`,
    );
  const now = Math.floor(Date.now() / 1000);
  const seconds = isCapped ? most : lifetime;
  const claims = {
    ...signatory.claims,
    iat: now,
    ...(seconds !== undefined && { exp: now + seconds }),
    ...Object.fromEntries(flags.claim.map(parseClaim)),
  };
  const { algorithm, key } = signatory;
  const header = { typ: 'JWT', alg: algorithm, ...(flags.kid !== undefined && { kid: flags.kid }) };
  print(await signCompact(header, claims, createSignatureMaker(algorithm, key)));
  return 0;
}

async function expectations(flags: MintFlags): Promise<JwtExpectations> {
  return expectationsOf((await loadDeclarative(flags.config)).config, flags.route ?? '');
}

/** The credential of a consumer, as the route's jwt plugin reads it. */
async function ofConsumer(
  flags: MintFlags,
  route: JwtExpectations | undefined,
): Promise<Signatory> {
  const { config } = await loadDeclarative(flags.config);
  const consumer = findConsumer(config, flags.consumer ?? '');
  const credential = chooseCredential(config, consumer, flags);
  const algorithm = algorithmNamed(credential.algorithm);
  if (algorithm === undefined)
    throw new Error(`the algorithm ${credential.algorithm} cannot sign here`);
  return {
    algorithm,
    key: signingKeyOf(credential, flags.key, route?.secretIsBase64 ?? false),
    claims: { [route?.keyClaim ?? 'iss']: credential.key },
  };
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

function chooseCredential(
  { entities }: Config,
  consumer: Consumer,
  { credential: wanted, key: file }: MintFlags,
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
  const secret = file === undefined && chosen.find(({ algorithm }) => algorithm.startsWith('HS'));
  if (!secret) {
    throw new Error(
      `consumer '${name}' has several credentials; choose with --credential: ${keys}`,
    );
  }
  printError(
    `silverback: signed with the credential '${secret.key}'; --credential chooses of: ${keys}`,
  );
  return secret;
}

function signingKeyOf(
  { algorithm, secret, rsa_public_key: publicKey, key }: JwtSecret,
  file: string | undefined,
  secretIsBase64: boolean,
): KeyObject {
  if (algorithm.startsWith('HS')) {
    const bytes = secretIsBase64 ? decodeBase64url(secret) : Buffer.from(secret);
    if (bytes === undefined)
      throw new Error(`the secret of '${key}' is not base64url, which the route expects`);
    return createSecretKey(bytes);
  }
  if (file === undefined) {
    throw new Error(
      `the credential '${key}' is for ${algorithm}: kong.yaml has its public key only; name the private one with --key private.pem`,
    );
  }
  const privateKey = readPrivateKeyFile(file);
  const known = publicKey === null ? undefined : readPublicKey(publicKey);
  if (known?.equals(createPublicKey(privateKey)) === true) return privateKey;
  throw new Error(`${file} does not belong to the public key of the credential '${key}'`);
}

/** A token of anybody who has a private key: what an identity provider would sign. */
function ofKeyFile({ key: file = '', alg, issuer }: MintFlags): Signatory {
  const key = readPrivateKeyFile(file);
  const fitting = algorithmsOf(key);
  const algorithm = alg === undefined ? fitting[0] : algorithmNamed(alg);
  if (algorithm === undefined || !fitting.includes(algorithm)) {
    throw new Error(`${file} signs with ${listed(fitting)}; choose one with --alg`);
  }
  return { algorithm, key, claims: issuer === undefined ? {} : { iss: issuer } };
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
