/** Writes of entities: done by the process that has files to write to, refused as DB-less Kong does otherwise. */
import type { EntityKind } from '../../config/types.ts';
import { indexOf } from '../index-config.ts';
import type { Handler } from '../request.ts';
import { operationUnsupported, type AdminResponse } from '../response.ts';
import { isAnswer, type Intent, type ReadIntent } from './intent.ts';
import { planIntent } from './plan.ts';

/** Kinds that Kong looks up by their key, and then writes by their id. */
const WRITTEN_BY_ID: ReadonlySet<EntityKind> = new Set(['acls', 'targets', 'certificates']);

/** Kong's refusal, after all its checks of the request. */
function refused({ verb, kind, field = 'id' }: Intent): AdminResponse {
  const by = field === 'id' || WRITTEN_BY_ID.has(kind) ? '' : ` by '${field}'`;
  return operationUnsupported(`cannot ${verb} '${kind}' entities${by} when not using a database`);
}

/** A handler that does what the request wants. */
export const writing =
  (read: ReadIntent): Handler =>
  (request, deps) => {
    const { writer } = deps;
    if (writer === undefined) {
      const intent = read(request, indexOf(deps.config()), deps);
      return isAnswer(intent) ? intent : refused(intent);
    }
    const { method, path, client } = request;
    return writer.write({ who: client, method, path }, (base) => {
      const intent = read(request, indexOf(base.config), deps);
      return isAnswer(intent) ? intent : planIntent(intent, base);
    });
  };
