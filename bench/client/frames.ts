/**
 * A client of bare HTTP/2 frames, for loads that a whole client stack is too slow or too polite for: it sends as fast
 * as the server grants, and grants only what it is told to.
 *
 * It reads no header fields, and so no status: a call counts as answered when a message came and then trailers, which is
 * how a unary call that fails never ends. What the calls have done is checked in the store afterwards.
 *
 * @module
 */

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEADER = 9;
const MAX_FRAME = 16_384;
const DEFAULT_WINDOW = 65_535;
const MAX_WINDOW = 2 ** 31 - 1;
/** Grants are renewed after so many bytes. */
const RENEW_BYTES = 2 ** 28;

const DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW_UPDATE = 8;
const END_STREAM = 1, ACK = 1, END_HEADERS = 4;
const ENABLE_PUSH = 2, INITIAL_WINDOW_SIZE = 4;

const encoder = new TextEncoder();

export interface ConnectOptions {
  /** False: grant what the protocol begins with, 65,535 bytes, and nothing more. Default true: grant all there is. */
  readonly grant?: boolean;
}

/** Told of a stream while it goes on. */
export interface StreamListener {
  /** The headers of the answer have come. */
  opened?(): void;
  /** A piece of the answer has come. Its memory is used again after the call. */
  data?(piece: Uint8Array): void;
}

/** How a stream went. */
export interface Answer {
  /** Bytes of messages with their prefixes. */
  readonly bytes: number;
  /** The first piece of them. */
  readonly first: Uint8Array | undefined;
  /** Whether it ended by trailers after data, as a call that succeeds does. */
  readonly whole: boolean;
}

class Stream {
  bytes = 0;
  first: Uint8Array | undefined;
  headers = 0;
  sendWindow: number;
  readonly ended: (answer: Answer) => void;
  readonly listener: StreamListener | undefined;
  constructor(sendWindow: number, ended: (answer: Answer) => void, listener: StreamListener | undefined) {
    this.sendWindow = sendWindow;
    this.ended = ended;
    this.listener = listener;
  }
}

export class FrameConnection {
  /** Rejects when the connection fails. */
  readonly failed: Promise<never>;
  readonly #connection: Deno.TcpConn;
  readonly #grant: boolean;
  readonly #streams = new Map<number, Stream>();
  readonly #authority: string;
  #nextStream = 1;
  #sendWindow = DEFAULT_WINDOW;
  #streamWindow = DEFAULT_WINDOW;
  #received = 0;
  #out = new Uint8Array(1 << 16);
  #outLength = 0;
  #flushing = false;
  #held = new Uint8Array(0);
  #waiting: (() => void)[] = [];
  #fail!: (error: Error) => void;
  #closed = false;

  static async connect(address: string, { grant = true }: ConnectOptions = {}): Promise<FrameConnection> {
    const { hostname, port } = new URL(`http://${address}`);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    return new FrameConnection(connection, address, grant);
  }

