#ifndef INLINE_H
#define INLINE_H
struct tally { int n; };
static inline async int leaf(int n)
{
	await async_sleep(0);
	return n;
}
static inline async int from_header(int n)
{
	struct tally tally = { 0 };
	for (int i = 0; i < n; i++)
		tally.n += await leaf(i);
	return n > 1 ? await from_header(n - 1) + tally.n : tally.n;
}
static async int also_static(int n) { return await leaf(n) + (__func__[0] == 'a'); }
static inline async int unused_in_this_file(int n) { await async_sleep(0); return n; }
#endif
