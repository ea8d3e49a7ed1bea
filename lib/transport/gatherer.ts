/**
 * Puts the pieces of a body together. They are copied: a piece of one byte may keep a buffer of 64 KiB alive, so that who
 * sends byte by byte would take that much memory for each.
 *
 * @module
 */
export class Gatherer {
  #buffer = new Uint8Array();
  length = 0;

  /** What has been gathered, valid until the next piece. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.length);
  }

  add(piece: Uint8Array): void {
    const length = this.length + piece.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.length);
    this.length = length;
  }

  /** What has been gathered; begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    this.#buffer = new Uint8Array();
    this.length = 0;
    return bytes;
  }
}
