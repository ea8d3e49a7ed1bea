/**
 * The real client in a process of its own.
 *
 * @module
 */
import { type Ended, TestProcess } from "./process.ts";

export interface ClientOptions {
  /** `HOST:PORT` for --server. */
  readonly server?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; nothing by default. */
  readonly stdin?: string;
}

/** Starts client.ts. It sees no configuration but the one given. */
export function startClient(
  args: readonly string[],
  { server, env = {} }: Omit<ClientOptions, "stdin"> = {},
): TestProcess {
  return new TestProcess("client.ts", {
    args,
    env: { STEWARD_CONFIG: "/nonexistent/steward.json", ...(server && { STEWARD_SERVER: server }), ...env },
  });
}

/** Runs client.ts to its end. */
export async function runClient(args: readonly string[], options: ClientOptions = {}): Promise<Ended> {
  await using client = startClient(args, options);
  const writer = client.stdin.getWriter();
  try {
    if (options.stdin !== undefined) await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  } catch {
    // A client that has failed reads no further, which its exit code tells.
  }
  writer.releaseLock();
  return await client.end();
}
