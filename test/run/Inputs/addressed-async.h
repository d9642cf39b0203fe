#ifndef ADDRESSED_ASYNC_H
#define ADDRESSED_ASYNC_H
typedef int turn(int n);
static async int second(int n);
static inline async int first(int n)
{
	turn *pointer = second;
	await async_sleep(0);
	printf("first %d\n", n);
	return n > 1 ? await pointer(n - 1) : 1;
}
static async int second(int n)
{
	await async_sleep(0);
	printf("second %d\n", n);
	turn *pointer = n & 1 ? first : &second;
	return n > 1 ? await pointer(n - 1) + 1 : 1;
}
static async int only_called(int n) { return await second(n); }
#endif
