/** `silverback token mint`: a token that a route accepts, made from what kong.yaml holds or from a private key. */
import {
  consumerSignatory,
  keySignatory,
  type PrivateKey,
  type Signatory,
} from '../../../simulate/signatory.ts';
import { createSignatureMaker, signCompact } from '../../../tokens/sign.ts';
import { print, printError, type ExitCode } from '../context.ts';
import { parseLifetime } from '../../../simulate/lifetime.ts';
import { loadDeclarative, parseClaim, readPrivateKeyFile } from './input.ts';
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
  return consumerSignatory(config, {
    consumer: flags.consumer ?? '',
    credential: flags.credential,
    privateKey: flags.key === undefined ? undefined : privateKeyOf(flags.key),
    keyClaim: route?.keyClaim ?? 'iss',
    secretIsBase64: route?.secretIsBase64 ?? false,
    hints: FLAGS,
    onGuess: (message) => printError(`silverback: ${message}`),
  });
}

const FLAGS = { credential: '--credential', privateKey: '--key private.pem', alg: '--alg' };

const privateKeyOf = (file: string): PrivateKey => ({ key: readPrivateKeyFile(file), name: file });

/** A token of anybody who has a private key: what an identity provider would sign. */
function ofKeyFile({ key: file = '', alg, issuer }: MintFlags): Signatory {
  const signatory = keySignatory(privateKeyOf(file), alg, FLAGS);
  return { ...signatory, claims: issuer === undefined ? {} : { iss: issuer } };
}
