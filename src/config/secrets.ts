/** Secrets by reference: `{vault://env/NAME}` and vaults that the config declares. */
import { isFields } from './checks/field-issue.ts';
import type { Config, Vault } from './types.ts';

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of variable names, for references that name no declared vault (`vault_env_prefix`). */
  readonly prefix?: string | undefined;
  /** Told once per reference that has no value. The text names the reference, never a secret. */
  readonly warn?: (message: string) => void;
}

/** Gives the value of a referenceable field; what is no reference is given back as it is. */
export type SecretResolver = (text: string) => string;

export const isVaultReference = (value: unknown): boolean =>
  typeof value === 'string' && value.startsWith('{vault://') && value.endsWith('}');

interface SecretReference {
  readonly vault: string;
  readonly resource: string;
  /** Member of the secret, when that is a JSON object. */
  readonly key: string | undefined;
  readonly prefix: string | undefined;
  /** 2 is the value before the last rotation. */
  readonly version: number;
}

/**
 * Resolves against the environment, which the vaults of this build read. A reference without a value
 * gives the empty string and a warning, as in Kong.
 */
export function createSecretResolver(config: Config, sources: SecretSources): SecretResolver {
  const vaults = new Map(config.entities.vaults.map((vault) => [vault.prefix, vault]));
  const resolved = new Map<string, string>();
  return (text) => {
    if (!isVaultReference(text)) return text;
    const known = resolved.get(text);
    if (known !== undefined) return known;
    const reference = parseReference(text);
    const value = reference && lookUp(reference, vaults, sources);
    if (value === undefined) sources.warn?.(`error updating secret reference ${text}: not found`);
    resolved.set(text, value ?? '');
    return value ?? '';
  };
}

const REFERENCE =
  /^\{vault:\/\/([^/?#}]+)\/([^/?#}]+)(?:\/([^?#}]*))?(?:\?([^#}]*))?(?:#(\d+))?\}$/;

function parseReference(text: string): SecretReference | undefined {
  const [, vault, resource, key, query, version] = REFERENCE.exec(text) ?? [];
  if (vault === undefined || resource === undefined) return undefined;
  const prefix = new URLSearchParams(query ?? '').get('prefix') ?? undefined;
  return { vault, resource, key: key || undefined, prefix, version: Number(version ?? 1) };
}

function lookUp(
  reference: SecretReference,
  vaults: ReadonlyMap<string, Vault>,
  { env, prefix }: SecretSources,
): string | undefined {
  const vault = vaults.get(reference.vault);
  if (vault === undefined && reference.vault !== 'env') return undefined;
  const ownPrefix = vault === undefined ? prefix : vault.config.prefix;
  const start = `${reference.prefix ?? ownPrefix ?? ''}${reference.resource}`;
  const name = start.toUpperCase().replaceAll('-', '_');
  const { version } = reference;
  if (version !== 1 && version !== 2) return undefined;
  const value = env[version === 2 ? `${name}_PREVIOUS` : name];
  return reference.key === undefined || value === undefined ? value : member(value, reference.key);
}

/** A member of a secret that is a JSON object, as text. */
function member(text: string, key: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const found = isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (typeof found === 'string') return found;
    return typeof found === 'number' || typeof found === 'boolean' ? String(found) : undefined;
  } catch {
    return undefined;
  }
}
