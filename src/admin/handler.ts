/** One request to the Admin or Status API, from its head to its answer. */
import { Buffer } from 'node:buffer';
import { SERVER_TOKEN } from '../version.ts';
import { readBody, readMediaType } from './body.ts';
import { TOO_MANY_ARGUMENTS } from './entity-body.ts';
import {
  guardAdmin,
  guardStatus,
  isWriteMethod,
  readOnly,
  type AdminClient,
  type Guard,
  type Refused,
} from './guard/index.ts';
import { parseQuery, parseTarget, type Target } from './request.ts';
import {
  BAD_TARGET,
  BODY_TOO_LARGE,
  BODY_TOO_SLOW,
  empty,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  UNEXPECTED,
  UNSUPPORTED_TYPE,
  type AdminResponse,
} from './response.ts';
import {
  buildRouteTree,
  type AdminRoute,
  type Methods,
  type RouteFound,
  type RouteTree,
} from './route-tree.ts';
import { ADMIN_ROUTES, STATUS_ROUTES } from './routes.ts';
import type { AdminDeps, ServerAnswer, ServerRequest } from './types.ts';

export type RequestListener = (req: ServerRequest, res: ServerAnswer) => void;

const NO_BODY = Buffer.alloc(0);
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const CONFIG_PATH = '/config';

interface Api {
  readonly deps: AdminDeps;
  readonly guard: Guard;
  readonly routes: RouteTree;
}

/** What `Allow` lists for a path. */
function allowedMethods(methods: Methods): string {
  const head = methods.GET === undefined ? [] : ['HEAD'];
  return [...Object.keys(methods), ...head, 'OPTIONS'].toSorted().join(', ');
}

function preflight(req: ServerRequest, methods: Methods): AdminResponse {
  const allowed = allowedMethods(methods);
  const headers = req.headers['access-control-request-headers'] ?? 'Content-Type';
  return empty(204, [
    'Allow',
    allowed,
    'Access-Control-Allow-Methods',
    allowed,
    'Access-Control-Allow-Headers',
    headers,
  ]);
}

function handlerFor(method: string, methods: Methods): Methods['GET'] {
  switch (method) {
    case 'HEAD':
    case 'GET':
      return methods.GET;
    case 'POST':
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
      return methods[method];
    default:
      return undefined;
  }
}

/** The steps in Kong's order: guard, path, then what is asked for. Writes leave a line in the audit trail. */
async function respond(api: Api, req: ServerRequest): Promise<AdminResponse> {
  const { method = 'GET', url = '/' } = req;
  const admission = await api.guard(req);
  if ('refusal' in admission) return refuse(api, req, admission);
  const { client } = admission;
  const target = parseTarget(url);
  if (target === undefined) return BAD_TARGET;
  const route = api.routes(target.segments);
  if (route === undefined) return NOT_FOUND;
  if (method === 'OPTIONS') return preflight(req, route.methods);
  const asked: Asked = { client, target, route };
  if (!isWriteMethod(method) || route.changesNothing) return work(api, req, asked);
  const tell = (status: number, fault?: 'scope'): void =>
    api.deps.audit.answered({ who: client, method, target: url, status, fault });
  if (client.scope === 'read') {
    tell(403, 'scope');
    return withoutItsBody(req, readOnly(client.token ?? ''));
  }
  try {
    const answer = await work(api, req, asked);
    tell(answer.status);
    return answer;
  } catch (error) {
    // A client that left in the middle of its body has changed nothing.
    if (req.complete) tell(UNEXPECTED.status);
    throw error;
  }
}

/** Wrong tokens and writes without one are told; `createAttempts` bounds how many there are. */
function refuse(api: Api, req: ServerRequest, admission: Refused): AdminResponse {
  const { refusal, address, fault } = admission;
  const { method = 'GET', url = '/' } = req;
  const isGuess = fault === 'wrong' || fault === 'closed';
  if (isGuess || (fault === 'missing' && isWriteMethod(method))) {
    const who = { address, token: undefined, certificate: undefined };
    api.deps.audit.answered({ who, method, target: url, status: refusal.status, fault });
  }
  return withoutItsBody(req, refusal);
}

