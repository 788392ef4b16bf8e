/** The catalogue of everything a report can say: code → title, severity, and what to do in general. */
import { WARNINGS } from './warning-codes.ts';

export interface CodeEntry {
  /** The heading of its paragraph in `docs/diagnostics.md`. */
  readonly title: string;
  readonly severity: 'error' | 'warning';
  /** One sentence, without its full stop: what to do where nothing more exact is known. */
  readonly help: string;
}

const error = (title: string, help: string): CodeEntry => ({ title, severity: 'error', help });

/** SB10: the text itself. */
const TEXT: Readonly<Record<string, CodeEntry>> = {
  SB1000: error('Too many problems', 'mend the ones that are listed and check again'),
  SB1001: error('Not a document', "begin the file with _format_version: '3.0'"),
  SB1002: error('YAML that cannot be read', 'compare the line with the ones around it'),
  SB1003: error('Tab in the indentation', 'indent with spaces'),
  SB1004: error('Missing space after a colon', 'write a space after the colon'),
  SB1005: error('Bad indentation', 'begin the line in the same column as its siblings'),
  SB1006: error('Unclosed quote', 'close the quote'),
  SB1007: error('Unclosed bracket', 'close the bracket'),
  SB1008: error('Value that must be quoted', 'put the value in quotes'),
  SB1009: error('Missing dash of a list', 'begin every element of the list with a dash'),
  SB1010: error('Colon inside of a value', 'put the value in quotes'),
  SB1011: error('Unknown alias', 'define the anchor (&name) before it is used'),
  SB1012: error('Unknown tag', 'remove the tag, or put the value in quotes'),
  SB1013: error('JSON that cannot be read', 'compare the line with the ones around it'),
  SB1014: error('Merge of what is no mapping', 'merge a mapping, or a list of mappings'),
  SB1015: error('Missing colon', 'write a colon between the name and its value'),
  SB1016: error('Missing comma', 'write a comma between the elements'),
  SB1017: error('Unknown escape sequence', 'use single quotes, or write two backslashes'),
  SB1018: error('Control character', 'remove the character'),
  SB1019: error('Text after a closing quote', 'put the whole value in quotes'),
  SB1020: error('Nested too deeply', 'flatten the document; entities need less than 20 levels'),
  SB1021: error('Aliases that expand too far', 'write the values out, or use fewer aliases'),
  SB1022: error('Document too large', 'split the config over several gateways'),
};

/** SB11: fields and their types. */
const FIELDS: Readonly<Record<string, CodeEntry>> = {
  SB1101: error('Unknown field', 'remove the field'),
  SB1102: error('Required field missing', 'add the field'),
  SB1103: error('Wrong type', 'write a value of that type'),
  SB1104: error('Not one of the allowed values', 'use one of them'),
  SB1105: error('Number out of range', 'use a number inside of the range'),
  SB1106: error('Empty text', 'write a value, or remove the field'),
  SB1108: error('Invalid timestamp', 'write seconds since 1970, or remove the field'),
  SB1110: error('Invalid name', 'use letters, digits and the characters . - _ ~'),
  SB1111: error('Invalid tag', 'leave commas, slashes and control characters out'),
  SB1112: error('Invalid UUID', 'write 8-4-4-4-12 hexadecimal digits, or remove the field'),
  SB1113: error('Invalid host', 'write a host name or an address'),
  SB1114: error('Invalid host of a route', 'write a host name; its first or last label may be *'),
  SB1115: error('Invalid target', 'write host or host:port'),
  SB1116: error('Invalid address or range', 'write an IP address, or a range as 10.0.0.0/8'),
  SB1117: error('Invalid path', 'begin with / and encode what is no letter or digit'),
  SB1118: error('Invalid method', 'write the method in capital letters'),
  SB1119: error('Invalid header', 'use letters, digits, - and _ for the name of a header'),
  SB1120: error('Invalid cookie name', 'use letters, digits, - and _'),
  SB1121: error('Invalid vault', "name the vault's kind 'env', and choose another prefix"),
  SB1122: error('Protocols that cannot be mixed', 'make one route for each family of protocols'),
  SB1123: error('Invalid server name', 'write a host name; its first or last character may be *'),
  SB1124: error('Invalid name of an upstream', 'use a plain host name without a port'),
  SB1125: error('Invalid URL', 'write a whole URL, such as https://example.com/path'),
  SB1126: error('Invalid pair', 'write name:value'),
};

