/**
 * Moduli of a broken generator of RSA keys (CVE-2017-15361, "ROCA"): its primes have the form
 * k·M + (65537^a mod M), which shows in the remainders of the modulus: modulo each small prime that
 * divides M they lie in the group that 65537 generates. A sound modulus passes by chance once in 2^27.
 */

const PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157] as const;
const GENERATOR = 65_537;

/** For each prime, the remainders of the powers of the generator. */
const MARKS: readonly (readonly [bigint, ReadonlySet<number>])[] = PRIMES.map((prime) => {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * GENERATOR) % prime) powers.add(power);
  return [BigInt(prime), powers];
});

/** `modulus` is big-endian. */
export function hasRocaFingerprint(modulus: Buffer): boolean {
  const n = BigInt(`0x${modulus.toString('hex')}`);
  return MARKS.every(([prime, powers]) => powers.has(Number(n % prime)));
}
