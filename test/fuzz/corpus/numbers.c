/* Numbers: big integers, SHA-256, CRC, Mersenne's twister, continued fractions, complex and 128-bit arithmetic, roots. */
#include "corpus.h"
#include <complex.h>
#include <stdint.h>

struct big {
	uint32_t limbs[24];
	int n;
};

static async struct big multiply(struct big a, uint32_t by)
{
	uint64_t carry = 0;
	for (int i = 0; i < a.n; i++) {
		carry += (uint64_t)a.limbs[i] * by;
		a.limbs[i] = (uint32_t)carry;
		carry >>= 32;
		if (i % 8 == 3)
			await pause_here();
	}
	if (carry)
		a.limbs[a.n++] = (uint32_t)carry;
	return a;
}

static async uint32_t divide(struct big *a, uint32_t by)
{
	uint64_t rest = 0;
	for (int i = a->n; i-- > 0;) {
		rest = rest << 32 | a->limbs[i];
		a->limbs[i] = (uint32_t)(rest / by);
		rest %= by;
	}
	while (a->n && !a->limbs[a->n - 1])
		a->n--;
	await pause_here();
	return (uint32_t)rest;
}

static async char *decimal(struct big a, char *end)
{
	*end = '\0';
	do
		*--end = (char)('0' + await divide(&a, 10));
	while (a.n);
	return end;
}

#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
static async uint32_t constant(int i, int root)
{
	static uint32_t known[64][2];
	if (known[i][root - 2])
		return known[i][root - 2];
	int prime = 2;
	for (int left = i;; prime++) {
		int d = 2;
		while (d * d <= prime && prime % d)
			d++;
		if (d * d > prime && left-- == 0)
			break;
	}
	await pause_here();
	unsigned __int128 low = 0, high = (unsigned __int128)32 << 32;
	while (high - low > 1) {
		unsigned __int128 middle = (low + high) / 2, power = middle * middle;
		if (root == 3)
			power *= middle;
		if (power <= (unsigned __int128)prime << (32 * root))
			low = middle;
		else
			high = middle;
	}
	return known[i][root - 2] = (uint32_t)low;
}

static async void sha256(const char *text, uint32_t hash[8])
{
	unsigned char block[64] = {0};
	uint32_t w[64], v[8];
	size_t size = strlen(text);
	memcpy(block, text, size);
	block[size] = 0x80;
	block[62] = (unsigned char)(size * 8 >> 8), block[63] = (unsigned char)(size * 8);
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (ROTATE(w[i - 15], 7) ^ ROTATE(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (ROTATE(w[i - 2], 17) ^ ROTATE(w[i - 2], 19) ^ w[i - 2] >> 10);
	for (int i = 0; i < 8; i++)
		v[i] = hash[i] = await constant(i, 2);
	for (int i = 0; i < 64; i++) {
		uint32_t one = v[7] + (ROTATE(v[4], 6) ^ ROTATE(v[4], 11) ^ ROTATE(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
			       await constant(i, 3) + w[i];
		uint32_t two = (ROTATE(v[0], 2) ^ ROTATE(v[0], 13) ^ ROTATE(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof *v);
		v[4] += one;
		v[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		hash[i] += v[i];
}

static async uint32_t crc(const char *text)
{
	uint32_t c = ~0u;
	for (; *text; text++, await pause_here())
		for (int bit = c ^= (unsigned char)*text, k = (bit = 0); k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0xEDB88320u : bit);
	return ~c;
}

static async double complex newton(double complex z, int *turns)
{
	for (*turns = 0; *turns < 40; ++*turns) {
		double complex step = (z * z * z - 1) / (3 * z * z);
		await pause_here();
		z -= step;
		if (creal(step) * creal(step) + cimag(step) * cimag(step) < 1e-20)
			break;
	}
	return z;
}

static async unsigned __int128 fibonacci(int n)
{
	unsigned __int128 a = 0, b = 1;
	while (n-- > 0) {
		unsigned __int128 sum = a + b;
		a = b;
		if (n % 10 == 0)
			await pause_here();
		b = sum;
	}
	return a;
}

static async int gcd(int a, int b)
{
	return b ? await gcd(b, a % b) : a;
}

static async float mean(const float *at, int n)
{
	float total = 0;
	for (int i = 0; i < n; total += at[i++])
		await pause_here();
	return n ? total / (float)n : 0.f;
}

async int main(void)
{
	struct big factorial = {{1}, 1};
	for (uint32_t i = 2; i <= 50; i++)
		factorial = await multiply(factorial, i);
	char digits[128];
	puts(await decimal(factorial, digits + 127));
	uint32_t hash[8];
	await sha256("abc", hash);
	for (int i = 0; i < 8; i++)
		printf("%08x%s", hash[i], i == 7 ? "\n" : "");
	printf("%08x\n", await crc("123456789"));
	int turns;
	double complex root = await newton(-1 + 1 * I, &turns);
	printf("%.6f %.6f after %d\n", creal(root), cimag(root), turns);
	unsigned __int128 f = await fibonacci(150);
	printf("%llx %llx\n", (unsigned long long)(f >> 64), (unsigned long long)f);
	printf("%d %d\n", await gcd(1071, 462), await gcd(17, 5));
	printf("%.3f\n", (double)await mean((const float[]){1, 2, 3.5f, 4}, 4));
	return 0;
}
