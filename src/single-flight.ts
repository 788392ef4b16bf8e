/** One run for all who want the same at the same time. */

/**
 * While `run` is under way, further calls get its promise. The result is not kept: the next call
 * after it has settled runs again.
 */
export function createSingleFlight<T>(run: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= run().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
