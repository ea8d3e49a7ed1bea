/**
 * A load client, a process of its own so that it shares no thread with the server or the harness.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { loadSchema } from "../lib/schema/mod.ts";
import { seed, stall, upload } from "./client/bulk.ts";
import { list } from "./client/grpc_js.ts";
import type { Job, Report } from "./client/job.ts";
import { unary } from "./client/unary.ts";
import { hold, watch } from "./client/watch.ts";

const schema = loadSchema(fileURLToPath(new URL("../proto", import.meta.url)));

function run(job: Job): Promise<Report> {
  switch (job.kind) {
    case "unary":
      return unary(job, schema);
    case "list":
      return list(job, schema);
    case "watch":
      return watch(job, schema);
    case "hold":
      return hold(job, schema);
    case "seed":
      return seed(job, schema);
    case "stall":
      return stall(job, schema);
    case "upload":
      return upload(job, schema);
  }
}

try {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0]!) as Job)));
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}
