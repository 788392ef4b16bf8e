/**
 * decK's templates, `${{ env "DECK_NAME" | toInt }}`. decK fills them in before it parses; here the text is
 * parsed with placeholders of the same length, so that no value changes the structure and no place moves.
 */

/** The templates of a text, in order. */
export type DeckTemplates = readonly string[];

export interface MaskedText {
  readonly text: string;
  readonly templates: DeckTemplates;
}

/** Characters for private use: YAML takes them anywhere, and no document has them. */
const OPEN = '\uE000';
const FILL = '\uE001';
/** Group `template`: the number of the template. */
export const PLACEHOLDER = new RegExp(`${OPEN}(?<template>\\d+)${FILL}*`);

const TEMPLATE = /\$\{\{[^{}\n]*\}\}/g;

/** The text with a placeholder for each template. */
export function maskTemplates(text: string): MaskedText {
  const templates: string[] = [];
  if (!text.includes('${{') || text.includes(OPEN)) return { text, templates };
  const masked = text.replaceAll(TEMPLATE, (template) => {
    const placeholder = `${OPEN}${templates.length}`;
    if (placeholder.length > template.length) return template;
    templates.push(template);
    return placeholder.padEnd(template.length, FILL);
  });
  return { text: masked, templates };
}

/** A message about a masked text, in the words of the text. */
export const unmask = (message: string, templates: DeckTemplates): string =>
  message.replaceAll(
    new RegExp(PLACEHOLDER, 'g'),
    (_, template: string) => templates[Number(template)] ?? '',
  );

/** Functions only shape the text for a parser that has not run yet; here the field gives the type. */
const ENV =
  /^\$\{\{-?\s*env\s+(?:\\?"([^"\\]*)\\?"|`([^`]*)`)\s*(?:\|\s*(?:toInt|toFloat|toBool|indent\s+\d+)\s*)*-?\}\}$/;

/** The variable a template names; `undefined` for anything else that a template can say. */
export function readTemplate(template: string): string | undefined {
  const [, quoted, raw] = ENV.exec(template) ?? [];
  return quoted ?? raw;
}
