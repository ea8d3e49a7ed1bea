export { type Codec } from "./codec.ts";
export { loadSchema, type Method, type MethodKind, type Schema, type ServiceSchema } from "./schema.ts";
export { fileDescriptors, typeRegistry } from "./descriptors.ts";
export type * from "./contract.gen.ts";
