import type { Cancel, Reply } from './reply.ts';

/** A queue of items and of waiting takers, both in order. A taker that was cancelled never consumes an item. */
export class Mailbox<Item> {
  readonly #items: Item[] = [];
  #takers: Reply<Item>[] = [];

  put(item: Item): void {
    this.#items.push(item);
    this.#deliver();
  }

  take(taker: Reply<Item>): Cancel {
    this.#takers.push(taker);
    queueMicrotask(() => this.#deliver());
    return () => {
      this.#takers = this.#takers.filter((other) => other !== taker);
    };
  }

  /** Makes all waiting takers fail. */
  rejectAll(error: Error): void {
    for (const taker of this.#takers.splice(0)) taker.reject(error);
  }

  #deliver(): void {
    while (this.#items.length > 0 && this.#takers.length > 0) {
      const item = this.#items.shift() as Item;
      this.#takers.shift()?.resolve(item);
    }
  }
}
