/** Filters of lists and watches: a subset of AIP-160. */
export type { Predicate } from "./compile.ts";
export { FilterError } from "./error.ts";
export type { Field, FieldTable } from "./fields.ts";
export { parseFilter } from "./filter.ts";
export { filterLimits } from "./parser.ts";
