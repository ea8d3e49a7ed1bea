export { JsonCodecs } from "./json.ts";
export { type Codec } from "./codec.ts";
export { loadSchema, type Method, type MethodKind, type Schema, type ServiceSchema } from "./schema.ts";
export { fileDescriptors, typeRegistry } from "./descriptors.ts";
export * from "./contract.gen.ts";
