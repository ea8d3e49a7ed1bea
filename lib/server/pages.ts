import type { Metrics } from "../metrics/metrics.ts";
import type { Health } from "../services/health.ts";

/** What a GET of a path answers beside the calls: `/healthz`, `/readyz` and `/metrics`. */
export function pagesOf(health: Health, metrics: Metrics): ReadonlyMap<string, () => Response | Promise<Response>> {
  return new Map<string, () => Response | Promise<Response>>([
    // That it answers is the whole answer.
    ["/healthz", () => text(200, "ok\n")],
    ["/readyz", () => health.serving ? text(200, "ok\n") : text(503, `not serving: ${health.obstacles.join(", ")}\n`)],
    ["/metrics", () => metrics.page()],
  ]);
}

function text(status: number, body: string): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
