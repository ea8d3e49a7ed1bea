/**
 * Length-prefixed messages read and written without the server's own code: a byte of flags, four of length, the message.
 *
 * @module
 */

export interface Frame {
  readonly flags: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly text: string;
}

export function framed(message: Uint8Array | string, flags = 0): Uint8Array<ArrayBuffer> {
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  const whole = new Uint8Array(5 + bytes.length);
  const view = new DataView(whole.buffer);
  view.setUint8(0, flags);
  view.setUint32(1, bytes.length);
  whole.set(bytes, 5);
  return whole;
}

/** The frames of a body, each as soon as it is whole. @throws When the body ends within one. */
export async function* framesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Frame> {
  let held = new Uint8Array();
  for await (const piece of body) {
    held = Uint8Array.from([...held, ...piece]);
    for (;;) {
      if (held.length < 5) break;
      const length = new DataView(held.buffer).getUint32(1);
      if (held.length < 5 + length) break;
      const bytes = held.slice(5, 5 + length);
      yield { flags: held[0]!, bytes, text: new TextDecoder().decode(bytes) };
      held = held.slice(5 + length);
    }
  }
  if (held.length > 0) throw new Error(`${held.length} bytes are left over`);
}

/** The frames of a body that has come whole. */
export async function allFrames(body: Uint8Array<ArrayBuffer>): Promise<Frame[]> {
  return await Array.fromAsync(framesOf(new Blob([body]).stream()));
}
