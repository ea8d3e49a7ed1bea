/** What is pushed into it comes out of it, in order, until it is ended. For one reader. */
export class Pipe<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #ended = false;
  #wake = () => {};

  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (true) {
      if (this.#values.length > 0) yield this.#values.shift()!;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
