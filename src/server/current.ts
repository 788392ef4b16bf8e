/** The one variable of the program that is reassigned: which gateway serves. */
import type { Gateway } from '../gateway/gateway.ts';

/** A gateway and the requests that still use it. */
export interface Lease {
  readonly gateway: Gateway;
  /** Ends this request's use. */
  release(): void;
}

export interface Current {
  /** The gateway for a new request, which keeps it until its end whatever is swapped in. */
  acquire(): Lease;
  peek(): Gateway;
  /** Puts a new one in place. Resolves when the old one's last request is over and it is closed. */
  swap(next: Gateway): Promise<void>;
}

class Tenure implements Lease {
  readonly gateway: Gateway;
  #requests = 0;
  #onEmpty: (() => void) | undefined = undefined;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
  }

  acquire(): this {
    this.#requests++;
    return this;
  }

  release(): void {
    this.#requests--;
    if (this.#requests === 0) this.#onEmpty?.();
  }

  async retire(): Promise<void> {
    if (this.#requests > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    await this.gateway.close();
  }
}

export function createCurrent(first: Gateway): Current {
  let current = new Tenure(first);
  return {
    acquire: () => current.acquire(),
    peek: () => current.gateway,
    swap(next) {
      const old = current;
      current = new Tenure(next);
      return old.retire();
    },
  };
}
