/**
 * Stands in for `jsr:@std/assert` where the JSR registry cannot be reached: the same calls, over `node:assert`.
 * Only the assertions Steward's tests use are here. A message may be absent; the `!` satisfies `@types/node`, which
 * some npm packages bring into the type check and which knows no undefined message.
 *
 * @module
 */
import assert from "node:assert/strict";

/** What a failed assertion throws. */
export class AssertionError extends assert.AssertionError {
  constructor(message: string) {
    super({ message });
    this.name = "AssertionError";
  }
}

type AnyClass<E extends Error> = abstract new (...args: never[]) => E;

/** Throws unless `expression` is truthy. */
export function assert_(expression: unknown, message = "assertion failed"): asserts expression {
  if (!expression) throw new AssertionError(message);
}
export { assert_ as assert };

/** Throws unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assert.deepStrictEqual(actual, expected, message!);
}

/** Throws if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assert.notDeepStrictEqual(actual, expected, message!);
}

/** Throws unless both are the same value, as by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  assert.strictEqual(actual, expected, message!);
}

/** Throws if `actual` is null or undefined. */
export function assertExists<T>(actual: T, message = "expected a value"): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) throw new AssertionError(message);
}

/** Throws unless `actual` holds `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) {
    throw new AssertionError(message ?? `expected ${JSON.stringify(actual)} to hold ${JSON.stringify(expected)}`);
  }
}

/** Throws unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assert.match(actual, expected, message!);
}

/** Throws unless `actual` has the type and, if given, the text in its message. Returns it as that type. */
export function assertIsError<E extends Error>(
  actual: unknown,
  errorClass?: AnyClass<E>,
  includes?: string,
): asserts actual is E {
  if (!(actual instanceof (errorClass ?? Error))) {
    throw new AssertionError(`expected ${errorClass?.name ?? "an Error"}, got ${String(actual)}`);
  }
  if (includes !== undefined) assertStringIncludes((actual as Error).message, includes);
}

/** Throws unless `fn` throws; returns what it threw. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: AnyClass<E>,
  includes?: string,
): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    assertIsError(thrown, errorClass, includes);
    return thrown as E;
  }
  throw new AssertionError("expected a throw");
}

/** Rejects unless the promise of `fn` rejects; resolves to what it was rejected with. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: AnyClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    assertIsError(error, errorClass, includes);
    return error as E;
  }
  throw new AssertionError("expected a rejection");
}

/** Throws, always. */
export function fail(message = "failed"): never {
  throw new AssertionError(message);
}
