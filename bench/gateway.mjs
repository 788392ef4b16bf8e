/** Silverback as built, one worker, its access log off as in every other target. The config is the second argument. */
import { startGateway } from '../dist/index.js';
import { report } from './child.mjs';

const gateway = await startGateway({
  config: process.argv[2],
  settings: { admin_listen: 'off' },
});
report(gateway.proxy[0].port);
