/** What Kong's own tests expect of writes in traditional mode, as calls with their answers. */
import { CERTIFICATES } from './certificates.ts';
import { CONSUMERS } from './consumers.ts';
import { KEYS } from './keys.ts';
import { PLUGINS } from './plugins.ts';
import { ROUTES } from './routes.ts';
import { SERVICES } from './services.ts';
import { UPSTREAMS } from './upstreams.ts';
import type { Story } from './story.ts';

export type { Call } from './story.ts';

export const STORIES: readonly Story[] = [
  ...SERVICES,
  ...ROUTES,
  ...CONSUMERS,
  ...PLUGINS,
  ...UPSTREAMS,
  ...CERTIFICATES,
  ...KEYS,
];
