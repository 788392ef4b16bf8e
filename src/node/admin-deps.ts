/** What the Admin and the Status API are given of the node. */
import type { AdminDeps, AdminPlugins, ConfigWriter } from '../admin/index.ts';
import { createKeyAdmin } from '../keys/admin.ts';
import { answerCachesOf } from './answer-caches.ts';
import { createConfigWriter } from './config-writer.ts';
import { enabledPlugins } from './documents.ts';
import { referencedFiles, type Parts } from './node-parts.ts';
import { nodeStatus } from './node-status.ts';
import { areUnchanged } from './watch.ts';

/** What they know and do, as the process has it at the moment of each call. */
export function adminDepsOf(parts: Parts): Omit<AdminDeps, 'log'> {
  const { settings, manager } = parts;
  return {
    settings,
    namedTokens: parts.namedTokens,
    audit: parts.audit.trail,
    plugins: () => adminPlugins(parts),
    config: () => manager.config(),
    apply: (source, options) => manager.apply(source, options),
    writer: settings.adminWrite ? configWriter(parts) : undefined,
    node: () => nodeStatus(parts),
    keys: createKeyAdmin(parts.keys),
    answerCaches: () => answerCachesOf(manager.config(), parts.dataPlane),
    balancer: (upstreamId) => parts.dataPlane.balancers().get(upstreamId),
    metrics: () => parts.dataPlane.metrics(),
    drain() {
      parts.isDraining = true;
    },
  };
}

/** Those of the config that serves. */
function adminPlugins({ settings, manager }: Parts): AdminPlugins {
  const plugins = manager.plugins();
  const versions = new Map(plugins.own.map(({ plugin, version }) => [plugin.name, version]));
  return {
    schemas: plugins.schemas,
    enabled: enabledPlugins(settings, plugins).map((name) => ({
      name,
      priority: plugins.priority(name),
      version: versions.get(name),
    })),
  };
}

function configWriter(parts: Parts): ConfigWriter {
  const { settings, manager, reader, load, logs, history, audit } = parts;
  return createConfigWriter({
    manager,
    reader,
    load,
    interpolate: settings.interpolate,
    areReferencesStale: () => !areUnchanged(referencedFiles(parts)),
    written(source) {
      history.expect(source);
      parts.watch?.written(source);
    },
    async onWrite(change) {
      audit.trail.changed(change);
      await history.written(change);
    },
    log: logs.admin,
  });
}
