/** The `snis` that a client may send with a certificate: its names, each of which becomes an entity. */
import type { Fields } from '../../config/checks/field-issue.ts';
import { validateEntity } from '../../config/validate.ts';
import {
  childrenOf,
  fieldOf,
  referenceOf,
  rowByKey,
  type ConfigIndex,
  type Row,
} from '../index-config.ts';
import type { AdminResponse } from '../response.ts';
import { violation } from '../violation.ts';
import type { Intent } from './intent.ts';

export interface SniNames {
  /** What is written inside of a new certificate. */
  readonly nested: Fields;
  /** New entities of a certificate that is there. */
  readonly added: readonly Fields[];
  readonly removed: readonly Row[];
}

const NONE: SniNames = { nested: {}, added: [], removed: [] };

interface CertificateIntent extends Pick<Intent, 'kind' | 'verb' | 'values' | 'sni'> {
  readonly index: ConfigIndex;
}

/** @param row the certificate, if it is there already */
export function certificateSnis(
  intent: CertificateIntent,
  row: Row | undefined,
): SniNames | AdminResponse {
  const names = intent.kind === 'certificates' ? namesOf(intent) : undefined;
  if (names === undefined) return NONE;
  const refusal = refusalOf(names, intent.index, row);
  if (refusal !== undefined) return refusal;
  if (row === undefined) {
    const snis = names.map((name) => ({ name, created_at: Math.floor(Date.now() / 1000) }));
    return { ...NONE, nested: snis.length === 0 ? {} : { snis } };
  }
  const before = childrenOf(intent.index, 'snis', 'certificate', row.id);
  const has = (name: string): boolean => before.some((sni) => fieldOf(sni, 'name') === name);
  return {
    nested: {},
    added: names
      .filter((name) => !has(name))
      .map((name) => ({ name, certificate: { id: row.id } })),
    removed: before.filter((sni) => !names.includes(String(fieldOf(sni, 'name')))),
  };
}

/** A PUT says all names; its path may be one of them. */
function namesOf({
  verb,
  values: { snis },
  sni,
}: CertificateIntent): readonly string[] | undefined {
  const isPut = verb === 'create or update';
  const own = isPut && sni !== undefined ? [sni] : [];
  const given = (Array.isArray(snis) ? snis : [snis]).filter((name) => typeof name === 'string');
  if (snis === undefined && !isPut) return undefined;
  return [...given, ...own.filter((name) => !given.includes(name))].toSorted();
}

const refuse = (text: string): AdminResponse => violation([{ path: ['snis'], message: text }]);

function refusalOf(
  names: readonly string[],
  index: ConfigIndex,
  row: Row | undefined,
): AdminResponse | undefined {
  const duplicate = names.find((name, position) => names.indexOf(name) !== position);
  if (duplicate !== undefined) return refuse(`${duplicate} is duplicated`);
  for (const name of names) {
    const taken = rowByKey(index, 'snis', name);
    const owner = taken && referenceOf(taken, 'certificate');
    if (owner !== undefined && owner !== row?.id) {
      return refuse(`${name} already associated with existing certificate '${owner}'`);
    }
    const findings = validateEntity('snis', { name, certificate: { id: NO_ID } });
    if (findings.length > 0) return violation(findings);
  }
  return undefined;
}

const NO_ID = '00000000-0000-4000-8000-000000000000';
