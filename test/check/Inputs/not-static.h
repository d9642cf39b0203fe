async int shared(int n)
{
	await async_sleep(0);
	return n;
}
