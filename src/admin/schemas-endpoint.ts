/** `/schemas`: the fields of entities and plugins, and trial validation. */
import { kongEntitySchema, kongPluginSchema, kongVaultSchema } from '../config/kong-schema.ts';
import { isEntityKind } from '../config/schemas.ts';
import { isObject } from '../http/json.ts';
import { entityValues } from './entity-body.ts';
import { entityRefusal } from './entity-check.ts';
import { fieldOf } from './index-config.ts';
import type { AdminRequest, Handler } from './request.ts';
import { json, message, type AdminResponse } from './response.ts';
import type { AdminDeps } from './types.ts';

const noEntity = (name: string): AdminResponse => message(404, `No entity named '${name}'`);
const noPlugin = (name: string): AdminResponse => message(404, `No plugin named '${name}'`);

/** `GET /schemas/{entity}`. */
export const readEntitySchema: Handler = ({ params: [name = ''] }) =>
  isEntityKind(name) ? json(200, kongEntitySchema(name)) : noEntity(name);

function pluginDocument(name: string, deps: AdminDeps): object | undefined {
  const { enabled, schemas } = deps.plugins();
  const isEnabled = enabled.some((plugin) => plugin.name === name);
  return isEnabled ? kongPluginSchema(name, schemas) : undefined;
}

/** `GET /schemas/plugins/{name}`. */
export const readPluginSchema: Handler = ({ params: [name = ''] }, deps) => {
  const document = pluginDocument(name, deps);
  return document === undefined ? noPlugin(name) : json(200, document);
};

/** The member of a schema document's `fields`, which is a list of objects with one member each. */
function fieldNamed(document: object, name: string): unknown {
  const fields = fieldOf(document, 'fields');
  if (!Array.isArray(fields)) return undefined;
  const single: unknown = fields.find((field) => isObject(field) && Object.hasOwn(field, name));
  return isObject(single) ? single[name] : undefined;
}

/** `GET /plugins/schema/{name}`, deprecated in Kong: only the fields of `config`. */
export const readConfigFields: Handler = ({ params: [name = ''] }, deps) => {
  const document = pluginDocument(name, deps);
  if (document === undefined) return noPlugin(name);
  const config = fieldNamed(document, 'config');
  return json(200, { fields: isObject(config) ? config['fields'] : [] });
};

/** `GET /schemas/vaults/{name}`. */
export const readVaultSchema: Handler = ({ params: [name = ''] }) =>
  name === 'env' ? json(200, kongVaultSchema()) : message(404, `No vault named '${name}'`);

export const readFilterSchema: Handler = ({ params: [name = ''] }) =>
  message(404, `Filter '${name}' not found`);

function validate(request: AdminRequest, deps: AdminDeps, name: string): AdminResponse {
  if (!isEntityKind(name)) return noEntity(name);
  const body = entityValues(request, name, { plugins: deps.plugins().schemas });
  if ('refusal' in body) return body.refusal;
  return entityRefusal(name, body.values, deps) ?? message(200, 'schema validation successful');
}

/** `POST /schemas/{entity}/validate`. */
export const validateAny: Handler = (request, deps) =>
  validate(request, deps, request.params[0] ?? '');
/** `POST /schemas/plugins/validate` and the like, where the path does not name the entity. */
export const validateOf =
  (name: 'plugins' | 'vaults'): Handler =>
  (request, deps) =>
    validate(request, deps, name);
