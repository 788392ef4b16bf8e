/** Lets clients pass or refuses them by their address. Kong: ip-restriction. */
import { isIP } from 'node:net';
import type { IpRestrictionConfig } from '../../config/schema-types.ts';
import { compileTrust } from '../../http/client-address.ts';
import { errorResponse } from '../../http/response.ts';
import { ConfigError } from '../../errors.ts';
import { definePlugin } from '../../plugin.ts';
import { createRecentMap } from '../../recent-map.ts';

const NO_ADDRESS = errorResponse(
  403,
  'Cannot identify the client IP address, unix domain sockets are not supported.',
);

/**
 * A look into a list of ranges makes an object outside of the heap for each address, and many requests come
 * from few of them.
 */
const KNOWN_BOUNDS = { entriesMax: 4096, keyLengthsMax: 4096 * 45 };

export const ipRestriction = definePlugin<IpRestrictionConfig>({
  name: 'ip-restriction',
  priority: 990,
  compile({ allow, deny, status, message }) {
    if (status !== null && !Number.isInteger(status)) {
      throw new ConfigError([{ path: ['status'], message: 'expected an integer' }]);
    }
    const isDenied = compileTrust(deny ?? []);
    const isAllowed = (allow ?? []).length === 0 ? () => true : compileTrust(allow ?? []);
    const known = createRecentMap<boolean>(KNOWN_BOUNDS);
    const mayPass = (address: string): boolean => {
      const before = known.get(address);
      if (before !== undefined) return before;
      const passes = !isDenied(address) && isAllowed(address);
      known.set(address, passes);
      return passes;
    };
    return {
      access({ clientAddress }) {
        if (isIP(clientAddress) === 0) return NO_ADDRESS;
        if (mayPass(clientAddress)) return undefined;
        return errorResponse(status ?? 403, message ?? `IP address not allowed: ${clientAddress}`);
      },
    };
  },
});
