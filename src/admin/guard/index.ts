/** Who may talk to the Admin API: every guard that the settings ask for has to agree. */
import { tokenDigest, type AdminToken, type TokenScope } from '../../settings/admin-tokens.ts';
import type { AdminResponse } from '../response.ts';
import type { AdminDeps, ServerRequest } from '../types.ts';
import { createAttempts } from './attempts.ts';
import { checkCertificate } from './certificate.ts';
import { guardAgainstPages } from './pages.ts';
import { checkToken, type TokenFault } from './tokens.ts';

export { readOnly } from './tokens.ts';

/** Who sends a request, as far as it is known. */
export interface AdminClient {
  /** The peer of the connection, without a port. */
  readonly address: string;
  /** The name of its token. */
  readonly token: string | undefined;
  /** The subject of its certificate, e.g. `CN=ann`. */
  readonly certificate: string | undefined;
  /** `write` where no token is asked for. */
  readonly scope: TokenScope;
}

/** A request that is not let in. */
export interface Refused {
  readonly refusal: AdminResponse;
  readonly address: string;
  /** Absent when it was not about a token. */
  readonly fault?: TokenFault;
}

/** Each request gets a client of its own, even on one connection. */
export type Admission = { readonly client: AdminClient } | Refused;

/** Lets a request in or has the answer that ends it. */
export type Guard = (req: ServerRequest) => Promise<Admission>;

/** What the name of a token is in logs when it has none. */
const UNNAMED = 'admin_token';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a method can change something, as far as the method tells. */
export const isWriteMethod = (method: string | undefined): boolean => !READS.has(method ?? 'GET');

const addressOf = (req: ServerRequest): string => req.socket.remoteAddress ?? '';

/** The guard of the Admin API: Host and Origin, then the certificate, then the token. */
export function guardAdmin(deps: AdminDeps): Guard {
  const { settings } = deps;
  const pages = guardAgainstPages(settings.adminListen, settings);
  const attempts = createAttempts(() => performance.now());
  const { adminToken, adminTokensFile, adminClientCa } = settings;
  const unnamed: readonly AdminToken[] =
    adminToken === undefined
      ? []
      : [{ name: UNNAMED, scope: 'write', digest: tokenDigest(adminToken), untilMs: undefined }];
  const needsToken = adminToken !== undefined || adminTokensFile !== undefined;
  return async (req) => {
    const address = addressOf(req);
    const foreign = pages.head(req);
    if (foreign !== undefined) return { refusal: foreign, address };
    const certificate =
      adminClientCa === undefined ? { subject: undefined } : checkCertificate(req);
    if ('refusal' in certificate) return { refusal: certificate.refusal, address };
    const client = { address, certificate: certificate.subject };
    if (!needsToken) {
      const refusal = pages.withoutToken(req);
      if (refusal !== undefined) return { refusal, address };
      return { client: { ...client, token: undefined, scope: 'write' } };
    }
    const tokens = [...unnamed, ...(await deps.namedTokens())];
    const check = checkToken(attempts, {
      req,
      address,
      isWrite: isWriteMethod(req.method),
      tokens,
    });
    if (check.kind === 'refused') {
      return { refusal: check.response, address, fault: check.fault };
    }
    return { client: { ...client, token: check.name, scope: check.scope } };
  };
}

/** The guard of the Status API, which has no secrets and so no token. */
export function guardStatus({ settings }: AdminDeps): Guard {
  const pages = guardAgainstPages(settings.statusListen, { adminHosts: [] });
  return (req) => {
    const address = addressOf(req);
    const isWrite = isWriteMethod(req.method);
    const refusal = pages.head(req) ?? (isWrite ? pages.withoutToken(req) : undefined);
    if (refusal !== undefined) return Promise.resolve({ refusal, address });
    const client: AdminClient = {
      address,
      token: undefined,
      certificate: undefined,
      scope: 'write',
    };
    return Promise.resolve({ client });
  };
}
