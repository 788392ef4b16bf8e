/** The members of a document that only decK's dialect has. */
import type { JsonSchema } from './field.ts';

/** Anything that decK says to another Kong. */
const IGNORED = 'Ignored here. No default.';

/** A plugin entry's reference to shared settings. */
export const SHARED_CONFIG: JsonSchema = {
  description:
    "Of decK: name of settings in `_plugin_configs` that stand behind the entry's own. No default.",
  examples: ['strict'],
  type: ['string', 'null'],
  minLength: 1,
};

/** Kinds of entities that `defaults` knows. */
const DEFAULT_KINDS = ['service', 'route', 'upstream', 'target'] as const;

/** By their names in the document. */
export const DECK_MEMBERS: Readonly<Record<string, JsonSchema>> = {
  _info: {
    description:
      'Of decK: what holds for the whole file. No default. Example: {"select_tags":["team-orders"]}',
    type: ['object', 'null'],
    properties: {
      select_tags: {
        description: 'Tags that every entity gets. No default.',
        examples: [['team-orders']],
        type: ['array', 'null'],
        items: { type: 'string', minLength: 1 },
      },
      defaults: {
        description:
          'Fields of the entities that do not have them. No default. Example: {"service":{"retries":2}}',
        type: ['object', 'null'],
        properties: Object.fromEntries(
          DEFAULT_KINDS.map((kind) => [
            kind,
            {
              description: `Fields of every ${kind} that does not have them. No default. Example: {"tags":["production"]}`,
              type: ['object', 'null'],
            },
          ]),
        ),
        additionalProperties: false,
      },
      skip_hash_for_basic_auth: {
        description: 'Whether the passwords of basic auth are digests already. Default: false.',
        default: false,
        examples: [true],
        type: ['boolean', 'null'],
      },
      default_lookup_tags: {
        description: `Where decK looks for entities of other files. ${IGNORED} Example: {"consumers":["shared"]}`,
      },
      consumer_group_policy_overrides: {
        description: `How decK writes consumer groups. ${IGNORED}`,
        examples: [true],
      },
      include_plugin_definitions: {
        description: `Whether decK writes plugins' schemas. ${IGNORED}`,
        examples: [true],
      },
    },
    additionalProperties: false,
  },
  _workspace: {
    description: `Of decK: workspace of the Kong it talks to. ${IGNORED}`,
    examples: ['default'],
    type: ['string', 'null'],
  },
  _konnect: {
    description: `Of decK: settings of the service it talks to. ${IGNORED} Example: {"control_plane_name":"default"}`,
    type: ['object', 'null'],
  },
  _plugin_configs: {
    description:
      'Of decK: settings that plugins share, by name; an entry names them in `_config`. No default. Example: {"strict":{"claims_to_verify":["exp"]}}',
    type: ['object', 'null'],
    additionalProperties: { type: 'object' },
  },
};
