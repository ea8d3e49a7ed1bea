import { CATALOGUE, Code, type CodeName, type Reason } from "../../lib/rpc/mod.ts";

/** Facts that make every sentence of the catalogue. */
const SAMPLE = {
  available: 3,
  count: "several",
  current: 40,
  delta: 5,
  detail: "the reason",
  encoding: "br",
  id: "b5c1...",
  items: [{ name: "Widget", wanted: 5, available: 3, delta: 5 }],
  key: "Widget",
  kind: "item",
  limit: 100,
  name: "Widget",
  names: ["Widget"],
  oldest: 12,
  path: "/inventory.Inventory/Missing",
  requestId: "3f2a-1",
  revision: 7,
  seconds: 60,
  service: "inventory.Missing",
  summary: "name is required (and 1 more)",
  type: "inventory.AddItemRequest",
  types: "application/connect+json or +proto",
};

/** docs/errors.md. */
export function errorsPage(): string {
  const rows = (Object.keys(CATALOGUE) as Reason[]).map((reason) => {
    const { code, doc, message } = CATALOGUE[reason];
    const sentence = (message as (facts: typeof SAMPLE) => string)(SAMPLE).replaceAll("|", "\\|");
    return { reason, code, row: `| \`${reason}\` | ${sentence} | ${doc} |` };
  });
  const codes = (Object.keys(Code) as CodeName[]).filter((code) => rows.some((row) => row.code === code));
  return [
    "# Errors",
    "",
    "<!-- Written by `deno task gen` from lib/rpc/catalogue.ts. Do not edit. -->",
    "",
    "Every error carries a status code, a sentence and, in `grpc-status-details-bin`, details for programs:",
    "`google.rpc.ErrorInfo` with the reason below and domain `steward`, and `google.rpc.RequestInfo` with the id that the",
    "server's log has. Requests with wrong fields add `google.rpc.BadRequest` with every one of them; failed preconditions",
    "add `google.rpc.PreconditionFailure`; what is worth another try adds `google.rpc.RetryInfo`.",
    "",
    "When to try again: UNAVAILABLE and RESOURCE_EXHAUSTED, the same call after a moment; ABORTED, read again and start",
    "over; FAILED_PRECONDITION, mend the state first.",
    "",
    ...codes.flatMap((code) => [
      `## ${code} (${Code[code]})`,
      "",
      "| Reason | Sentence, for example | When, and what to do |",
      "| --- | --- | --- |",
      ...rows.filter((row) => row.code === code).map(({ row }) => row),
      "",
    ]),
  ].join("\n");
}
