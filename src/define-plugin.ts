/** How a plugin of the user's own is written: its name, the schema of its config, and the code that is compiled from it. */
import type { Logger } from './log.ts';
import type { Immutable, PluginBuild, PluginPhases } from './plugin.ts';

/**
 * One field of a plugin's config: JSON Schema (draft-07), as far as the plugins of this build use it.
 * A field that is unset takes its `default`; without one, it is `null`.
 */
export interface ConfigField {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  /** One sentence; editors show it. */
  readonly description?: string;
  readonly default?: unknown;
  /** Values as a person would write them; editors suggest them. */
  readonly examples?: readonly unknown[];
  /** An explicit null stays null although the field has a default. */
  readonly nullable?: true;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly minProperties?: number;
  /** Of the elements of an array. */
  readonly items?: ConfigField;
  /** The members of an object; others are refused. `default: {}` fills them in where it is unset. */
  readonly properties?: Readonly<Record<string, ConfigField>>;
  readonly required?: readonly string[];
  /** Of the values of an object with free keys. */
  readonly additionalProperties?: false | ConfigField;
  /** `set`: an array without duplicates; they are dropped. */
  readonly 'x-kong-type'?: 'set' | 'map';
  /** The value may be `{vault://…}`; `build.reveal` gives the secret, and reports mask the field. */
  readonly 'x-kong-referenceable'?: true;
  /** One of the checks that the plugins of this build use, e.g. `url`, `header-name`, `regex`. */
  readonly 'x-kong-check'?: string;
  /** Rules about several members of an object. */
  readonly 'x-kong-entity-checks'?: readonly ConfigRule[];
}

/** A rule about several fields. */
export type ConfigRule =
  | { readonly at_least_one_of: readonly string[] }
  | { readonly only_one_of: readonly string[] }
  | { readonly mutually_required: readonly string[] }
  | { readonly mutually_exclusive: readonly string[] }
  | { readonly distinct: readonly string[] };

/** The schema of a plugin's `config`. */
export interface ConfigSchema {
  readonly type?: 'object';
  /** One sentence about the plugin; editors show it. */
  readonly description?: string;
  readonly properties: Readonly<Record<string, ConfigField>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly 'x-kong-entity-checks'?: readonly ConfigRule[];
}

/** The value of a field, defaults filled in all the way down. */
type ValueOf<F> = F extends { readonly enum: readonly (infer V)[] }
  ? V
  : F extends { readonly type: 'string' }
    ? string
    : F extends { readonly type: 'integer' | 'number' }
      ? number
      : F extends { readonly type: 'boolean' }
        ? boolean
        : F extends { readonly type: 'array'; readonly items: infer I }
          ? readonly ValueOf<I>[]
          : F extends { readonly type: 'array' }
            ? readonly unknown[]
            : F extends { readonly properties: infer P }
              ? RecordOf<P, F>
              : F extends { readonly additionalProperties: infer V }
                ? Readonly<Record<string, ValueOf<V>>>
                : unknown;

type RequiredIn<R> = R extends { readonly required: readonly (infer N)[] } ? N : never;

type MemberOf<F, IsRequired> = F extends { readonly default: unknown }
  ? F extends { readonly nullable: true }
    ? ValueOf<F> | null
    : ValueOf<F>
  : IsRequired extends true
    ? ValueOf<F>
    : ValueOf<F> | null;

type RecordOf<P, R> = {
  readonly [K in keyof P]: MemberOf<P[K], K extends RequiredIn<R> ? true : false>;
};

/** The config that a plugin of that schema is compiled with: complete, checked, frozen. */
export type ConfigOf<S> = S extends { readonly properties: infer P } ? RecordOf<P, S> : never;

export type PluginProtocol = 'http' | 'https' | 'grpc' | 'grpcs' | 'ws' | 'wss';
export type PluginScope = 'service' | 'route' | 'consumer' | 'consumer_group';

/** A plugin of the user's own. A file or package has one, as its default export. */
export interface PluginDefinition<S extends ConfigSchema> {
  /** Lower-case letters, digits and dashes; none that a plugin of this build has. */
  readonly name: string;
  /** Shown by `GET /`; absent: that of Kong. */
  readonly version?: string;
  /** Higher runs earlier: jwt has 1450, key-auth 1250, rate-limiting 910, request-transformer 801. */
  readonly priority: number;
  readonly schema: S;
  /** Of routes that it may run for; absent: http, https, grpc, grpcs. */
  readonly protocols?: readonly PluginProtocol[];
  /** What an entry may be bound to; absent: all of them. */
  readonly scopes?: readonly PluginScope[];
  /**
   * Runs once per entry and load, in every worker (and once in the process above them, to check).
   * What it throws keeps the config from being loaded; a ConfigError says where below `config`.
   */
  readonly compile: (config: ConfigOf<S>, build: PluginBuild) => PluginPhases;
}

/** Gives a plugin its types: those of `config` follow from `schema`. */
export const definePlugin = <const S extends ConfigSchema>(
  definition: PluginDefinition<S>,
): PluginDefinition<S> => definition;

export type { Immutable, Logger, PluginBuild, PluginPhases };
