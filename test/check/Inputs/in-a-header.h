static inline int in_a_header(int n)
{
	return async_run(step(n));
}
