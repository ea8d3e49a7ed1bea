/**
 * The service that Connect's conformance runner calls: each request says what to answer.
 *
 * @module
 */
import {
  type Batches,
  bindMethods,
  type BoundService,
  type Call,
  Code,
  type Detail,
  type Interceptor,
  type Metadata,
  RpcError,
  serverStreams,
} from "../../lib/rpc/mod.ts";
import type { Schema } from "../../lib/schema/mod.ts";

const PACKAGE = "connectrpc.conformance.v1";

interface Header {
  name: string;
  value: string[];
}
interface AnyMessage {
  type_url: string;
  value: Uint8Array;
}
interface WantedError {
  code: number;
  message: string | null;
  details: AnyMessage[];
}
interface UnaryDefinition {
  response_headers: Header[];
  response_trailers: Header[];
  response_delay_ms: number;
  response?: "response_data" | "error";
  response_data: Uint8Array;
  error: WantedError | null;
}
interface StreamDefinition {
  response_headers: Header[];
  response_trailers: Header[];
  response_delay_ms: number;
  response_data: Uint8Array[];
  error: WantedError | null;
}
interface UnaryRequest {
  response_definition: UnaryDefinition | null;
}
interface StreamRequest {
  response_definition: StreamDefinition | null;
}
interface BidiRequest extends StreamRequest {
  full_duplex: boolean;
}

/** The ConformanceService, ready for a router. */
export function bindConformance(schema: Schema): BoundService {
  const asAny = (call: Call, message: object): AnyMessage => ({
    type_url: `type.googleapis.com/${call.method.input.type}`,
    value: call.method.input.encode(message),
  });
  const requestInfo = (call: Call, requests: readonly AnyMessage[]) => ({
    request_headers: headersOf(call.metadata),
    timeout_ms: call.timeoutMs === undefined ? null : Math.round(call.timeoutMs),
    requests,
  });
  const infoDetail = (call: Call, requests: readonly AnyMessage[]): AnyMessage => ({
    type_url: `type.googleapis.com/${PACKAGE}.ConformancePayload.RequestInfo`,
    value: schema.codec(`${PACKAGE}.ConformancePayload.RequestInfo`).encode(requestInfo(call, requests)),
  });

  const answerOnce = async (definition: UnaryDefinition | null, call: Call, requests: readonly AnyMessage[]) => {
    setMetadata(call, definition);
    await delay(definition?.response_delay_ms ?? 0);
    if (definition?.response === "error") throw asked(definition.error!, infoDetail(call, requests));
    const data = definition?.response === "response_data" ? definition.response_data : null;
    return { payload: { data, request_info: requestInfo(call, requests) } };
  };

  const unary = (request: UnaryRequest, call: Call) =>
    answerOnce(request.response_definition, call, [asAny(call, request)]);

  /** What is left of the answers of a stream, then its error. */
  async function* rest(
    definition: StreamDefinition | null,
    call: Call,
    requests: readonly AnyMessage[],
    sent: number,
  ): Batches<object> {
    for (const [index, data] of (definition?.response_data ?? []).slice(sent).entries()) {
      await delay(definition!.response_delay_ms);
      yield [{ payload: { data, request_info: sent + index === 0 ? requestInfo(call, requests) : null } }];
    }
    if (!definition?.error) return;
    throw asked(definition.error, definition.response_data.length === 0 ? infoDetail(call, requests) : undefined);
  }

  /** An answer for each request, then the rest. */
  async function* fullDuplex(
    definition: StreamDefinition | null,
    batches: AsyncIterator<readonly BidiRequest[]>,
    first: readonly BidiRequest[],
    call: Call,
  ): Batches<object> {
    const answers = definition?.response_data ?? [];
    let requests: AnyMessage[] = [];
    let sent = 0;
    for (let batch: readonly BidiRequest[] | undefined = first; batch !== undefined; batch = await taken(batches)) {
      for (const request of batch) {
        requests.push(asAny(call, request));
        if (sent >= answers.length) return yield* rest(definition, call, requests, sent);
        await delay(definition!.response_delay_ms);
        const request_info = sent === 0 ? requestInfo(call, requests) : { requests };
        yield [{ payload: { data: answers[sent++]!, request_info } }];
        requests = [];
      }
    }
    yield* rest(definition, call, requests, sent);
  }

  return bindMethods(schema, `${PACKAGE}.ConformanceService`, {
    Unary: unary,
    IdempotentUnary: unary,
    Unimplemented() {
      throw new RpcError(Code.UNIMPLEMENTED, "not implemented, as asked");
    },
    ServerStream(request: StreamRequest, call: Call) {
      setMetadata(call, request.response_definition);
      return rest(request.response_definition, call, [asAny(call, request)], 0);
    },
    async ClientStream(batches: Batches<UnaryRequest>, call: Call) {
      let definition: UnaryDefinition | null | undefined;
      const requests: AnyMessage[] = [];
      for await (const batch of batches) {
        for (const request of batch) {
          definition ??= request.response_definition;
          requests.push(asAny(call, request));
        }
      }
      return await answerOnce(definition ?? null, call, requests);
    },
    async BidiStream(batches: Batches<BidiRequest>, call: Call) {
      // The headers depend on the first request, so they wait for it.
      const iterator = batches[Symbol.asyncIterator]();
      const buffered = await taken(iterator) ?? [];
      const [first] = buffered;
      const definition = first?.response_definition ?? null;
      setMetadata(call, definition);
      if (first?.full_duplex) return fullDuplex(definition, iterator, buffered, call);
      const requests = buffered.map((request) => asAny(call, request));
      for (let batch = await taken(iterator); batch !== undefined; batch = await taken(iterator)) {
        requests.push(...batch.map((request) => asAny(call, request)));
      }
      return rest(definition, call, requests, 0);
    },
  });
}

