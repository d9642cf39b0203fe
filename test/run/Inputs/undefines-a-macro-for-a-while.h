#pragma push_macro("LIMIT")
#undef LIMIT
static inline int LIMIT(int x)
{
	return x;
}
#pragma pop_macro("LIMIT")
