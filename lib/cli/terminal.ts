/**
 * Where a command writes and reads.
 *
 * @module
 */
import { OutputClosed } from "./failure.ts";

/** The process's three streams, as commands see them. */
export interface Terminal {
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly stdinIsTerminal: boolean;
  /** Columns of the terminal; 100 where there is none. */
  readonly width: number;
  /** Results. Buffered; throws {@linkcode OutputClosed} when nobody reads any more. */
  out(text: string): Promise<void>;
  /** Sends what `out` still holds. */
  flush(): Promise<void>;
  /** Everything that is not a result. */
  err(text: string): void;
  readonly stdin: ReadableStream<Uint8Array<ArrayBuffer>>;
}

const BUFFER_BYTES = 32 * 1024;
const WIDTH_WITHOUT_TERMINAL = 100;

/** The streams of this process. */
export function processTerminal(): Terminal {
  const encoder = new TextEncoder();
  let held: string[] = [];
  let heldLength = 0;
  const flush = async () => {
    if (heldLength === 0) return;
    const bytes = encoder.encode(held.join(""));
    held = [];
    heldLength = 0;
    try {
      for (let sent = 0; sent < bytes.length;) sent += await Deno.stdout.write(bytes.subarray(sent));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
      throw error;
    }
  };
  return {
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stderrIsTerminal: Deno.stderr.isTerminal(),
    get stdinIsTerminal() {
      return Deno.stdin.isTerminal();
    },
    get width() {
      return columns();
    },
    async out(text) {
      held.push(text);
      heldLength += text.length;
      if (heldLength > BUFFER_BYTES) await flush();
    },
    flush,
    err(text) {
      writeFully(Deno.stderr, encoder.encode(text));
    },
    get stdin() {
      return Deno.stdin.readable;
    },
  };
}

function columns(): number {
  const set = Number(Deno.env.get("COLUMNS"));
  if (Number.isInteger(set) && set >= 20) return set;
  try {
    return Math.max(20, Deno.consoleSize().columns);
  } catch {
    return WIDTH_WITHOUT_TERMINAL;
  }
}

/** Nothing can be reported when standard error itself is gone. */
function writeFully(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let sent = 0; sent < bytes.length;) sent += stream.writeSync(bytes.subarray(sent));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
