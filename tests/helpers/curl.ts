/**
 * Plain curl in a process of its own.
 *
 * @module
 */
import { TestProcess } from "./process.ts";

/** Why curl cannot be used here, or null. */
export const whyNoCurl = await missing();

export interface CurlAnswer {
  readonly status: number;
  /** As curl says it: `1.1` or `2`. */
  readonly httpVersion: string;
  /** Of the last answer, names in lower case. */
  readonly headers: Headers;
  readonly body: string;
  // deno-lint-ignore no-explicit-any -- what the answer says is what the test asserts
  readonly json: () => any;
}

const END_OF_BODY = "\n\u0001";

/** Runs curl to its end. @throws When curl itself fails. */
export async function curl(...args: readonly string[]): Promise<CurlAnswer> {
  await using process = new TestProcess(null, {
    runtime: [
      "curl",
      "-sS",
      "--max-time",
      "20",
      "-o",
      "-",
      "-w",
      `${END_OF_BODY}%{http_code} %{http_version} %{header_json}`,
    ],
    args,
  });
  const { code, stdout, stderr } = await process.end();
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  const end = stdout.lastIndexOf(END_OF_BODY);
  const body = stdout.slice(0, end);
  const [, status, httpVersion, headers] = /^(\d+) (\S+) (.*)$/s.exec(stdout.slice(end + END_OF_BODY.length))!;
  const pairs = Object.entries(JSON.parse(headers!) as Record<string, string[]>);
  return {
    status: Number(status),
    httpVersion: httpVersion!,
    headers: new Headers(pairs.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]))),
    body,
    json: () => JSON.parse(body),
  };
}

async function missing(): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command("curl", { args: ["--version"], stderr: "null" }).output();
    const said = new TextDecoder().decode(stdout);
    const [, major, minor] = /^curl (\d+)\.(\d+)/.exec(said) ?? [];
    if (Number(major) * 1000 + Number(minor) < 7083) return "curl is older than 7.83, the first that lists headers";
    return /^Features:.*\bHTTP2\b/m.test(said) ? null : "this curl has no HTTP/2";
  } catch {
    return "there is no curl";
  }
}
