#ifndef VARIADIC_H
#define VARIADIC_H
static inline async int from_header(int n, ...)
{
	va_list list;
	int total = 0;
	va_start(list, n);
	for (; n; n--)
		total += va_arg(list, int);
	va_end(list);
	await async_sleep(0);
	return total;
}
#endif
