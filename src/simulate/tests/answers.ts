/** Bodies and answers as test files write them. */
import type { HeaderList } from '../../http/headers.ts';
import { OutboundError } from '../../errors.ts';
import type { Outbound, OutboundAnswer } from '../../services.ts';
import type { UpstreamAnswer } from '../upstream.ts';
import type { TestKey } from './keys.ts';
import type {
  AnswerRecipe,
  HeaderRecipe,
  ServerRecipe,
  Servers,
  UpstreamRecipe,
} from './test-file.ts';

export function headersOf(recipe: HeaderRecipe = {}): HeaderList {
  return Object.entries(recipe).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((line) => [name, line]),
  );
}

/** A text as it is, anything else as JSON; with the type that it then has, unless there is one. */
export function payloadOf(
  body: unknown,
  headers: HeaderList,
): { readonly body: Buffer; readonly headers: HeaderList } {
  if (body === undefined || body === null) return { body: Buffer.alloc(0), headers };
  if (typeof body === 'string') return { body: Buffer.from(body), headers };
  const isTyped = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'content-type');
  return {
    body: Buffer.from(JSON.stringify(body)),
    headers: isTyped ? headers : [...headers, 'Content-Type', 'application/json'],
  };
}

const answerOf = ({ status = 200, headers, body }: AnswerRecipe) => ({
  status,
  ...payloadOf(body, headersOf(headers)),
});

export const upstreamAnswer = (recipe: UpstreamRecipe): UpstreamAnswer =>
  recipe.failure === undefined
    ? { kind: 'answer', ...answerOf(recipe) }
    : { kind: 'failure', failure: recipe.failure };

export interface FakedServers {
  readonly outbound: Outbound;
  /** Calls that no server of the test takes, as `GET https://…`. */
  readonly missed: ReadonlySet<string>;
}

/** Servers by their URLs without a query. */
export function fakeServers(servers: Servers, keys: ReadonlyMap<string, TestKey>): FakedServers {
  const known = new Map(Object.entries(servers));
  const missed = new Set<string>();
  return {
    missed,
    outbound: {
      request({ method, url }) {
        const address = url.replace(/[?#].*$/s, '');
        const recipe = known.get(address);
        if (recipe !== undefined) return respond(recipe, url, keys);
        missed.add(`${method} ${address}`);
        return refuse('ERR_OUTBOUND_CONNECT', 'no server of the test answers there');
      },
    },
  };
}

const refuse = (
  code: ConstructorParameters<typeof OutboundError>[0],
  message: string,
): Promise<never> => Promise.reject(new OutboundError(code, message));

function respond(
  recipe: ServerRecipe,
  url: string,
  keys: ReadonlyMap<string, TestKey>,
): Promise<OutboundAnswer> {
  if (recipe.failure === 'refused') return refuse('ERR_OUTBOUND_CONNECT', 'the test refuses it');
  if (recipe.failure === 'timeout') return refuse('ERR_OUTBOUND_TIMEOUT', 'the test lets it wait');
  const jwks = recipe.jwks?.flatMap((name) => keys.get(name)?.publicJwk ?? []);
  const body = jwks === undefined ? recipe.body : { keys: jwks };
  return Promise.resolve({ url, ...answerOf({ ...recipe, body }) });
}
