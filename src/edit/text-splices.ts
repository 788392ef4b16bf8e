/** Changes of a document as replaced stretches of its text; whatever is not in one of them stays as it is. */
import { blockListSplices, blockMapSplices } from './splice-blocks.ts';
import { flowSplices } from './splice-flows.ts';
import { replaceWhole, type SplicesOf } from './splice.ts';

export const splicesOf: SplicesOf = (place, change, context) => {
  const { node } = place;
  const isOpen = node.kind === 'map' || node.kind === 'list';
  if (change.kind !== 'inside' || !isOpen) return [replaceWhole(place, change, context)];
  if (node.isFlow) return flowSplices(place, change, context);
  return node.kind === 'map'
    ? blockMapSplices(place, change, context)
    : blockListSplices(place, change, context);
};