/** The suite counts the details of errors, also of those that the transport finds; ours carry the reason there. */
export const withoutDetails: Interceptor = (next) => async (call, input) => {
  try {
    const output = await next(call, input);
    return serverStreams(call.method) ? stripped(output as Batches<unknown>) : output;
  } catch (error) {
    throw bare(error);
  }
};

async function* stripped(batches: Batches<unknown>): Batches<unknown> {
  try {
    yield* batches;
  } catch (error) {
    throw bare(error);
  }
}

function bare(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const details = error.details.filter(({ value }) => !("domain" in value && value.domain === "steward"));
  return new RpcError(error.code, error.message, details);
}

async function taken<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  const { done, value } = await iterator.next();
  return done ? undefined : value;
}

function delay(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

function asked({ code, message, details }: WantedError, info?: AnyMessage): RpcError {
  const all = info ? [...details, info] : details;
  return new RpcError(
    code as Code,
    message ?? "",
    all.map(({ type_url, value }): Detail => ({ type: type_url.slice(type_url.lastIndexOf("/") + 1), value })),
  );
}

function setMetadata(call: Call, definition: Pick<UnaryDefinition, "response_headers" | "response_trailers"> | null) {
  const decoded = (name: string, value: string) =>
    name.toLowerCase().endsWith("-bin") ? Uint8Array.fromBase64(value, { lastChunkHandling: "loose" }) : value;
  for (const { name, value } of definition?.response_headers ?? []) {
    for (const each of value) call.headers.add(name, decoded(name, each));
  }
  for (const { name, value } of definition?.response_trailers ?? []) {
    for (const each of value) call.trailers.add(name, decoded(name, each));
  }
}

function headersOf(metadata: Metadata): Header[] {
  const headers = new Map<string, string[]>();
  for (const [name, value] of metadata) {
    const text = typeof value === "string" ? value : new Uint8Array(value).toBase64({ omitPadding: true });
    headers.set(name, [...headers.get(name) ?? [], text]);
  }
  return [...headers].map(([name, value]) => ({ name, value }));
}
