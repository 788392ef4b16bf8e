/** Scalars without quotes that YAML 1.1, which Kong reads, takes for something else than they look like. */

/** What a reader of YAML 1.1 makes of a scalar. */
export interface Trap {
  /** A clause, e.g. `is the octal number 8`. */
  readonly meaning: string;
  /** How to write what it means. */
  readonly plainly: string;
}

const TRUE = /^(?:yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|off|Off|OFF)$/;
const OCTAL = /^([-+]?)0([0-7_]+)$/;
const HEXADECIMAL = /^([-+]?)0x([\da-fA-F_]+)$/;
const BINARY = /^([-+]?)0b([01_]+)$/;
const SEXAGESIMAL = /^([-+]?)([1-9][\d_]*(?::[0-5]?\d)+)(\.[\d_]*)?$/;
const UNDERSCORED = /^[-+]?(?:[1-9][\d]*_[\d_]*(?:\.[\d_]*)?)$/;

/** `undefined` for what every reader takes for the same. Cheap for most texts: called for all of them. */
export function trapOf(text: string): Trap | undefined {
  if (text.length > 64) return undefined;
  const first = text.charCodeAt(0);
  const isDigitOrSign = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  return isDigitOrSign ? numberTrap(text) : wordTrap(text);
}

function wordTrap(text: string): Trap | undefined {
  if (text.length > 3) return undefined;
  if (TRUE.test(text))
    return { meaning: 'is true in YAML 1.1 and a text in YAML 1.2', plainly: 'true' };
  if (FALSE.test(text))
    return { meaning: 'is false in YAML 1.1 and a text in YAML 1.2', plainly: 'false' };
  return undefined;
}

function numberTrap(text: string): Trap | undefined {
  const [, octalSign, octal] = OCTAL.exec(text) ?? [];
  if (octal !== undefined) return number('octal', octalSign, Number.parseInt(bare(octal), 8));
  const [, hexSign, hex] = HEXADECIMAL.exec(text) ?? [];
  if (hex !== undefined) return number('hexadecimal', hexSign, Number.parseInt(bare(hex), 16));
  const [, binarySign, binary] = BINARY.exec(text) ?? [];
  if (binary !== undefined) return number('binary', binarySign, Number.parseInt(bare(binary), 2));
  const [, sign, parts, fraction = ''] = SEXAGESIMAL.exec(text) ?? [];
  if (parts !== undefined) return number('base-60', sign, base60(bare(parts), bare(fraction)));
  if (UNDERSCORED.test(text)) {
    const plainly = bare(text);
    return { meaning: `is the number ${plainly} in YAML 1.1 and a text in YAML 1.2`, plainly };
  }
  return undefined;
}

const bare = (digits: string): string => digits.replaceAll('_', '');

function number(base: string, sign: string | undefined, value: number): Trap {
  const plainly = `${sign === '-' ? '-' : ''}${value}`;
  return { meaning: `is a ${base} number in YAML 1.1: ${plainly}`, plainly };
}

function base60(parts: string, fraction: string): number {
  const whole = parts.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return fraction.length > 1 ? whole + Number(`0${fraction}`) : whole;
}
