/** `/jwt-signer/…`: the keysets of the jwt-signer plugin, and the state of everybody's keys. */
import { createSecretResolver } from '../config/secrets.ts';
import { KeysetError } from '../errors.ts';
import { isObject, parseJson } from '../http/json.ts';
import { ReloadError, type KeyRow, type ReloadOptions } from '../keys/admin.ts';
import { CANNOT_PARSE, formPairs } from './entity-body.ts';
import type { AdminRequest, Handler } from './request.ts';
import { empty, json, message, NOT_FOUND, type AdminResponse } from './response.ts';
import type { AdminDeps } from './types.ts';

/** RFC 7517 section 8.5.2. */
const JWK_SET_TYPE = 'application/jwk-set+json';

const document = ({ keys, previous }: KeyRow): AdminResponse => ({
  ...json(200, { keys, previous }),
  contentType: JWK_SET_TYPE,
});

/** Keys that cannot be had, or a provider that does not answer: the text says why. */
const withKeys =
  (work: Handler): Handler =>
  async (request, deps) => {
    try {
      return await work(request, deps);
    } catch (error) {
      if (error instanceof KeysetError) return message(503, error.message);
      if (error instanceof ReloadError) return message(502, error.message);
      throw error;
    }
  };

const withoutSecrets = (keys: KeyRow['keys']): KeyRow['keys'] =>
  keys.map(({ k: _k, ...rest }) => rest);

/** A list of everything; what verifies an HMAC is shown one by one only. */
export const listJwks = withKeys(async (_request, deps) => {
  const rows = await deps.keys.list();
  return json(200, {
    data: rows.map((row) => ({
      ...row,
      keys: withoutSecrets(row.keys),
      previous: withoutSecrets(row.previous),
    })),
  });
});

export const readJwks = withKeys(async ({ params: [name = ''] }, deps) => {
  const row = await deps.keys.find(name);
  return row === undefined ? NOT_FOUND : document(row);
});

/** Makes a keyset that is not there; gives the one that is. This program's own. */
export const generateJwks = withKeys(async ({ params: [name = ''] }, deps) =>
  document(await deps.keys.generate(name)),
);

/** The next token that needs the set makes or loads it anew. */
export const deleteJwks = withKeys(async ({ params: [name = ''] }, deps) =>
  (await deps.keys.remove(name)) ? empty(204) : NOT_FOUND,
);

export const rotateJwks = withKeys(async (request, deps) => {
  const options = reloadOptions(request, deps);
  if ('status' in options) return options;
  const row = await deps.keys.rotate(request.params[0] ?? '', options);
  return row === undefined ? NOT_FOUND : document(row);
});

export const readSignerStatus: Handler = (_request, deps) => json(200, deps.keys.status());

/** `client_username`, `client_password` and `client_certificate` of sets that come from a URL. */
function reloadOptions(request: AdminRequest, deps: AdminDeps): ReloadOptions | AdminResponse {
  const values = bodyValues(request);
  if (values === undefined) return CANNOT_PARSE;
  const { client_username: username, client_password: password, client_certificate: id } = values;
  if ((username === undefined) !== (password === undefined)) {
    return message(400, 'client_username and client_password go together');
  }
  const certificate = id === undefined ? undefined : certificateOf(id, deps);
  if (certificate === 'missing')
    return message(400, 'client_certificate: there is no such certificate');
  const hasPair = typeof username === 'string' && typeof password === 'string';
  return { basicAuth: hasPair ? { username, password } : undefined, certificate };
}

function bodyValues(request: AdminRequest): Readonly<Record<string, unknown>> | undefined {
  if (request.body.length === 0) return {};
  if (request.mediaType !== 'application/json') return Object.fromEntries(formPairs(request) ?? []);
  const value = parseJson(request.body)?.value;
  return isObject(value) ? value : undefined;
}

function certificateOf(
  reference: unknown,
  deps: AdminDeps,
): ReloadOptions['certificate'] | 'missing' {
  const id = isObject(reference) ? reference['id'] : reference;
  const config = deps.config();
  const entity = config.entities.certificates.find((one) => one.id === id);
  if (entity === undefined) return 'missing';
  const prefix = deps.settings.vaultEnvPrefix;
  const reveal = createSecretResolver(config, { env: process.env, prefix });
  return { cert: reveal(entity.cert), key: reveal(entity.key) };
}
