/** Silverback as built, one worker, its access log off as in every other target. The config is the second argument. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../dist/index.js';
import { report } from './child.mjs';

const folder = mkdtempSync(join(tmpdir(), 'silverback-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const gateway = await startGateway({
  config: process.argv[2],
  settings: { admin_listen: 'off', data_dir: folder },
});
report(gateway.proxy[0].port);
