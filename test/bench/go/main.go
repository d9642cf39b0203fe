// Go peer: goroutines at GOMAXPROCS=1. An "await" of a function is a plain call, so awaits and fib
// measure Go's calls; yields are runtime.Gosched.
package main

import (
	"bench/other"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const seed = 88172645463325252

func xs64(x uint64) uint64 { x ^= x << 13; x ^= x >> 7; x ^= x << 17; return x }
func leaf(x uint64) uint64 { return (x ^ (x >> 7)) + 0x9e3779b97f4a7c15 }

func report(b string, v float64, unit string, check uint64) {
	st, _ := os.ReadFile("/proc/self/status")
	hwm := ""
	for _, l := range strings.Split(string(st), "\n") {
		if strings.HasPrefix(l, "VmHWM:") {
			hwm = strings.Fields(l)[1]
		}
	}
	fmt.Printf("%s %.3f %s rss_kb=%s cpu_ms=%.0f check=%d\n", b, v, unit, hwm, cpuMs(), check)
}

// The clock of benchmarks that never wait: other processes do not show in it.
func cpuMs() float64 {
	var ru syscall.Rusage
	syscall.Getrusage(0, &ru)
	return float64(ru.Utime.Sec+ru.Stime.Sec)*1e3 + float64(ru.Utime.Usec+ru.Stime.Usec)/1e3
}

//go:noinline
func chain(d int, n uint64) uint64 {
	if d+1 < 64 {
		return chain(d+1, n) + 1
	}
	i := uint64(0)
	for ; i < n; i++ {
		runtime.Gosched()
	}
	return i
}

//go:noinline
func fib(n uint64) uint64 {
	if n < 2 {
		return n
	}
	a := fib(n - 1)
	return a + fib(n-2)
}

func main() {
	runtime.GOMAXPROCS(1)
	b := os.Args[1]
	dflt := map[string]uint64{"await_same_file": 20000000, "await_other_file": 20000000, "yield_deep": 5000000, "yield_two": 5000000, "spawn_await": 3000000, "fib": 30,
		"sleepers": 1000000, "timers": 1000000, "queue": 3000000, "hot_nested": 300 << 20, "hot_xorshift": 300 << 20, "hot_flat": 300 << 20}[b]
	n := dflt
	if len(os.Args) > 2 {
		n, _ = strconv.ParseUint(os.Args[2], 10, 64)
	}
	sleepMs := 3000
	if len(os.Args) > 3 {
		sleepMs, _ = strconv.Atoi(os.Args[3])
	}
	t := time.Now()
	busy := cpuMs()
	ns := func(k float64) float64 { return (cpuMs() - busy) * 1e6 / k }
	nf := float64(n)
	switch b {
	case "await_same_file":
		s := uint64(0)
		for i := uint64(0); i < n; i++ {
			s = leaf(s + i)
		}
		report(b, ns(nf), "ns/call", s)
	case "await_other_file":
		s := uint64(0)
		for i := uint64(0); i < n; i++ {
			s = other.Leaf(s + i)
		}
		report(b, ns(nf), "ns/call", s)
	case "yield_deep":
		c := make(chan uint64, 1)
		go func() { c <- chain(0, n) }()
		r := <-c
		report(b, ns(nf), "ns/yield", r)
	case "yield_two":
		c := make(chan uint64, 2)
		f := func() {
			i := uint64(0)
			for ; i < n; i++ {
				runtime.Gosched()
			}
			c <- i
		}
		go f()
		go f()
		r := <-c + <-c
		report(b, ns(2*nf), "ns/switch", r)
	case "spawn_await":
		s := uint64(0)
		for i := uint64(0); i < n; i++ {
			c := make(chan uint64, 1)
			go func(x uint64) { c <- x ^ 1 }(i)
			s += <-c
		}
		report(b, ns(nf), "ns/spawn+join", s)
	case "fib":
		x, y := uint64(0), uint64(1)
		for k := uint64(0); k <= n; k++ {
			x, y = y, x+y
		}
		r := uint64(0)
		for k := 0; k < 5; k++ {
			r = fib(n)
		}
		report(b, ns(5*float64(2*x-1)), "ns/call", r)
	case "sleepers", "timers":
		var wg sync.WaitGroup
		wg.Add(int(n))
		x := uint64(seed)
		for i := uint64(0); i < n; i++ {
			x = xs64(x)
			d := time.Duration(sleepMs) * time.Millisecond
			if b == "timers" {
				d = time.Duration(x%1000000) * time.Microsecond
			}
			go func() { time.Sleep(d); wg.Done() }()
		}
		wg.Wait()
		ms := float64(time.Since(t).Nanoseconds()) / 1e6
		if b == "sleepers" {
			report(b, ms-float64(sleepMs), "ms-beyond", n)
		} else {
			report(b, ms, "ms-wall", n)
		}
	case "queue":
		c1, c2, out := make(chan uint64, 1), make(chan uint64, 1), make(chan uint64, 1)
		go func() {
			s := uint64(0)
			for i := uint64(0); i < n; i++ {
				c1 <- i
				s += <-c2
			}
			out <- s
		}()
		go func() {
			for {
				c2 <- <-c1 + 1
			}
		}()
		r := <-out
		report(b, ns(nf), "ns/roundtrip", r)
	case "hot_nested":
		x, s := uint64(seed), uint64(0)
		for i := uint64(0); i < n/1024; i++ {
			for j := 0; j < 1024; j++ {
				x = xs64(x)
				s += x
			}
			runtime.Gosched()
		}
		report(b, ns(nf), "ns/iter", s)
	case "hot_xorshift":
		x, s := uint64(seed), uint64(0)
		for i := uint64(0); i < n; i++ {
			x = xs64(x)
			s += x
			if i&1023 == 1023 {
				runtime.Gosched()
			}
		}
		report(b, ns(nf), "ns/iter", s)
	case "hot_flat":
		x, s := uint64(seed), uint64(0)
		for i := uint64(0); i < n; i++ {
			x += 0x9e3779b97f4a7c15
			s ^= x
			if i&1023 == 1023 {
				runtime.Gosched()
			}
		}
		report(b, ns(nf), "ns/iter", s)
	default:
		os.Exit(2)
	}
}
