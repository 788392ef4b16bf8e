/** Lets clients pass or refuses them by their address. Kong: ip-restriction. */
import { isIP } from 'node:net';
import type { IpRestrictionConfig } from '../../config/schema-types.ts';
import { compileTrust } from '../../http/client-address.ts';
import { errorResponse } from '../../http/response.ts';
import { ConfigError } from '../../errors.ts';
import { definePlugin } from '../../plugin.ts';

const NO_ADDRESS = errorResponse(
  403,
  'Cannot identify the client IP address, unix domain sockets are not supported.',
);

export const ipRestriction = definePlugin<IpRestrictionConfig>({
  name: 'ip-restriction',
  priority: 990,
  compile({ allow, deny, status, message }) {
    if (status !== null && !Number.isInteger(status)) {
      throw new ConfigError([{ path: ['status'], message: 'expected an integer' }]);
    }
    const isDenied = compileTrust(deny ?? []);
    const isAllowed = (allow ?? []).length === 0 ? () => true : compileTrust(allow ?? []);
    return {
      access({ clientAddress }) {
        if (isIP(clientAddress) === 0) return NO_ADDRESS;
        if (!isDenied(clientAddress) && isAllowed(clientAddress)) return undefined;
        return errorResponse(status ?? 403, message ?? `IP address not allowed: ${clientAddress}`);
      },
    };
  },
});
