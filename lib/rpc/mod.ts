export { abortable, abortableBatches } from "./abortable.ts";
export { Call, type CallOrigin, failedOutcome, type Outcome, SUCCESS } from "./call.ts";
export { CATALOGUE, type Facts, type Reason } from "./catalogue.ts";
export { Code, type CodeName, codeName } from "./code.ts";
export { type Detail, fail, type FieldViolation, invalid, RpcError } from "./error.ts";
export {
  type Batches,
  bind,
  bindMethods,
  type BoundService,
  clientStreams,
  createRouter,
  type Handler,
  type Implementation,
  type Init,
  type Interceptor,
  type Invoke,
  type Route,
  type Router,
  serverStreams,
} from "./handler.ts";
export { currentCall, trackCall } from "./interceptors/current_call.ts";
export { deadline } from "./interceptors/deadline.ts";
export { errors } from "./interceptors/errors.ts";
export { LiveCalls } from "./interceptors/live_calls.ts";
export { logCalls } from "./interceptors/log.ts";
export { requestId } from "./interceptors/request_id.ts";
export { isMetadata, Metadata, type MetadataValue } from "./metadata.ts";
export { madeOnce, share } from "./shared.ts";