interface Asked {
  readonly client: AdminClient;
  readonly target: Target;
  readonly route: RouteFound;
}

/** The rest of Kong's order: type of the body, method, arguments, body, the work. */
async function work(
  api: Api,
  req: ServerRequest,
  { client, target, route }: Asked,
): Promise<AdminResponse> {
  const { method = 'GET' } = req;
  const hasBody = METHODS_WITH_BODY.has(method);
  const isConfig = `/${target.segments.join('/')}` === CONFIG_PATH;
  const mediaType = hasBody ? readMediaType(req, isConfig) : '';
  if (mediaType === undefined) return UNSUPPORTED_TYPE;
  const handler = handlerFor(method, route.methods);
  if (handler === undefined) return METHOD_NOT_ALLOWED;
  const query = parseQuery(target.rawQuery);
  if (query === undefined) return TOO_MANY_ARGUMENTS;
  const body = hasBody ? await readBody(req, api.deps.settings) : NO_BODY;
  if (body === 'too large') return BODY_TOO_LARGE;
  if (body === 'too slow') return BODY_TOO_SLOW;
  // HTTP/2 needs neither length nor encoding, so only the bytes tell that there is a body.
  if (mediaType === '' && body.length > 0) return UNSUPPORTED_TYPE;
  const contentType = req.headers['content-type'] ?? '';
  const { params } = route;
  const path = (req.url ?? '/').replace(/[?#].*$/s, '');
  const request = { client, method, path, params, query, mediaType, contentType, body };
  return handler(request, api.deps);
}

/** Whoever is refused by the guard does not get to have a body read: the connection ends with the answer. */
function withoutItsBody(req: ServerRequest, answer: AdminResponse): AdminResponse {
  const hasNone =
    req.headers['content-length'] === undefined && !('transfer-encoding' in req.headers);
  if (hasNone || req.httpVersionMajor > 1) return answer;
  return { ...answer, headers: [...answer.headers, 'Connection', 'close'] };
}

function write(api: Api, req: ServerRequest, res: ServerAnswer, answer: AdminResponse): void {
  const { status, body, contentType, headers } = answer;
  res.statusCode = status;
  if (api.deps.settings.headers.server) res.setHeader('Server', SERVER_TOKEN);
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin ?? '*');
  res.setHeader('Access-Control-Allow-Credentials', 'true');
  for (let i = 0; i < headers.length; i += 2) {
    res.setHeader(headers[i] ?? '', headers[i + 1] ?? '');
  }
  if (contentType !== undefined) res.setHeader('Content-Type', contentType);
  if (status !== 204 && status !== 304) {
    res.setHeader('Content-Length', Buffer.byteLength(body ?? ''));
  }
  res.end(req.method === 'HEAD' ? '' : (body ?? ''));
}

/** Answers, whatever happens; a client that went away is nobody's fault. */
async function handle(api: Api, req: ServerRequest, res: ServerAnswer): Promise<void> {
  const startedAt = performance.now();
  const answer = await respond(api, req).catch((error: unknown) => {
    if (!res.destroyed) api.deps.log.error({ err: error }, 'an admin request failed');
    return UNEXPECTED;
  });
  if (res.destroyed || res.headersSent) return;
  if (api.deps.settings.headers.adminLatency) {
    res.setHeader('X-Kong-Admin-Latency', Math.round(performance.now() - startedAt));
  }
  write(api, req, res, answer);
}

function listenerFor(
  deps: AdminDeps,
  guard: Guard,
  routes: readonly AdminRoute[],
): RequestListener {
  const api: Api = { deps, guard, routes: buildRouteTree(routes) };
  return (req, res) => {
    // Cannot reject: every failure has become an answer.
    void handle(api, req, res);
  };
}

/** The Admin API. Each request sees the config that is current when it is answered. */
export const createAdminHandler = (deps: AdminDeps): RequestListener =>
  listenerFor(deps, guardAdmin(deps), ADMIN_ROUTES);

/** The Status API: no entities, no secrets, and so no token. */
export const createStatusHandler = (deps: AdminDeps): RequestListener =>
  listenerFor(deps, guardStatus(deps), STATUS_ROUTES);
