/**
 * What Linux knows of a process.
 *
 * @module
 */

/** Of every Linux on x86-64 and arm64: the unit of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** CPU time of all threads of a process so far, in seconds; steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  return statSeconds(pid, 2);
}

/** The sum of the first so many of: own user time, own system time, the children's user time, theirs in the system. */
function statSeconds(pid: number, count: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name of the process, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 11 + count).reduce((sum, field) => sum + Number(field), 0) / TICKS_PER_SECOND;
}

/** CPU time of a process and of all its children that have ended, in seconds. */
export function familyCpuSeconds(pid: number): number {
  return statSeconds(pid, 4);
}

/** CPU time that the whole machine has been busy so far, over all cores, in seconds. */
export function machineBusySeconds(): number {
  const [user, nice, system, , , irq, softirq] = Deno.readTextFileSync("/proc/stat").split("\n")[0]!.split(/\s+/).slice(
    1,
  )
    .map(Number) as [number, number, number, number, number, number, number];
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** Resident memory of a process now, in MB (10^6 bytes). */
export function residentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`process ${pid} is gone`);
  return Number(kib) * 1024 / 1e6;
}

/** The most memory that a process has while something goes on, in MB, looked at every 25 ms. */
export async function peakResidentMb(pid: number, during: Promise<unknown>): Promise<number> {
  let peak = residentMb(pid);
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, residentMb(pid));
    } catch {
      // It has ended; the last look below says so.
    }
  }, 25);
  try {
    await during;
    return Math.max(peak, residentMb(pid));
  } finally {
    clearInterval(timer);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs a command to its end and gives what it printed. @throws When it fails, with what it said. */
export async function output(command: string, args: readonly string[], options: Deno.CommandOptions = {}) {
  const child = new Deno.Command(command, { ...options, args: [...args], stdout: "piped", stderr: "piped" });
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (code !== 0) {
    const said = decoder.decode(stderr).trim() || decoder.decode(stdout).trim();
    throw new Error(`${command} ended with ${signal ?? code}: ${said.slice(-2000)}`);
  }
  return decoder.decode(stdout);
}
