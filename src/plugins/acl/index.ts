/** Lets consumers pass or refuses them by the groups they are in. Kong: acl. */
import type { AclConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { removeHeader, setHeader } from '../../http/headers.ts';
import { errorResponse, type ErrorResponse } from '../../http/response.ts';
import {
  AUTHENTICATED_GROUPS,
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
} from '../../plugin.ts';

const CONSUMER_GROUPS_HEADER = 'X-Consumer-Groups';
const AUTHENTICATED_GROUPS_HEADER = 'X-Authenticated-Groups';

const UNAUTHORIZED = errorResponse(401);
const FORBIDDEN = errorResponse(403, 'You cannot consume this service');

/** What the groups of somebody lead to. */
interface Decision {
  readonly refusal: ErrorResponse | undefined;
  /** The groups as a header value. */
  readonly groups: string;
}

export const acl = definePlugin<AclConfig>({
  name: 'acl',
  priority: 950,
  compile(config, build) {
    const decide = compileDecide(config);
    const decideForConsumer = compileConsumerDecisions(config, build, decide);

    return {
      access(ctx) {
        const consumerId = ctx.consumer?.id ?? ctx.credential?.consumerId;
        const authenticated = mayUseAuthenticated(ctx, config)
          ? authenticatedGroups(ctx)
          : undefined;
        if (authenticated !== undefined) {
          return pass(ctx, decide(authenticated), AUTHENTICATED_GROUPS_HEADER);
        }
        if (consumerId === undefined) return withoutGroups(ctx);
        const decision = decideForConsumer(consumerId);
        if (decision === 'in-no-group') {
          return withoutGroups(ctx);
        }
        return pass(ctx, decision, CONSUMER_GROUPS_HEADER);
      },
    };

    function pass(ctx: RequestContext, decision: Decision, header: string) {
      if (decision.refusal !== undefined) return decision.refusal;
      // What a client says of itself must not look like what the gateway found out.
      removeHeader(ctx.headers, 'x-consumer-groups');
      removeHeader(ctx.headers, 'x-authenticated-groups');
      if (!config.hide_groups_header) setHeader(ctx.headers, header, decision.groups);
      return undefined;
    }
  },
});

const withoutGroups = ({ credential }: RequestContext): ErrorResponse =>
  credential === undefined ? UNAUTHORIZED : FORBIDDEN;

/** The groups that another plugin found out count for those who are nobody's consumer, or nobody in particular. */
const mayUseAuthenticated = (ctx: RequestContext, config: Immutable<AclConfig>): boolean =>
  ctx.credential === undefined || config.always_use_authenticated_groups;

function authenticatedGroups(ctx: RequestContext): readonly string[] | undefined {
  const groups = ctx.shared.get(AUTHENTICATED_GROUPS);
  if (!Array.isArray(groups)) return undefined;
  return groups.filter((group) => typeof group === 'string');
}

function compileDecide(config: Immutable<AclConfig>): (groups: readonly string[]) => Decision {
  const isDeny = (config.deny?.length ?? 0) > 0;
  const listed = new Set((isDeny ? config.deny : config.allow) ?? []);
  return (groups) => {
    const isRefused = groups.some((group) => listed.has(group)) === isDeny;
    return {
      refusal: isRefused ? FORBIDDEN : undefined,
      groups: bytesOfText(groups.join(', ')),
    };
  };
}

/** Worked out once per consumer: there are no more of them than the config has. */
function compileConsumerDecisions(
  config: Immutable<AclConfig>,
  { lookups }: PluginBuild,
  decide: (groups: readonly string[]) => Decision,
): (consumerId: string) => Decision | 'in-no-group' {
  const decisions = new Map<string, Decision | 'in-no-group'>();
  const needsGroup = (config.allow?.length ?? 0) > 0;

  function decideNow(consumerId: string): Decision | 'in-no-group' {
    const others = config.include_consumer_groups === true ? lookups.groupsOf(consumerId) : [];
    const groups = [...lookups.aclGroupsOf(consumerId), ...others.map(({ name }) => name)];
    return groups.length === 0 && needsGroup ? 'in-no-group' : decide(groups);
  }

  return (consumerId) => {
    const known = decisions.get(consumerId);
    if (known !== undefined) return known;
    const decision = decideNow(consumerId);
    decisions.set(consumerId, decision);
    return decision;
  };
}
