static async int next_number(void)
{
	static int number;
	await async_sleep(0);
	return ++number;
}
