/**
 * Disks that fail: small file systems and files that turn read-only. Both need root.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

/** Runs a command; what it says when it fails, else null. */
export function run(command: string, ...args: string[]): string | null {
  try {
    const { success, stderr } = new Deno.Command(command, { args, stdout: "null", stderr: "piped" }).outputSync();
    return success ? null : new TextDecoder().decode(stderr).trim().split("\n")[0]!;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A test that the machine may not allow; `refusal` is why not, or null. */
export function testIf(refusal: string | null, sentence: string, fn: () => Promise<void>): void {
  Deno.test({ name: refusal === null ? sentence : `${sentence} (ignored: ${refusal})`, ignore: refusal !== null, fn });
}

/** Why this user cannot have a file system of his own, or null. */
export function whyNoSmallDisk(): string | null {
  return attempt((directory) =>
    run("mount", "-t", "tmpfs", "-o", "size=1m", "steward-test", directory) ?? run("umount", directory)
  );
}

/** Why this user cannot make files immutable, or null. */
export function whyNoFreezing(): string | null {
  return attempt((directory) => run("chattr", "+i", directory) ?? run("chattr", "-i", directory));
}

function attempt(work: (directory: string) => string | null): string | null {
  const directory = Deno.makeTempDirSync();
  try {
    return work(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Runs `use` in a small file system of its own. */
export async function withSmallDisk(mebibytes: number, use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "steward-disk-" });
  try {
    assertEquals(run("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "steward-test", directory), null);
    try {
      await use(directory);
    } finally {
      assertEquals(run("umount", directory), null);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
