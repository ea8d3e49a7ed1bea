/**
 * The details that accompany a status: google.rpc messages in `grpc-status-details-bin`.
 *
 * @module
 */
import { fromBinary, type JsonObject, type Registry, toJson } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";

/** One detail. */
export interface DecodedDetail {
  /** The full name of its type, such as `google.rpc.BadRequest`. */
  readonly type: string;
  /** Its JSON form; undefined when the type is not known here or the bytes are no such message. */
  readonly value: JsonObject | undefined;
  readonly bytes: Uint8Array;
}

/** Reads the details out of the bytes of a google.rpc.Status; empty when they are none. */
export function decodeDetails(bytes: Uint8Array, registry: Registry): DecodedDetail[] {
  const status = registry.getMessage("google.rpc.Status");
  if (status === undefined) return [];
  try {
    const { details } = fromBinary(status, bytes) as unknown as { details: Any[] };
    return details.map((detail) => decodeDetail(detail, registry));
  } catch {
    return [];
  }
}

function decodeDetail(detail: Any, registry: Registry): DecodedDetail {
  const type = detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1);
  try {
    const { "@type": _type, ...value } = toJson(AnySchema, detail, { registry }) as JsonObject;
    return { type, value, bytes: detail.value };
  } catch {
    return { type, value: undefined, bytes: detail.value };
  }
}

/** The details as lines for people, the most useful first. */
export function detailLines(details: readonly DecodedDetail[]): string[] {
  return details.flatMap((detail) => linesOf(detail));
}

type Texts = { readonly [name: string]: string | undefined };

function linesOf({ type, value, bytes }: DecodedDetail): string[] {
  if (value === undefined) return [`${type}: ${bytes.length} bytes that this client cannot read`];
  const list = (name: string) => (value[name] ?? []) as unknown as Texts[];
  const texts = value as unknown as Texts;
  switch (type) {
    case "google.rpc.BadRequest":
      return list("fieldViolations").map(({ field, description }) => violation(field, description));
    case "google.rpc.PreconditionFailure":
      return list("violations").map(({ type, subject, description }) => join([subject, description], type));
    case "google.rpc.QuotaFailure":
      return list("violations").map(({ subject, description }) => join([subject, description]));
    case "google.rpc.ErrorInfo": {
      const facts = Object.entries((value.metadata ?? {}) as Record<string, string>);
      const shown = facts.map(([key, fact]) => `${key}=${fact}`).join(" ");
      return [`reason: ${texts.reason} (${texts.domain})${shown && " " + shown}`];
    }
    case "google.rpc.RetryInfo":
      return [`try again in ${texts.retryDelay ?? "0s"}`];
    case "google.rpc.ResourceInfo":
      return [join([`resource: ${texts.resourceType ?? ""} '${texts.resourceName ?? ""}'`, texts.description])];
    case "google.rpc.RequestInfo":
      return [`request id: ${texts.requestId}`];
    case "google.rpc.Help":
      return list("links").map(({ description, url }) => join([description, url]));
    case "google.rpc.LocalizedMessage":
      return [`${texts.message} (${texts.locale})`];
    case "google.rpc.DebugInfo":
      return [texts.detail ?? "", ...((value.stackEntries ?? []) as string[])].filter((line) => line !== "");
    default:
      return [`${type}: ${JSON.stringify(value)}`];
  }
}

/** Many a description names its field itself. */
function violation(field = "", description = ""): string {
  return description.startsWith(field) ? description : `${field}: ${description}`;
}

function join(parts: readonly (string | undefined)[], kind?: string): string {
  const said = parts.filter((part) => part !== undefined && part !== "").join(": ");
  return kind ? `${said} (${kind})` : said;
}
