/**
 * Messages that go to many calls, such as the event that every watcher is given. What is made of one is kept with it, so
 * that it is made once and not for every call.
 *
 * @module
 */

const KEPT = new WeakMap<object, Map<unknown, unknown>>();

/** Marks a message as one that goes to many calls. It must not change any more. */
export function share<T extends object>(message: T): T {
  KEPT.set(message, new Map());
  return message;
}

/** What was made of a shared message for this key, or is made now; for any other message it is made each time. */
export function madeOnce<T>(message: object, key: unknown, make: () => T): T {
  const kept = KEPT.get(message);
  if (!kept) return make();
  let made = kept.get(key) as T | undefined;
  if (made === undefined) kept.set(key, made = make());
  return made;
}
