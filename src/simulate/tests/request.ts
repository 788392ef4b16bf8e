/** Requests of a test, with their tokens in place. */
import { isIP } from 'node:net';
import type { Gateway } from '../../gateway/gateway.ts';
import { parseRequestTarget } from '../../http/path.ts';
import type { SimulatedRequest } from '../client.ts';
import { parseUrl } from '../request-url.ts';
import { headersOf, payloadOf } from './answers.ts';
import type { RequestRecipe, TokenRecipe } from './test-file.ts';
import { makeToken, type TokenWorkshop } from './token.ts';

/** Rejects with what is wrong with the recipe. */
export async function makeRequest(
  recipe: RequestRecipe,
  gateway: Gateway,
  workshop: Omit<TokenWorkshop, 'keyClaim' | 'secretIsBase64'>,
): Promise<SimulatedRequest> {
  const bare = withoutTokens(recipe);
  const recipes = tokensOf(recipe.token);
  if (recipes.length === 0) return bare;
  const full = { ...workshop, ...wantedBy(gateway, bare) };
  const tokens = await Promise.all(recipes.map((each) => makeToken(each, full)));
  return recipes.reduce((request, each, i) => placed(request, each, tokens[i] ?? ''), bare);
}

const tokensOf = (token: RequestRecipe['token']): readonly TokenRecipe[] => {
  if (token === undefined) return [];
  return isList(token) ? token : [token];
};

const isList = (token: TokenRecipe | readonly TokenRecipe[]): token is readonly TokenRecipe[] =>
  Array.isArray(token);

function withoutTokens(recipe: RequestRecipe): SimulatedRequest {
  const { method = 'GET', url, client_ip: clientAddress } = recipe;
  if (clientAddress !== undefined && isIP(clientAddress) === 0) {
    throw new Error(`'${clientAddress}' is no address`);
  }
  const { scheme, authority, target } = parseUrl(url);
  const { body, headers } = payloadOf(recipe.body, headersOf(recipe.headers));
  const hasHost = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'host');
  return {
    method,
    target,
    scheme,
    headers: [...(hasHost ? [] : ['Host', authority]), ...headers],
    body,
    clientAddress,
  };
}

function placed(
  request: SimulatedRequest,
  { header = 'Authorization', scheme = 'Bearer', query, cookie }: TokenRecipe,
  token: string,
): SimulatedRequest {
  if (query !== undefined) {
    const sign = request.target.includes('?') ? '&' : '?';
    return { ...request, target: `${request.target}${sign}${query}=${token}` };
  }
  const line =
    cookie === undefined
      ? [header, scheme === '' ? token : `${scheme} ${token}`]
      : ['Cookie', `${cookie}=${token}`];
  return { ...request, headers: [...request.headers, ...line] };
}

/** What the jwt plugin of the request's route wants of a consumer's token. */
function wantedBy(
  { router, chains }: Gateway,
  { method, scheme, headers, target }: SimulatedRequest,
): Pick<TokenWorkshop, 'keyClaim' | 'secretIsBase64'> {
  const parsed = parseRequestTarget(target, target.length + 1);
  const host = headers[headers.findIndex((text) => text.toLowerCase() === 'host') + 1] ?? '';
  const match =
    parsed.kind === 'ok'
      ? router.match({
          method,
          scheme,
          host,
          headers: [...headers],
          path: parsed.path,
          port: 80,
          serverName: host,
        })
      : undefined;
  const choices =
    match === undefined
      ? []
      : chains.choices({
          route: match.target.route.id,
          service: match.target.service?.id,
          consumer: undefined,
        });
  const config = choices.find(({ name }) => name === 'jwt')?.chosen.entity.config ?? {};
  const { key_claim_name: claim, secret_is_base64: isBase64 } = config;
  return {
    keyClaim: typeof claim === 'string' ? claim : 'iss',
    secretIsBase64: isBase64 === true,
  };
}
