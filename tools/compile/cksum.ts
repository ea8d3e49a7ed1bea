/** Of POSIX cksum: a CRC-32 over the bytes and then their number, most significant bit first. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc << 1 ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/** The first number that `cksum FILE` prints. */
export function cksum(bytes: Uint8Array): number {
  let crc = 0;
  const add = (byte: number) => crc = crc << 8 ^ TABLE[crc >>> 24 ^ byte]!;
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length % 256);
  return ~crc >>> 0;
}
