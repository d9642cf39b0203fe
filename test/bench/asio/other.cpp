#include "../common/bench.h"
#include <asio.hpp>
#include <asio/awaitable.hpp>
asio::awaitable<uint64_t> leaf_other(uint64_t x);
asio::awaitable<uint64_t> leaf_other(uint64_t x)
{
	co_return mix(x);
}