/** SB12: rules about several fields of one entity. */
const RULES: Readonly<Record<string, CodeEntry>> = {
  SB1201: error('One of several fields is needed', 'set one of the fields'),
  SB1202: error('Exactly one of several fields is needed', 'set one of the fields and no other'),
  SB1203: error('Fields that go together', 'set all of the fields, or none'),
  SB1204: error('Fields that exclude each other', 'keep one of the fields'),
  SB1205: error('Fields that must differ', 'use different values'),
  SB1206: error('Rule between two fields', 'change one of the two fields'),
  SB1207: error('Route that nothing can match', "add 'paths', 'hosts', 'methods' or 'headers'"),
  SB1208: error('Field of another protocol', 'remove the field, or change the protocols'),
  SB1209: error('Protocol that a plugin cannot serve', 'use the protocols it has'),
  SB1210: error('Scope that a plugin cannot have', 'remove the reference, or move the entry'),
  SB1211: error('Nested entity that names its parent', 'remove the field: the nesting says it'),
  SB1212: error('Settings of a plugin that clash', 'change one of the settings'),
};

/** SB13: references and uniqueness. */
const RELATIONS: Readonly<Record<string, CodeEntry>> = {
  SB1301: error('Reference to nothing', 'declare the entity, or change the reference'),
  SB1302: error('Name that is taken', 'choose another one'),
  SB1303: error('Id that is taken', 'choose another id, or leave it out'),
  SB1304: error('Value that must be unique', 'choose another value'),
  SB1305: error('Malformed reference', 'write the name of the entity, or { id: … }'),
};

/** SB14: what this version does not run. */
const UNSUPPORTED: Readonly<Record<string, CodeEntry>> = {
  SB1401: error('Plugin that is not supported', 'remove the entry'),
  SB1402: error('Plugin that is not enabled', 'correct the name, or enable the plugin'),
  SB1403: error('Streams are not supported', "use 'http' or 'https'"),
  SB1411: error('Own plugin that cannot be loaded', 'mend the file, or remove it from plugins'),
  SB1412: error('Own plugin that is not well defined', 'see docs/plugins.md for what it must have'),
  SB1421: error(
    'Shared settings that do not exist',
    'add them to _plugin_configs, or remove _config',
  ),
  SB1422: error(
    "Malformed section of decK's",
    "write it as decK's documentation has it, or remove it",
  ),
  SB1423: error('Service with two addresses', "write 'url' or its parts, and not both"),
  SB1424: error('Template that is not understood', 'write ${NAME}'),
  SB1425: error('Variable without the prefix of decK', 'write ${NAME}'),
};

/** SB15: files, interpolation, vaults. */
const SOURCES: Readonly<Record<string, CodeEntry>> = {
  SB1501: error('Vault reference that is not resolved', 'write the value'),
  SB1510: error('Variable that is not set', 'set the variable, or give a default'),
  SB1511: error('File that cannot be read', 'correct the path, or make the file readable'),
  SB1520: error('Files of different formats', "add '_format_version' to the file"),
  SB1521: error(
    'Files that differ about passwords',
    "write '_transform: false' in all files or in none",
  ),
  SB1522: error('Files that contradict each other', 'keep one of the two values'),
};

/** SB16: what does not compile. */
const COMPILED: Readonly<Record<string, CodeEntry>> = {
  SB1601: error('Plugin that refuses its config', 'change the setting that the message names'),
  SB1602: error('Invalid regular expression', 'mend the pattern'),
  SB1603: error(
    'Regular expression without linear time',
    'write the pattern without it, or match the rest with another route',
  ),
  SB1604: error(
    'Invalid certificate',
    'paste the certificate as PEM, with its first and last line',
  ),
  SB1605: error('Invalid private key', 'paste an unencrypted private key as PEM'),
  SB1606: error('Invalid public key', 'paste the public key as PEM'),
  SB1607: error('Invalid JWK', 'paste the JWK as JSON text'),
  SB1608: error('Certificate and key that do not match', 'use the key that belongs to it'),
  SB1609: error('Unusable CA certificate', 'use one CA certificate that is still valid'),
  SB1610: error('Key material that does not match', 'use parts of one key'),
};

/** SB30: tests of a config. */
const TESTS: Readonly<Record<string, CodeEntry>> = {
  SB3001: error('Expectation that is not met', 'correct the config, or what the test expects'),
  SB3002: error('Test that cannot be run', 'correct the test'),
};

const CODES: ReadonlyMap<string, CodeEntry> = new Map(
  [TEXT, FIELDS, RULES, RELATIONS, UNSUPPORTED, SOURCES, COMPILED, WARNINGS, TESTS].flatMap(
    Object.entries,
  ),
);

/** Every code in order. */
export const DIAGNOSTIC_CODES: readonly string[] = [...CODES.keys()].toSorted();

/** The entry of a code; every code that is used has one. */
export function codeEntry(code: string): CodeEntry {
  const entry = CODES.get(code);
  if (entry === undefined) throw new Error(`no entry for the code ${code}`);
  return entry;
}
