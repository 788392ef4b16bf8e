/** `/config`: the whole declarative config, read and replaced. */
import { exportDocument } from '../config/export.ts';
import { kongErrorBody } from '../config/kong-errors.ts';
import type { DocumentSource } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import { isObject, parseJson } from '../http/json.ts';
import { CANNOT_PARSE, formPairs } from './entity-body.ts';
import { entitiesById } from './index-config.ts';
import type { AdminRequest, Handler } from './request.ts';
import { empty, json, message, type AdminResponse } from './response.ts';
import type { ApplyOutcome } from './types.ts';

const EXPECTED = message(400, 'expected a declarative configuration');
const RETRY_AFTER_SECONDS = 1;
const TRUE_TEXTS: ReadonlySet<unknown> = new Set(['true', '1', 'on', 'yes']);

const exported = new WeakMap<Config, string>();

/** `GET /config`. The text is made once per config. */
export const readConfig: Handler = (_request, deps) => {
  const config = deps.config();
  const text = exported.get(config) ?? exportDocument(config);
  exported.set(config, text);
  return json(200, { config: text });
};

interface Posted {
  readonly source: DocumentSource;
  /** Arguments in the body, beside the document. */
  readonly options: ReadonlyMap<string, unknown>;
}

const fromText = (text: string): DocumentSource => ({ kind: 'text', text, format: 'auto' });

/** A JSON body is the document itself, or has its text in `config`. An empty list is an empty one. */
function fromJson(body: AdminRequest['body']): Posted | AdminResponse {
  const parsed = parseJson(body);
  if (parsed === undefined) return CANNOT_PARSE;
  const { value } = parsed;
  if (Array.isArray(value)) {
    return {
      source: { kind: 'object', value: Object.fromEntries(value.entries()) },
      options: new Map(),
    };
  }
  if (!isObject(value)) return EXPECTED;
  const { check_hash, flatten_errors, ...document } = value;
  const options = new Map([
    ['check_hash', check_hash],
    ['flatten_errors', flatten_errors],
  ]);
  if (document['_format_version'] !== undefined || document['config'] === undefined) {
    return { source: { kind: 'object', value: document }, options };
  }
  const { config } = document;
  const source: DocumentSource =
    typeof config === 'string' ? fromText(config) : { kind: 'object', value: config };
  return { source, options };
}

/** A form has the text in `config`; without that, whatever was sent is the text. */
function fromBytes(request: AdminRequest): Posted | AdminResponse {
  if (request.body.length === 0) return EXPECTED;
  const options = new Map<string, unknown>(formPairs(request) ?? []);
  const config = options.get('config');
  const text = typeof config === 'string' ? config : request.body.toString('utf8');
  return { source: fromText(text), options };
}

function isTrue(value: unknown): boolean {
  if (typeof value === 'string') return TRUE_TEXTS.has(value.toLowerCase());
  return value === true || value === 1;
}

function answer(outcome: ApplyOutcome, flatten: boolean): AdminResponse {
  switch (outcome.kind) {
    case 'applied':
      return json(201, entitiesById(outcome.config));
    case 'unchanged':
      return empty(304);
    case 'rejected':
      return json(400, kongErrorBody(outcome.error, { flatten }));
    case 'busy':
      return {
        ...message(429, 'Currently loading previous configuration'),
        headers: ['Retry-After', String(RETRY_AFTER_SECONDS)],
      };
    case 'exiting':
      return message(503, 'Kong currently exiting');
  }
}

/** `POST /config`: 201 when the new config is live in every worker. */
export const writeConfig: Handler = async (request, deps) => {
  const posted =
    request.mediaType === 'application/json' ? fromJson(request.body) : fromBytes(request);
  if ('status' in posted) return posted;
  const option = (name: string): unknown => request.query.get(name) ?? posted.options.get(name);
  const checkHash = option('check_hash') === '1' || option('check_hash') === 1;
  const outcome = await deps.apply(posted.source, { checkHash });
  return answer(outcome, isTrue(option('flatten_errors')));
};
