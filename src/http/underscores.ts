/** Header names of a config that hold underscores: nginx-lua looks for the dashed name as well. */

/** Lower-case names to try in order: the name itself, then the one with dashes for underscores. */
export function headerNamesFor(configured: string): readonly string[] {
  const lower = configured.toLowerCase();
  return lower.includes('_') ? [lower, lower.replaceAll('_', '-')] : [lower];
}