  private constructor(connection: Deno.TcpConn, authority: string, grant: boolean) {
    this.#connection = connection;
    this.#authority = authority;
    this.#grant = grant;
    this.failed = new Promise((_, reject) => this.#fail = reject);
    this.failed.catch(() => {});
    this.#write(encoder.encode(PREFACE));
    const settings: [number, number][] = [[ENABLE_PUSH, 0]];
    if (grant) settings.push([INITIAL_WINDOW_SIZE, MAX_WINDOW]);
    const payload = new Uint8Array(settings.length * 6);
    const view = new DataView(payload.buffer);
    settings.forEach(([id, value], index) => {
      view.setUint16(index * 6, id);
      view.setUint32(index * 6 + 2, value);
    });
    this.#frame(SETTINGS, 0, 0, payload);
    if (grant) this.#windowUpdate(MAX_WINDOW - DEFAULT_WINDOW);
    void this.#read();
  }

  /** The header block of a call of a method; the same for every call, so made once. */
  headerBlock(path: string): Uint8Array {
    const bytes: number[] = [0x83, 0x86];
    const text = (value: string) => bytes.push(value.length, ...encoder.encode(value));
    bytes.push(0x04), text(path);
    bytes.push(0x01), text(this.#authority);
    bytes.push(0x0f, 0x10), text("application/grpc");
    bytes.push(0x00), text("te"), text("trailers");
    return Uint8Array.from(bytes);
  }

  /** Sends a call with one framed message. The answer comes to the callback, in the order in which streams end. */
  unary(headers: Uint8Array, body: Uint8Array, ended: (answer: Answer) => void, listener?: StreamListener): void {
    if (body.length > this.#sendWindow || this.#waiting.length > 0) {
      this.#waiting.push(() => this.unary(headers, body, ended, listener));
      return;
    }
    const id = this.#open(headers, ended, listener);
    this.#sendWindow -= body.length;
    this.#frame(DATA, END_STREAM, id, body);
  }

  /** Opens a call whose messages are sent one by one. */
  stream(headers: Uint8Array): { send(bytes: Uint8Array): Promise<void>; end(): void; answer: Promise<Answer> } {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const id = this.#open(headers, resolve);
    const stream = this.#streams.get(id)!;
    return {
      answer: promise,
      /** Resolves when the server has granted the last byte and the kernel has taken it. */
      send: async (bytes) => {
        for (let offset = 0; offset < bytes.length;) {
          const size = Math.min(MAX_FRAME, this.#sendWindow, stream.sendWindow, bytes.length - offset);
          if (size <= 0 || this.#outLength > 1 << 18) {
            if (this.#closed || !this.#streams.has(id)) throw new Error("the stream has ended");
            await Promise.race([new Promise<void>((wake) => this.#waiting.push(wake)), this.failed]);
            continue;
          }
          this.#sendWindow -= size;
          stream.sendWindow -= size;
          this.#frame(DATA, 0, id, bytes.subarray(offset, offset + size));
          offset += size;
        }
      },
      end: () => this.#frame(DATA, END_STREAM, id, new Uint8Array(0)),
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  #open(headers: Uint8Array, ended: (answer: Answer) => void, listener?: StreamListener): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.#streams.set(id, new Stream(this.#streamWindow, ended, listener));
    this.#frame(HEADERS, END_HEADERS, id, headers);
    return id;
  }

  #frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    const header = new Uint8Array(FRAME_HEADER);
    header[0] = payload.length >>> 16;
    header[1] = payload.length >>> 8;
    header[2] = payload.length;
    header[3] = type;
    header[4] = flags;
    new DataView(header.buffer).setUint32(5, stream);
    this.#write(header);
    this.#write(payload);
  }

  #windowUpdate(bytes: number): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, bytes);
    this.#frame(WINDOW_UPDATE, 0, 0, payload);
  }

  /** Frames of one turn of the event loop leave together. */
  #write(bytes: Uint8Array): void {
    if (this.#outLength + bytes.length > this.#out.length) {
      const larger = new Uint8Array(Math.max(this.#out.length * 2, this.#outLength + bytes.length));
      larger.set(this.#out.subarray(0, this.#outLength));
      this.#out = larger;
    }
    this.#out.set(bytes, this.#outLength);
    this.#outLength += bytes.length;
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    try {
      while (this.#outLength > 0) {
        const bytes = this.#out.subarray(0, this.#outLength);
        this.#out = new Uint8Array(this.#out.length);
        this.#outLength = 0;
        for (let written = 0; written < bytes.length;) written += await this.#connection.write(bytes.subarray(written));
        this.#wake();
      }
      this.#flushing = false;
    } catch (error) {
      this.#broken(error);
    }
  }

  async #read(): Promise<void> {
    const chunk = new Uint8Array(1 << 18);
    try {
      for (;;) {
        const read = await this.#connection.read(chunk);
        if (read === null) throw new Error("the server closed the connection");
        this.#take(chunk.subarray(0, read));
      }
    } catch (error) {
      this.#broken(error);
    }
  }

  #broken(error: unknown): void {
    if (!this.#closed) this.#fail(error instanceof Error ? error : new Error(String(error)));
  }

  #take(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#held.length > 0) {
      bytes = new Uint8Array(this.#held.length + chunk.length);
      bytes.set(this.#held);
      bytes.set(chunk, this.#held.length);
    }
    let offset = 0;
    while (bytes.length - offset >= FRAME_HEADER) {
      const length = bytes[offset]! << 16 | bytes[offset + 1]! << 8 | bytes[offset + 2]!;
      const end = offset + FRAME_HEADER + length;
      if (end > bytes.length) break;
      const id = bytes[offset + 5]! << 24 | bytes[offset + 6]! << 16 | bytes[offset + 7]! << 8 | bytes[offset + 8]!;
      this.#frameReceived(bytes[offset + 3]!, bytes[offset + 4]!, id, bytes.subarray(offset + FRAME_HEADER, end));
      offset = end;
    }
    this.#held = bytes.slice(offset);
  }

  #frameReceived(type: number, flags: number, id: number, payload: Uint8Array): void {
    const stream = this.#streams.get(id);
    switch (type) {
      case DATA:
        this.#received += payload.length;
        if (this.#grant && this.#received >= RENEW_BYTES) {
          this.#windowUpdate(this.#received);
          this.#received = 0;
        }
        if (stream) {
          stream.first ??= payload.slice();
          stream.bytes += payload.length;
          stream.listener?.data?.(payload);
          if (flags & END_STREAM) this.#ended(id, stream, false);
        }
        break;
      case HEADERS:
        if (stream) {
          if (++stream.headers === 1) stream.listener?.opened?.();
          if (flags & END_STREAM) this.#ended(id, stream, stream.headers === 2 && stream.bytes > 0);
        }
        break;
      case RST_STREAM:
        if (stream) this.#ended(id, stream, false);
        break;
      case SETTINGS:
        if (!(flags & ACK)) this.#settings(payload);
        break;
      case PING:
        if (!(flags & ACK)) this.#frame(PING, ACK, 0, payload);
        break;
      case GOAWAY:
        this.#broken(new Error("the server sent GOAWAY"));
        break;
      case WINDOW_UPDATE: {
        const bytes = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
        if (id === 0) this.#sendWindow += bytes;
        else if (stream) stream.sendWindow += bytes;
        this.#wake();
      }
    }
  }

  #settings(payload: Uint8Array): void {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    for (let offset = 0; offset + 6 <= payload.length; offset += 6) {
      if (view.getUint16(offset) !== INITIAL_WINDOW_SIZE) continue;
      const window = view.getUint32(offset + 2);
      for (const stream of this.#streams.values()) stream.sendWindow += window - this.#streamWindow;
      this.#streamWindow = window;
    }
    this.#frame(SETTINGS, ACK, 0, new Uint8Array(0));
    this.#wake();
  }

  #ended(id: number, stream: Stream, whole: boolean): void {
    this.#streams.delete(id);
    stream.ended({ bytes: stream.bytes, first: stream.first, whole });
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
