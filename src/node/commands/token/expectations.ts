/** What the jwt plugin of a route wants of a token, so that one can be made for it. */
import { isFields, type Fields } from '../../../config/checks/field-issue.ts';
import type { Config, PluginEntity, Route } from '../../../config/types.ts';

export interface JwtExpectations {
  /** The claim that holds the credential's key. */
  readonly keyClaim: string;
  readonly secretIsBase64: boolean;
  /** Seconds; 0 sets no limit. */
  readonly maximumLifetime: number;
}

/** Those of the route with that name or id. Throws when there is no such route or no jwt plugin on it. */
export function expectationsOf({ entities }: Config, name: string): JwtExpectations {
  const route = entities.routes.find(
    (candidate) => candidate.name === name || candidate.id === name,
  );
  if (route === undefined) {
    const names = entities.routes.flatMap((candidate) => candidate.name ?? []);
    throw new Error(
      `no route '${name}' in the file, which has: ${names.join(', ') || 'none with a name'}`,
    );
  }
  const config = jwtConfigOf(entities.plugins, route);
  if (config === undefined) throw new Error(`no jwt plugin applies to the route '${name}'`);
  const { key_claim_name: claim, secret_is_base64: isBase64, maximum_expiration: most } = config;
  return {
    keyClaim: typeof claim === 'string' ? claim : 'iss',
    secretIsBase64: isBase64 === true,
    maximumLifetime: typeof most === 'number' ? most : 0,
  };
}

/** Of the entries that apply before a consumer is known, the most specific (Kong's precedence). */
function jwtConfigOf(plugins: readonly PluginEntity[], route: Route): Fields | undefined {
  const applying = plugins.filter(
    (plugin) =>
      plugin.name === 'jwt' &&
      plugin.enabled &&
      plugin.consumer === null &&
      (plugin.route === null || plugin.route.id === route.id) &&
      (plugin.service === null || plugin.service.id === route.service?.id),
  );
  const [first] = applying.toSorted((a, b) => rank(b) - rank(a));
  return first !== undefined && isFields(first.config) ? first.config : undefined;
}

const rank = ({ route, service }: PluginEntity): number =>
  (route === null ? 0 : 2) + (service === null ? 0 : 1);
