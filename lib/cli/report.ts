/**
 * Says what went wrong, why, and what may help.
 *
 * @module
 */
import { commandOf } from "../config/mod.ts";
import { codeName } from "../rpc/code.ts";
import type { Base } from "./context.ts";
import { CallError, Exit, LocalError, reasonOf, UsageError } from "./failure.ts";
import { parseFlags } from "./flags/parse.ts";
import { detailLines } from "./grpc/details.ts";
import { printable } from "./output/cells.ts";
import { DEFAULT_SERVER, GLOBAL_FLAGS, resolveSettings, type Settings } from "./settings.ts";

/** Writes the error to stderr. @returns What to exit with. */
export async function report(error: unknown, base: Base, args: readonly string[]): Promise<number> {
  const { terminal, errStyle } = base;
  const say = (message: string, hint?: string) => {
    terminal.err(`${errStyle.red("error:")} ${message}\n`);
    if (hint) terminal.err(`${errStyle.cyan("hint:")} ${hint}\n`);
  };
  if (error instanceof UsageError) {
    say(error.message, error.hint);
    return Exit.USAGE;
  }
  if (error instanceof CallError) {
    reportCall(error, base, await hintFor(error, settingsOf(base, args)));
    return Exit.CALL + error.status.code;
  }
  if (error instanceof LocalError) say(error.message, error.hint);
  else say(error instanceof Error && base.env("STEWARD_DEBUG") ? error.stack ?? error.message : reasonOf(error));
  return Exit.LOCAL;
}

/** The lines of a call that failed: what and why, each detail, a hint. */
export function reportCall(error: CallError, { terminal, errStyle }: Base, hint: string | undefined): void {
  const { what, status } = error;
  const method = what.slice(what.lastIndexOf("/") + 1);
  const why = printable(status.message) || "the server gave no reason";
  terminal.err(`${errStyle.red("error:")} ${method}: ${why} ${errStyle.dim(`(${codeName(status.code)})`)}\n`);
  for (const line of detailLines(status.details)) {
    if (line !== status.message) terminal.err(`  ${printable(line)}\n`);
  }
  if (hint) terminal.err(`${errStyle.cyan("hint:")} ${hint}\n`);
}

/** The settings again, as far as they can be told from a command line whose command is over. */
function settingsOf(base: Base, args: readonly string[]): Settings | undefined {
  const known: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const name = /^--([a-z-]+)/.exec(args[index]!)?.[1];
    const flag = GLOBAL_FLAGS.find((one) => one.name === name);
    if (flag === undefined) continue;
    known.push(args[index]!);
    if (!flag.switch && !args[index]!.includes("=") && args[index + 1] !== undefined) known.push(args[++index]!);
  }
  try {
    return resolveSettings(parseFlags(known, GLOBAL_FLAGS), base.env);
  } catch {
    return undefined;
  }
}

async function hintFor({ status, hint }: CallError, settings: Settings | undefined): Promise<string | undefined> {
  if (hint !== undefined) return hint;
  const reason = status.details.find(({ type }) => type === "google.rpc.ErrorInfo")?.value?.reason;
  switch (codeName(status.code)) {
    case "UNAVAILABLE":
      return settings && await reachHint(status.message, settings);
    case "UNAUTHENTICATED":
      return "pass a token with --token-file FILE or in STEWARD_TOKEN";
    case "PERMISSION_DENIED":
      return "the token is known, but may not do this";
    case "UNIMPLEMENTED":
      return "`steward list` shows what this server offers";
    case "DEADLINE_EXCEEDED":
      return settings?.timeoutMs === undefined ? undefined : "allow more time with --deadline";
    case "ABORTED":
      return reason === "ETAG_MISMATCH" ? "read it again and repeat the change with the new etag" : undefined;
    case "OUT_OF_RANGE":
      return reason === "REVISION_COMPACTED" || reason === "REVISION_AHEAD"
        ? "start over with --snapshot: it gives what there is now, then the changes"
        : undefined;
    default:
      return undefined;
  }
}

/** Why a server could not be reached: nobody there, or one speaks TLS and the other does not. */
async function reachHint(message: string, { servers, tls }: Settings): Promise<string | undefined> {
  if (/certificate|CERT_|self.signed|UnknownIssuer|issuer|NotValidForName|altnames/i.test(message)) {
    return "the server's certificate is not trusted: name the authority that signed it with --ca FILE";
  }
  const server = servers[0]!;
  if (/ECONNREFUSED|refused/i.test(message)) {
    const start = server === DEFAULT_SERVER ? `start one with \`${commandOf("start")}\`, or ` : "";
    return `nothing listens on ${servers.join(" or ")}: ${start}name another with --server HOST:PORT`;
  }
  if (/altnames|Hostname\/IP/i.test(message)) return undefined;
  if (/ENOTFOUND|EAI_AGAIN|Name resolution/i.test(message)) return `is ${server} spelled right?`;
  const { probe } = await import("./grpc/probe.ts");
  const spoken = await probe(server);
  if (spoken === "tls" && !tls) return `${server} speaks TLS: add --tls`;
  if (spoken === "plaintext" && tls) return `${server} does not speak TLS: leave out --tls, --ca and --cert`;
  return undefined;
}
