// The words of C23 mean in async functions what they mean elsewhere: auto, typeof, constexpr, nullptr, bool, _BitInt, [[...]], {}.
// RUN: %asyncc -std=gnu2x %s -o %t.c
// RUN: %clang_bin -std=gnu2x -Wall -Wextra -Werror -I%include %t.c -o %t.exe %lib/libasyncc.a -pthread -ldl
// RUN: %t.exe | FileCheck %s
// RUN: %clang_bin -std=gnu2x -w -I%include %s -o %t.twin %lib/libasyncc.a -pthread -ldl
// RUN: %t.twin | FileCheck %s
// CHECK: 3 6 3 549755813887 1 1 0 12 0
#include <async.h>
#include <stdio.h>

[[nodiscard]] static async int pause(int n)
{
	if (n & 1)
		await async_sleep(0);
	return n;
}

[[maybe_unused]] static async int twice([[maybe_unused]] int n, [[maybe_unused]] int spare)
{
	return 2 * await pause(n);
}

async int main(void)
{
	auto deduced = await pause(3);
	typeof(deduced) same = await pause(4);
	constexpr int limit = 3, squares[limit] = {1, 4, 9};
	_BitInt(40) wide = 0x7FFFFFFFF0;
	unsigned _BitInt(7) narrow = await pause(5);
	void *nothing = nullptr;
	bool truth = await pause(1);
	int list[2] = {};
	await async_sleep(0);
	switch (deduced) {
	case 3:
		same++;
		[[fallthrough]];
	case 4:
		same += await pause(1);
	}
	wide += await pause(7) + narrow + limit + squares[deduced - 1] - 9;
	static_assert(limit == 3 && squares[1] == 4);
	int more[limit] = {0}, *p = &more[limit - 1];
	*p += await pause(2) - 2;
	int counts[2][more[0] + 40] = {};
	await async_sleep(0);
	for (int i = 1; i < 2 * 40; i++)
		counts[0][0] |= (&counts[0][0])[i];
	printf("%d %d %d %lld %d %d %d %d %d\n", deduced, same, limit, (long long)wide, nothing == nullptr, truth + more[2], list[1],
	       await twice(6, 0), counts[0][0]);
	return 0;
}
