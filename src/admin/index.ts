/** The Admin API and the Status API: two request listeners over what the process hands them. */
export { createAdminHandler, createStatusHandler, type RequestListener } from './handler.ts';
export { createAuditTrail, type AuditTrail } from './audit.ts';
export { maskAdminTarget } from './mask-target.ts';
export { BAD_TARGET } from './response.ts';
export { describeAdminApi } from './routes.ts';
export type {
  AdminDeps,
  AdminPlugins,
  AdminSettings,
  ApplyOptions,
  ApplyOutcome,
  ConnectionCounters,
  DocumentSource,
  NodeStatus,
  PluginCache,
  PluginFacts,
  Readiness,
  WorkerMemory,
} from './types.ts';
export type { ConfigWriter, OnWrite, WriteChange } from './write/types.ts';
