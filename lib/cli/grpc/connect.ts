/**
 * Connects a command to its servers.
 *
 * @module
 */
import type { Registry } from "@bufbuild/protobuf";
import type { Context, Wishes } from "../context.ts";
import { Connection } from "./call.ts";
import { hostOf, openClient } from "./channel.ts";
import { isRepeatable } from "./retries.ts";

export async function openConnection(context: Context, wishes: Wishes = {}): Promise<Connection> {
  const { settings } = context;
  const contract = context.contract();
  warnOfOpenSecrets(context);
  const retried = wishes.retried ??
    contract.groups.flatMap(({ service }) => service.methods).filter(isRepeatable);
  const registry: Registry = wishes.registry ?? contract.registry;
  return new Connection(await openClient(settings, retried), {
    registry,
    headers: settings.headers,
    timeoutMs: settings.timeoutMs,
    deadline: wishes.deadline,
  });
}

/** A token that crosses a network in the clear belongs to whoever listens. */
function warnOfOpenSecrets({ settings, terminal }: Context): void {
  if (settings.tls || !settings.headers.some(([name]) => name.toLowerCase() === "authorization")) return;
  const remote = settings.servers.find((server) => !/^(localhost|127\.|::1|unix:)/.test(hostOf(server)));
  if (remote !== undefined) terminal.err(`warning: the token goes to ${remote} without encryption; use --tls\n`);
}
