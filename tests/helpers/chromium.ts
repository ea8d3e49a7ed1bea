/**
 * Headless Chromium, driven by its own protocol. https://chromedevtools.github.io/devtools-protocol/
 *
 * @module
 */
import { TestProcess, within } from "./process.ts";
import { until } from "./wait.ts";

const PROGRAM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"],
  "--remote-debugging-port=0",
];
const COMMAND_MS = 30_000;

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface Page {
  /** The value of an expression in the page; promises are awaited. @throws What it throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** What the page wrote to the console, and the browser's own complaints, such as those of CORS. */
  readonly console: readonly string[];
}

/** Opens a page in a browser of its own, calls `use` and ends the browser. */
export async function withPage(url: string, use: (page: Page) => Promise<void>): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "steward-chromium-" });
  try {
    const args = [...FLAGS, `--user-data-dir=${profile}`, "about:blank"];
    await using browser = new TestProcess(null, { runtime: [PROGRAM], args, env: { HOME: profile } });
    const [, endpoint] = await browser.seen(/DevTools listening on (ws:\S+)/, { on: "stderr", withinMs: 60_000 });
    const socket = new WebSocket(endpoint!);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("the browser takes no commands"));
    });
    const driver = new Driver(socket);
    await use(await driver.open(url));
    await driver.send("Browser.close");
    await browser.end();
  } finally {
    await removeProfile(profile);
  }
}

class Driver {
  readonly console: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #parsed = Promise.withResolvers<true>();
  #sent = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data) as Reply);
  }

  async open(url: string): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const send = (method: string, params = {}) => this.send(method, params, sessionId as string);
    await send("Runtime.enable");
    await send("Log.enable");
    await send("Page.enable");
    await send("Page.navigate", { url });
    if (!await within(this.#parsed.promise, COMMAND_MS)) throw new Error(`${url}: no page within ${COMMAND_MS} ms`);
    const evaluate = async <T>(expression: string) => {
      const { result, exceptionDetails } = await send("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
      return (result as { value: T }).value;
    };
    return {
      evaluate,
      console: this.console,
      async until(expression) {
        try {
          await until(expression, () => evaluate<boolean>(expression), { withinMs: 15_000, everyMs: 20 });
        } catch (error) {
          throw new Error(`${(error as Error).message}\n${await evaluate("document.body.innerText")}`);
        }
      },
    };
  }

  async send(method: string, params = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#sent;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
    const result = await within(answer.promise, COMMAND_MS);
    if (!result) throw new Error(`${method}: no answer within ${COMMAND_MS} ms`);
    return result;
  }

  #take({ id, method, params, result, error }: Reply): void {
    if (id !== undefined) {
      if (error) this.#waiting.get(id)?.reject(new Error(error.message));
      else this.#waiting.get(id)?.resolve(result ?? {});
      this.#waiting.delete(id);
    } else if (method === "Runtime.consoleAPICalled") {
      const { args } = params as { args: { value?: unknown; description?: string }[] };
      this.console.push(args.map(({ value, description }) => String(value ?? description)).join(" "));
    } else if (method === "Runtime.exceptionThrown") {
      const { exceptionDetails } = params as {
        exceptionDetails: { text: string; exception?: { description?: string } };
      };
      this.console.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
    } else if (method === "Page.domContentEventFired") {
      this.#parsed.resolve(true);
    } else if (method === "Log.entryAdded") {
      this.console.push((params as { entry: { text: string } }).entry.text);
    }
  }
}

/** The browser's own processes may write a little after it. */
async function removeProfile(profile: string): Promise<void> {
  await until(`${profile} is gone`, async () => {
    try {
      await Deno.remove(profile, { recursive: true });
      return true;
    } catch (error) {
      return error instanceof Deno.errors.NotFound;
    }
  }, { everyMs: 50 });
}
