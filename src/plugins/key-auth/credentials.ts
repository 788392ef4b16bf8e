/** The API keys of one load, ready for lookup. */
import { credentialTable } from '../../authentication.ts';

/** By key. `expiresAt`: milliseconds since the epoch; infinite without `ttl`, which counts from the load. */
export const keyHolders = credentialTable('keyauth_credentials', ({ ttl = 0 }, loadedAt) => ({
  expiresAt: ttl === 0 ? Number.POSITIVE_INFINITY : loadedAt + ttl * 1000,
}));
