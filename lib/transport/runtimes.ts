/**
 * Which lane is sound on which Deno. `node:http2`, on which @grpc/grpc-js stands, has been unsound as a server in ways
 * that a test at startup cannot show.
 *
 * @module
 */

/** What to know of the grpc-js lane on a version of Deno. */
export interface LaneVerdict {
  /** Why the lane must not be used; null when it may. */
  readonly refusal: string | null;
  /** What is not as it should be; null when nothing is known. */
  readonly warning: string | null;
}

/** @param version Such as `2.9.3`. */
export function grpcJsVerdict(version: string): LaneVerdict {
  const advice = "use --transport native, or Deno 2.9.3 (npx -y deno@2.9.3 task start)";
  if (atMost(version, "2.6.8")) {
    const refusal = `node:http2 of Deno ${version} leaves calls unanswered: ${advice}`;
    return { refusal, warning: null };
  }
  if (!atMost(version, "2.9.3") && atMost(version, "2.9.6")) {
    const refusal =
      `node:http2 of Deno ${version} corrupts memory when connections end (denoland/deno#36788): ${advice}`;
    return { refusal, warning: null };
  }
  if (atMost(version, "2.9.3")) {
    const warning = "on this Deno the grpc-js lane has no backpressure: a client that stops reading makes it grow";
    return { refusal: null, warning };
  }
  return { refusal: null, warning: null };
}

function atMost(version: string, bound: string): boolean {
  const [a, b] = [version, bound].map((text) => text.split(/[.-]/).slice(0, 3).map(Number)) as [number[], number[]];
  for (const [index, part] of b.entries()) if (a[index] !== part) return (a[index] ?? 0) < part;
  return true;
}
