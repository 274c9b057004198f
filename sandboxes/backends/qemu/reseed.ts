/**
 * The one program inside the machine that no package brings: it has the kernel mix what was written to its random pool
 * into its generator at once. A machine that was restored would otherwise draw the same random numbers as every other
 * that was restored from the same snapshot. Started with /dev/urandom as its standard input; exit code 0: done.
 */

/** ioctl(0, RNDRESEEDCRNG, 0), then exit with its result negated: x86-64, numbers from Linux' random.h and its table of system calls. */
const code = [
  ...[0x31, 0xff], // xor edi, edi
  ...[0xbe, 0x07, 0x52, 0x00, 0x00], // mov esi, 0x5207 (RNDRESEEDCRNG)
  ...[0x31, 0xd2], // xor edx, edx
  ...[0xb8, 0x10, 0x00, 0x00, 0x00], // mov eax, 16 (ioctl)
  ...[0x0f, 0x05], // syscall
  ...[0xf7, 0xd8], // neg eax
  ...[0x89, 0xc7], // mov edi, eax
  ...[0xb8, 0x3c, 0x00, 0x00, 0x00], // mov eax, 60 (exit)
  ...[0x0f, 0x05], // syscall
];
const loadAddress = 0x40_0000;
const headerBytes = 64;
const segmentBytes = 56;

/** An ELF file of one segment, by elf(5). */
export function reseedProgram(): Buffer {
  const file = Buffer.alloc(headerBytes + segmentBytes + code.length);
  const entry = BigInt(loadAddress + headerBytes + segmentBytes);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(62, 18); // x86-64
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(entry, 24);
  file.writeBigUInt64LE(BigInt(headerBytes), 32); // segments begin here
  file.writeUInt16LE(headerBytes, 52);
  file.writeUInt16LE(segmentBytes, 54);
  file.writeUInt16LE(1, 56); // segments
  file.writeUInt32LE(1, headerBytes); // to be loaded
  file.writeUInt32LE(5, headerBytes + 4); // readable, executable
  file.writeBigUInt64LE(BigInt(loadAddress), headerBytes + 16);
  file.writeBigUInt64LE(BigInt(loadAddress), headerBytes + 24);
  file.writeBigUInt64LE(BigInt(file.length), headerBytes + 32);
  file.writeBigUInt64LE(BigInt(file.length), headerBytes + 40);
  file.writeBigUInt64LE(0x1000n, headerBytes + 48); // alignment
  file.set(code, headerBytes + segmentBytes);
  return file;
}
