/**
 * Finds the name somebody probably meant.
 *
 * @module
 */

/** Longer names are not compared: nobody mistypes them by hand, and the work grows with the square. */
const maxLength = 64;

/**
 * The number of single edits (insert, delete, replace, swap two neighbours) that turn `a` into `b`, or `limit + 1` when
 * it is more than `limit`. This is the restricted Damerau-Levenshtein distance (optimal string alignment), in UTF-16
 * units.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    // A swap reaches two rows back, so both must be beyond the limit before the rest cannot come below it.
    if (least > limit && Math.min(...last) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length]!, limit + 1);
}

/**
 * The candidate nearest to `name`, ignoring case, or undefined when none is near: one edit is allowed for each
 * three characters, and one for a shorter name. Of several equally near the first wins. For
 * "quantty" and ["name", "quantity"] it is "quantity".
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name === "" || name.length > maxLength) return undefined;
  const wanted = name.toLowerCase();
  let limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    if (distance === 0) return candidate;
    best = candidate;
    limit = distance - 1;
  }
  return best;
}
