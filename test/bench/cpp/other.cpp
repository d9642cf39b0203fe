#include "co.hpp"
task<uint64_t> leaf_other(uint64_t x)
{
	co_return mix(x);
}
