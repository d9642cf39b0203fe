package other

// Leaf is the callee that is not in sight: another package, never inlined.
//
//go:noinline
func Leaf(x uint64) uint64 { return (x ^ (x >> 7)) + 0x9e3779b97f4a7c15 }
