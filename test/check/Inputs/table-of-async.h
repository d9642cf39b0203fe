static async int read_one(int n)
{
	await async_sleep(0);
	return n;
}
static async int read_two(int n) { return await read_one(2 * n); }
static const struct ops { int (*read)(int); } ops = { read_one }, unused_here __attribute__((unused)) = { read_two };
